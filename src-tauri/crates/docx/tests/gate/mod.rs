//! What a written Word file is judged by: our own checks, the judges in Python, and LibreOffice.

pub mod catalogue;
pub mod defects;
pub mod faults;
pub mod good;
pub mod instruction;
pub mod judges;
pub mod marks;
pub mod package;
pub mod relations;
pub mod samples;
pub mod xml;
