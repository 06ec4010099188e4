//! `cargo xtask test`: everything CI runs, in the order that fails soonest.

use std::time::Instant;

use crate::setup::{self, Tools};
use crate::shell::{Done, Step, Stop, cargo, target};

type Run = fn(&Tools) -> Done;

const STEPS: &[(&str, Run)] = &[
    ("format", |_| cargo(&["fmt", "--all", "--check"]).run()),
    ("licences", licences),
    ("ui", |_| ui()),
    ("lint", |_| {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ])
        .run()
    }),
    ("rust", rust),
    ("window", window),
    ("docs", |_| {
        cargo(&[
            "doc",
            "--workspace",
            "--no-deps",
            "--quiet",
            "--document-private-items",
        ])
        .with("RUSTDOCFLAGS", "-D warnings")
        .run()
    }),
];

/// Runs all steps, or the named ones.
pub fn run(names: &[&str]) -> Done {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|(known, _)| known != *name))
    {
        let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
        return Err(Stop(format!(
            "there is no step “{unknown}”; the steps are: {}",
            known.join(" ")
        )));
    }
    setup::for_app()?;
    let tools = setup::for_tests()?;
    let mut times = Vec::new();
    for (name, step) in STEPS
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
    {
        println!("\n== {name}");
        let start = Instant::now();
        step(&tools)?;
        times.push(format!("{name} {} s", start.elapsed().as_secs()));
    }
    println!("\nAll steps passed: {}", times.join(", "));
    Ok(())
}

/// Licences, bans and sources. Advisories need the network and are left to the maintainers.
fn licences(tools: &Tools) -> Done {
    // The judge reads the manifests of every target's crates; a build fetches only this machine's.
    cargo(&["fetch", "--locked", "--quiet"]).run()?;
    Step::new(
        tools.cargo.join("cargo-deny"),
        &[
            "--offline",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ],
    )
    .run()
}

fn ui() -> Done {
    for script in ["check", "test", "build"] {
        Step::new("npm", &["run", "--silent", script])
            .below("ui")
            .run()?;
    }
    Ok(())
}

/// All tests of the crates, with the heavy gates switched on.
fn rust(tools: &Tools) -> Done {
    program()?;
    default_model()?;
    gated(cargo(&["test", "--workspace", "--quiet"]), tools).run()
}

/// The end-to-end tests in a real window on a display of their own.
fn window(tools: &Tools) -> Done {
    program()?;
    default_model()?;
    gated(
        cargo(&[
            "test",
            "--workspace",
            "--test",
            "window",
            "--",
            "--test-threads=1",
            "--nocapture",
        ]),
        tools,
    )
    .with("MOQI_WINDOW", "1")
    .with("MOQI_DRIVER", tools.cargo.join("tauri-driver"))
    .run()
}

/// Names a Python with `llama-cpp-python[server]`; building that package takes minutes, so it is not installed here.
const LLAMA_PYTHON: &str = "MOQI_LLAMA_PYTHON";

fn gated(step: Step, tools: &Tools) -> Step {
    let step = match std::env::var_os(LLAMA_PYTHON) {
        Some(python) => step.with(LLAMA_PYTHON, python),
        None => {
            println!(
                "The test against llama-cpp-python's server is skipped: {LLAMA_PYTHON} names no Python."
            );
            step
        }
    };
    step.with("MOQI_GATES", "1")
        .with("MOQI_PYTHON_BIN", &tools.python)
        .with("MOQI_TEST_MODEL", model_file())
        .with("MOQI_TEST_HOME", target().join("tools/home"))
}

/// The program as it stands now, which whole-program tests run. Of the whole workspace with its examples: so it needs its
/// dependencies with the features that the tests need them with, and they are built once.
fn program() -> Done {
    cargo(&["build", "--workspace", "--bins", "--examples", "--quiet"]).run()
}

/// The default model in a data folder of the tests' own, fetched once.
fn default_model() -> Done {
    if model_file().is_file() {
        return Ok(());
    }
    Step::new(
        target().join("debug").join("moqi"),
        &["models", "fetch", "smollm2-135m-instruct-q4_1"],
    )
    .with("MOQI_HOME", target().join("tools/home"))
    .run()
}

fn model_file() -> std::path::PathBuf {
    target().join("tools/home/models/smollm2-135m-instruct-q4_1/SmolLM2-135M-Instruct.Q4_1.gguf")
}
