//! Measures a model on this machine: load, reading, writing, memory, and how soon it stops.
//!
//!     cargo run --release -p moqi-lm --example speed -- model.gguf [prompt tokens] [new tokens]

#![allow(clippy::print_stdout, reason = "it is what an example is for")]

use std::ops::ControlFlow;
use std::time::Instant;

use moqi_lm::{Base, Event, Sampling};

const TEXT: &str = "The Supplier shall deliver the Goods to the Buyer at the place and on the date set out in Schedule 1. \
    Risk in the Goods passes on delivery; title passes when the Price has been paid in full. ";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a GGUF file")?;
    let prompt_tokens: usize = arguments.next().map_or(Ok(512), |n| n.parse())?;
    let new_tokens: usize = arguments.next().map_or(Ok(128), |n| n.parse())?;

    let started = Instant::now();
    let base = Base::load(path.as_ref())?;
    println!("load            {:>8.3} s", started.elapsed().as_secs_f64());
    let info = base.info();
    println!(
        "model           {} {} {}, {} M parameters, file {} MB, weights {} MB, {} kB a token",
        info.name,
        info.architecture,
        info.quantisation,
        info.parameters / 1_000_000,
        info.file_bytes / 1_000_000,
        info.weight_bytes / 1_000_000,
        info.bytes_per_token / 1000
    );
    println!(
        "memory loaded   {:>8} MB (peak {} MB)",
        memory("VmRSS"),
        memory("VmHWM")
    );

    let tokens = base.tokenize(&TEXT.repeat(1 + prompt_tokens / 30), false);
    let prompt = base.detokenize(&tokens[..prompt_tokens.min(tokens.len())]);
    let mut rates = Vec::new();
    for _ in 0..3 {
        let sampling = Sampling {
            temperature: 0.0,
            repeat_penalty: 1.0,
            max_tokens: new_tokens,
            ..Sampling::default()
        };
        let made = base
            .session()?
            .generate(&prompt, &sampling, &mut |_| ControlFlow::Continue(()))?;
        rates.push((
            made.prompt_tokens as f64 / made.prefill_seconds,
            made.tokens as f64 / made.decode_seconds,
        ));
    }
    for (reading, writing) in rates {
        println!("reading {reading:>8.1} tokens/s   writing {writing:>8.1} tokens/s");
    }
    println!(
        "memory at work  {:>8} MB (peak {} MB)",
        memory("VmRSS"),
        memory("VmHWM")
    );

    // A break is given by the next event after 100 ms, so the wait is from that moment until the session returns; and
    // the longest time between two events is the longest anybody who wants to stop can wait for the next one.
    for (name, max_tokens, prompt) in [
        (
            "reading",
            1,
            prompt.repeat((info.context_length / (prompt_tokens + 8)).clamp(1, 4)),
        ),
        ("writing", 10_000, TEXT.to_owned()),
    ] {
        let started = Instant::now();
        let (mut last, mut longest, mut asked) = (Instant::now(), 0f64, None);
        let sampling = Sampling {
            max_tokens,
            ..Sampling::default()
        };
        base.session()?
            .generate(&prompt, &sampling, &mut |event: Event<'_>| {
                let _ = event;
                longest = longest.max(last.elapsed().as_secs_f64());
                last = Instant::now();
                if started.elapsed().as_millis() > 1000 {
                    asked = Some(Instant::now());
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
        let after = asked.map_or(0.0, |asked| asked.elapsed().as_secs_f64());
        println!(
            "stop in {name}: at most {:.0} ms to the next event, {:.1} ms from there",
            longest * 1000.0,
            after * 1000.0
        );
    }
    Ok(())
}

/// Memory of this process in MB, where the system tells.
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(key))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0)
        / 1000
}
