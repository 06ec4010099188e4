//! Tests of the writing half.

mod gates;
mod invariants;
mod samples;
mod unzip;
