//! Speed of a model file on this machine: `cargo run --release -p moqi-lm --example speed -- MODEL.gguf THREADS TEXT.md`, with
//! a text of at least 512 tokens.
#![allow(clippy::print_stdout, reason = "figures are shown")]

use std::time::Instant;

use moqi_lm::{Base, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("names no model")?;
    let threads = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let started = Instant::now();
    let options = Options {
        threads: Some(threads),
        ..Options::default()
    };
    let base = Base::load_with(path.as_ref(), &options)?;
    println!("load {:.2} s", started.elapsed().as_secs_f64());
    let text = std::fs::read_to_string(arguments.next().ok_or("names no text")?)?;
    let prompt: Vec<u32> = base.tokenize(&text, false).into_iter().take(512).collect();
    let mut session = base.session()?;
    for _ in 0..3 {
        let (prefill, decode) = session.measure(&prompt, &prompt[..128], 1)?;
        println!(
            "prefill {:.0} tokens/s, decode {:.1} tokens/s",
            512.0 / prefill,
            128.0 / decode
        );
    }
    for rows in [1, 2, 4, 8] {
        let (_, seconds) = session.measure(&prompt, &prompt[..128], rows)?;
        println!(
            "a step of {rows}: {:.2} ms",
            seconds * 1000.0 * rows as f64 / 128.0
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!(
        "{}",
        status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or("")
    );
    Ok(())
}
