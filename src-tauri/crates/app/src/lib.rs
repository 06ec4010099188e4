//! The use cases and the one job queue.
