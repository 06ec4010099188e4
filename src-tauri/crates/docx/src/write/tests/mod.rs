//! Tests of the writing half.

mod count;
mod gates;
mod invariants;
mod samples;
mod unzip;
