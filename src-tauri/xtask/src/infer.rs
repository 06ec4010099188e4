//! `cargo xtask bench infer [MODEL.gguf]...`: ours and llama.cpp in turn, on the same files.
//!
//! `MOQI_LLAMA_PYTHON` names a Python with llama-cpp-python (0.3.36 or later, built natively) and numpy; without it only
//! ours is measured. Medians of `MOQI_BENCH_PAIRS` pairs, five where it is not set, and ratios are printed.

use std::path::Path;
use std::process::Command;

use crate::figures::{figures, median};
use crate::shell::Done;

/// What one run of llama.cpp prints as JSON; the prompt, the new tokens and the threads are those of `moqi bench infer`.
const THEIRS: &str = r#"
import json, resource, sys, time
import llama_cpp
P, N = 512, 128
started = time.time()
m = llama_cpp.Llama(sys.argv[1], n_ctx=P + N + 8, n_threads=2, n_threads_batch=2, n_batch=512, verbose=False)
load = time.time() - started
ids = [1 + n * 7919 % (m.n_vocab() - 1) for n in range(P)]
m.eval(ids[:64])
m.reset()
started = time.time()
m.eval(ids)
m._ctx.get_logits()
prefill = time.time() - started
started = time.time()
for n in range(N):
    m.eval([ids[n]])
decode = time.time() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"load_s": load, "prefill_tps": P / prefill, "decode_tps": N / decode, "peak_mb": peak}))
"#;

const FIGURES: [(&str, bool); 4] = [
    ("prefill_tps", true),
    ("decode_tps", true),
    ("load_s", false),
    ("peak_mb", false),
];

/// Measures each file.
pub fn bench(moqi: &Path, files: &[&str]) -> Done {
    let python = std::env::var("MOQI_LLAMA_PYTHON").ok();
    let pairs = std::env::var("MOQI_BENCH_PAIRS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5usize);
    for file in files {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..pairs {
            let mut command = Command::new(moqi);
            command.args(["bench", "infer", "--threads", "2", "--json", "--file", file]);
            ours.push(figures(command, FIGURES.map(|(name, _)| name))?);
            if let Some(python) = &python {
                let mut command = Command::new(python);
                command.args(["-c", THEIRS, file]);
                theirs.push(figures(command, FIGURES.map(|(name, _)| name))?);
            }
        }
        println!("{file}, medians of {pairs} runs in turn, 2 threads");
        for (at, (name, more_is_better)) in FIGURES.iter().enumerate() {
            let middle =
                |runs: &[[Option<f64>; 4]]| median(runs.iter().filter_map(|run| run[at]).collect());
            let (a, b) = (middle(&ours), middle(&theirs));
            match (a, b) {
                (Some(a), Some(b)) => {
                    let ratio = if *more_is_better { a / b } else { b / a };
                    println!(
                        "  {name:<12} ours {a:>9.2}   llama.cpp {b:>9.2}   better by {ratio:.2}"
                    );
                }
                (Some(a), None) => println!("  {name:<12} ours {a:>9.2}"),
                _ => {}
            }
        }
    }
    Ok(())
}
