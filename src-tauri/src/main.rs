//! The window and the command line of Moqi.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod cli;
mod ipc;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().unwrap_or_else(window::open)
}
