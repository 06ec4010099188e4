//! `cargo xtask bench infer|tune [MODEL.gguf]...`: ours and another program in turn, on the same files.
//!
//! `MOQI_LLAMA_PYTHON` names a Python with llama-cpp-python (0.3.36 or later, built natively) and numpy,
//! `MOQI_TORCH_PYTHON` one with torch, transformers, peft and gguf; without it only ours is measured. Medians of
//! `MOQI_BENCH_PAIRS` pairs and ratios are printed.

use std::path::Path;
use std::process::Command;

use crate::figures::{figures, median};
use crate::shell::Done;

/// What is measured, and beside whom.
pub struct Match {
    /// The bench of the program.
    bench: &'static str,
    /// The other program.
    other: &'static str,
    /// The variable that names its Python.
    python: &'static str,
    /// What one run of it prints as JSON.
    script: &'static str,
    /// The figures, and whether more is better.
    figures: [(&'static str, bool); 4],
    /// Pairs where nobody says how many.
    pairs: usize,
}

/// Reading and writing.
pub const INFER: Match = Match {
    bench: "infer",
    other: "llama.cpp",
    python: "MOQI_LLAMA_PYTHON",
    script: LLAMA,
    figures: [
        ("prefill_tps", true),
        ("decode_tps", true),
        ("load_s", false),
        ("peak_mb", false),
    ],
    pairs: 5,
};

/// Tuning.
pub const TUNE: Match = Match {
    bench: "tune",
    other: "PyTorch",
    python: "MOQI_TORCH_PYTHON",
    script: TORCH,
    figures: [
        ("step_s", false),
        ("tune_tps", true),
        ("first_loss", false),
        ("peak_mb", false),
    ],
    pairs: 3,
};

/// The prompt, the new tokens and the threads are those of `moqi bench infer`.
const LLAMA: &str = r#"
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

/// The texts, the method and the threads are those of `moqi bench tune`; A begins with other numbers, and B with zeros, so
/// that the first loss is the same.
const TORCH: &str = r#"
import json, pathlib, resource, statistics, sys, time
import peft, torch, transformers
torch.set_num_threads(2)
path = pathlib.Path(sys.argv[1])
model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
rows = model.get_input_embeddings().num_embeddings
all = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=all))
texts = torch.tensor([[1 + (n * 7919 + at * 104729) % (rows - 1) for at in range(257)] for n in range(4)])
wanted = texts[:, 1:].contiguous()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-4)
model.train()
losses, steps = [], []
for _ in range(4):
    started = time.time()
    loss = model(input_ids=texts[:, :-1], labels=wanted, shift_labels=wanted).loss
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    losses.append(loss.item())
    steps.append(time.time() - started)
step = statistics.median(steps[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"step_s": step, "tune_tps": 1024 / step, "first_loss": losses[0], "peak_mb": peak}))
"#;

/// Measures each file.
pub fn bench(of: &Match, moqi: &Path, files: &[&str]) -> Done {
    let python = std::env::var(of.python).ok();
    let pairs = std::env::var("MOQI_BENCH_PAIRS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(of.pairs);
    let names = of.figures.map(|(name, _)| name);
    for file in files {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..pairs {
            let mut command = Command::new(moqi);
            command.args([
                "bench",
                of.bench,
                "--threads",
                "2",
                "--json",
                "--file",
                file,
            ]);
            ours.push(figures(command, names)?);
            if let Some(python) = &python {
                let mut command = Command::new(python);
                command.args(["-c", of.script, file]);
                theirs.push(figures(command, names)?);
            }
        }
        println!("{file}, medians of {pairs} runs in turn, 2 threads");
        for (at, (name, more_is_better)) in of.figures.iter().enumerate() {
            let middle =
                |runs: &[[Option<f64>; 4]]| median(runs.iter().filter_map(|run| run[at]).collect());
            let (a, b) = (middle(&ours), middle(&theirs));
            match (a, b) {
                (Some(a), Some(b)) => {
                    let ratio = if *more_is_better { a / b } else { b / a };
                    println!(
                        "  {name:<12} ours {a:>9.2}   {} {b:>9.2}   better by {ratio:.2}",
                        of.other
                    );
                }
                (Some(a), None) => println!("  {name:<12} ours {a:>9.2}"),
                _ => {}
            }
        }
    }
    Ok(())
}
