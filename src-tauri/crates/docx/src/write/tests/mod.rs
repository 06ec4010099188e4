//! Tests of the writing half.

mod count;
mod gates;
mod invariants;
mod layout;
mod samples;
mod unzip;
