//! Tests of the writing half.

mod count;
mod gates;
mod invariants;
mod layout;
mod samples;
mod unzip;

pub(in crate::write) use invariants::check;
pub(in crate::write) use unzip::parts;
