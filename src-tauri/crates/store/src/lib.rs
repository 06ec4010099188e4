//! The memory: one SQLite file, its migrations and its tables.
