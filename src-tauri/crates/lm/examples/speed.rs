use moqi_lm::*;
use std::ops::ControlFlow::Continue;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let keep: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let steps: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let targets = match std::env::args().nth(4).as_deref() { Some("qv") => vec![Target::Query, Target::Value], _ => Target::ALL.to_vec() };
    let base = Base::load_with(path.as_ref(), &Options{threads: Some(1), place: Place::Processor}).unwrap();
    let v = base.info().vocabulary as u32;
    let train_set: Vec<Example> = (0..4u32).map(|n| Example{tokens: (0..257u32).map(|i| (n*7919+i*104729)%(v-1)+1).collect(), from: 1}).collect();
    let config = TrainConfig{ method: Method::Lora(LowRank{targets, ..LowRank::default()}), steps: Some(steps), batch_tokens: 1028, keep_bytes: keep<<20, threads: 2, patience: 0, ..TrainConfig::default()};
    let mut last = 0.0;
    let t = train(&base, &Examples{train: train_set, ..Examples::default()}, &config, None, None, &mut |e| { if let TrainEvent::Step{step,loss,seconds,..}=e { println!("{step} {loss:.4} {:.2}s", seconds-last); last=seconds;} Continue(())}).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    println!("{} steps, {:.2} s/step, {peak}", t.steps, t.seconds/t.steps as f64);
}
