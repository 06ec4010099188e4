//! Figures of a model on a graphics card or on the processor, as JSON: tuning, and reading and writing.
//!
//! `cargo run --release -p moqi-lm --features cuda --example card -- tune MODEL card [STEPS] [WARM]`, and `decode` for
//! `tune`, `processor` for `card`. The texts and the method are those of `moqi bench tune`, so that `card.py` of the
//! reference can run the same beside it.
#![allow(clippy::print_stdout, reason = "figures are shown")]

use std::ops::ControlFlow;
use std::time::Instant;

use moqi_lm::{Base, Example, Examples, Options, Place, TrainConfig, TrainEvent};

type Failure = Box<dyn std::error::Error>;

const TEXTS: usize = 4;
const LENGTH: usize = 256;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, path, place, rest @ ..] = &arguments[..] else {
        return Err("card tune|decode MODEL card|processor [STEPS] [WARM]".into());
    };
    let place = match place.as_str() {
        "card" => Place::Card,
        "processor" => Place::Processor,
        other => return Err(format!("no device {other}").into()),
    };
    let started = Instant::now();
    let options = Options {
        threads: None,
        place,
    };
    let base = Base::load_with(path.as_ref(), &options)?;
    let load = started.elapsed().as_secs_f64();
    let number = |at: usize, usual: usize| rest.get(at).map_or(Ok(usual), |text| text.parse());
    match what.as_str() {
        "tune" => tune(&base, load, number(0, 70)?, number(1, 20)?),
        "decode" => decode(&base, load),
        other => Err(format!("nothing is called {other}").into()),
    }
}

fn token(number: usize, base: &Base) -> u32 {
    let vocabulary = base.info().vocabulary.max(2);
    u32::try_from(1 + number % (vocabulary - 1)).unwrap_or(1)
}

fn tune(base: &Base, load: f64, steps: usize, warm: usize) -> Result<(), Failure> {
    let text = |n: usize| Example {
        tokens: (0..=LENGTH)
            .map(|at| token(n * 7919 + at * 104_729, base))
            .collect(),
        from: 1,
    };
    let examples = Examples {
        train: (0..TEXTS).map(text).collect(),
        ..Examples::default()
    };
    let config = TrainConfig {
        steps: Some(steps),
        batch_tokens: TEXTS * (LENGTH + 1),
        // A rate that stays, as the other program's does; the first steps would rise otherwise.
        warmup: 0.0,
        ..TrainConfig::default()
    };
    // The bare base is measured before every tuning.
    moqi_lm::measure(base, None, &examples.train, 1, &mut || {
        ControlFlow::Continue(())
    })?;
    let free = base.card_free();
    let mut least = free;
    let (mut last, mut taken) = (Instant::now(), Vec::new());
    let trained = moqi_lm::train(base, &examples, &config, None, None, &mut |event| {
        match event {
            // The clock on the wall, so that nothing is left out.
            TrainEvent::Step { .. } => {
                taken.push(last.elapsed().as_secs_f64());
                last = Instant::now();
                least = base.card_free().min(least);
            }
            TrainEvent::Began { .. } => last = Instant::now(),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    let mut timed = taken.split_off(warm.min(taken.len().saturating_sub(1)));
    timed.sort_by(f64::total_cmp);
    let step = timed[timed.len() / 2];
    let mb = |bytes: Option<u64>| bytes.map_or(0, |bytes| bytes >> 20);
    println!(
        "{{\"device\": \"{}\", \"load_s\": {load:.3}, \"step_s\": {step:.6}, \"least_s\": {:.6}, \"tune_tps\": {:.1}, \"first_loss\": {:.6}, \"taken_mb\": {}, \"need_mb\": {}, \"losses\": {:?}}}",
        base.info().device,
        timed[0],
        (TEXTS * LENGTH) as f64 / step,
        trained.losses[0],
        mb(free
            .zip(least)
            .map(|(free, least)| free.saturating_sub(least))),
        mb(Some(moqi_lm::need(base, &config))),
        &trained.losses[..trained.losses.len().min(20)],
    );
    Ok(())
}

fn decode(base: &Base, load: f64) -> Result<(), Failure> {
    const PROMPT: usize = 512;
    const NEW: usize = 128;
    let prompt: Vec<u32> = (0..PROMPT).map(|n| token(n * 7919, base)).collect();
    let mut session = base.session()?;
    session.measure(&prompt[..64], &prompt[..8], 1)?;
    let (prefill, decode) = session.measure(&prompt, &prompt[..NEW], 1)?;
    println!(
        "{{\"device\": \"{}\", \"load_s\": {load:.3}, \"prefill_tps\": {:.1}, \"decode_tps\": {:.1}}}",
        base.info().device,
        PROMPT as f64 / prefill,
        NEW as f64 / decode
    );
    Ok(())
}
