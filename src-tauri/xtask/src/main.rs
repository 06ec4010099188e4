//! The two commands: `cargo xtask app` sets up and opens the program, `cargo xtask test` runs every check.
//!
//! Both say what they install before they install it, and do nothing a second time.
#![allow(
    clippy::print_stdout,
    reason = "a command line speaks on standard output"
)]

mod app;
mod beside;
mod figures;
mod setup;
mod shell;
mod test;
mod word;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask app            set up what is missing, build, and open the window (without a display: draft the sample contract)
cargo xtask test [STEP]..  run every check that CI runs, or only the named steps:
                           format licences ui lint rust window docs
cargo xtask bench open     print the figures of this machine (release build)
cargo xtask bench infer    reading and writing of the default model; with FILE.gguf.. beside llama.cpp (MOQI_LLAMA_PYTHON)
cargo xtask bench tune     a step of tuning; with FILE.gguf.. beside PyTorch and PEFT (MOQI_TORCH_PYTHON)
cargo xtask bench word     writing and reading of Word files beside npm docx, python-docx (MOQI_WORD_PYTHON) and pandoc
cargo xtask bench frames   frames of the window while the default model writes (under xvfb-run -a where there is no display)
cargo xtask setup          only set up what both commands need";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["app"] => app::open(),
        ["test", steps @ ..] => test::run(steps),
        ["bench", "word"] => word::bench(),
        ["bench", rest @ ..] => app::bench(rest),
        ["setup"] => setup::for_app().and_then(|()| setup::for_tests().map(|_| ())),
        _ => {
            println!("{HELP}");
            return if words.is_empty() || words == ["--help"] {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
