//! The checks: one rule, one file, findings with spans and fixes.
