//! The longest time between two looks at the brake, reading a long prompt and writing: what a cancel waits at most.
//! `cargo run --release -p moqi-lm --example gaps -- MODEL.gguf [THREADS]`
#![allow(clippy::print_stdout, reason = "figures are shown")]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use moqi_lm::{Base, Event, Options, Sampling};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("names no model")?;
    let threads = arguments.next().map(|text| text.parse()).transpose()?;
    let options = Options {
        threads,
        ..Options::default()
    };
    let base = Base::load_with(path.as_ref(), &options)?;
    let prompt = "The Seller shall deliver the Goods. 第二条 甲方应当付款。".repeat(60);
    let sampling = Sampling {
        max_tokens: 60,
        ..Sampling::default()
    };
    let (mut last, mut reading, mut writing) = (Instant::now(), Duration::ZERO, Duration::ZERO);
    let made = base.session()?.generate(&prompt, &sampling, &mut |event| {
        let gap = last.elapsed();
        last = Instant::now();
        match event {
            Event::Prefill { done: 0, .. } => {}
            Event::Prefill { .. } => reading = reading.max(gap),
            Event::Token { .. } => writing = writing.max(gap),
        }
        ControlFlow::Continue(())
    })?;
    println!(
        "{}: {} tokens read, {} written; longest gap reading {reading:?}, writing {writing:?}",
        base.info().device,
        made.prompt_tokens,
        made.tokens
    );
    Ok(())
}
