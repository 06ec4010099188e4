//! The model: load a base, write, score.
