//! The record of tunings, as files for others: tables, event files for TensorBoard, and the manifest of an adapter.
//!
//! All are pure functions over rows of the memory; nothing here reads or writes a file.

mod csv;
mod events;
mod manifest;

pub use csv::{csv_of_run, csv_of_runs};
pub use events::{events, events_name};
pub use manifest::{BaseNamed, Figures, MANIFEST, Manifest, SourceNamed};

#[cfg(test)]
mod tests;
