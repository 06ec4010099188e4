//! `tune`, `adapters`, `runs`, `forget`.

mod args;
mod walls;

use std::ops::ControlFlow;

use moqi_app::{
    AdapterInfo, App, Decision, Error, Halt, HouseClauseRow, Language, Phase, Plan, Result,
    TrainingRunRow, Tuning,
};
use serde_json::{Value, json};

pub use args::{AdapterAction, Forget, Goal, RunAction, Tune};
pub use walls::forget;

use super::Outcome;

/// `moqi tune`
pub fn tune(app: &App, tune: &Tune, language: Language) -> Result<Outcome> {
    let from = tune.from_adapter.as_deref().map(|id| app.adapter(id));
    let from = from.transpose()?;
    // What goes on from an adapter is for the same people, where nothing else is said.
    let wall = tune
        .wall
        .clone()
        .or_else(|| from.as_ref().map(|info| info.wall.clone()));
    let wanted = moqi_app::Tune {
        // Whole paths: a tuning that was broken off may be gone on with from elsewhere.
        paths: tune
            .from
            .iter()
            .map(|path| std::path::absolute(path).unwrap_or_else(|_| path.clone()))
            .collect(),
        model: tune.model.clone(),
        name: tune.name.clone(),
        task: match tune.task {
            Goal::Draft => moqi_app::Goal::Draft,
            Goal::Classify => moqi_app::Goal::Classify,
            Goal::Extract => moqi_app::Goal::Extract,
        },
        steps: tune.steps.map(|steps| steps as usize),
        rank: tune.rank as usize,
        seed: tune.seed,
        effort: tune.effort.into(),
        search: tune.search,
        from: from.map(|info| info.id),
        replay: tune.replay,
        wall: wall.unwrap_or_default(),
        ..moqi_app::Tune::default()
    };
    if let Some(folder) = &tune.export {
        app.export_tuning(&wanted, &tune.model, folder)?;
        let path = folder.display().to_string();
        return Ok(Outcome::new(json!({ "out": path }), vec![path]));
    }
    let mut shown = Shown::new(language);
    let tuned = app.tune(&wanted, &mut |event| shown.hear(event))?;
    shown.end();
    let (before, after) = tuned.loss;
    let zh = language == Language::Zh;
    let mut lines = plan_lines(&tuned.plan, language);
    match &tuned.adapter {
        Some(id) => {
            walls::keep(app, id)?;
            let change = 100.0 * ((after - before).exp() - 1.0);
            lines.push(if zh {
                format!("适配器 {id}（{}）已保存", tune.name)
            } else {
                format!("adapter {id} ({}) kept", tune.name)
            });
            lines.push(if zh {
                format!(
                    "留出的文件上的困惑度：{:.2} → {:.2}（{change:+.0}%）",
                    before.exp(),
                    after.exp()
                )
            } else {
                format!(
                    "perplexity on held-out documents: {:.2} → {:.2} ({change:+.0} %)",
                    before.exp(),
                    after.exp()
                )
            });
            if let Some(outcome) = &tuned.outcome {
                let told = outcome.sentences.iter().skip(1);
                let leaks = outcome.leaks.as_ref().map(|leaks| leaks.sentence());
                let told = told.cloned().chain(leaks);
                lines.extend(told.map(|sentence| sentence.in_language(language).to_owned()));
            }
        }
        None if zh => lines.push(format!(
            "已停止：学了 {} 步。再次运行同一命令可继续。",
            tuned.steps
        )),
        None => lines.push(format!(
            "stopped after {} steps; the same command goes on from there",
            tuned.steps
        )),
    }
    let [train, valid, test] = tuned.plan.examples;
    let json = json!({
        "adapter": tuned.adapter,
        "base": tune.model,
        "examples": { "train": train, "valid": valid, "test": test },
        "steps": tuned.steps,
        "loss": { "before": before, "after": after },
        "perplexity": { "before": before.exp(), "after": after.exp() },
        "seconds": tuned.seconds,
        "peak_mb": super::infer::peak_mb(),
        "stopped": tuned.stopped.name(),
        "tokens": tuned.plan.tokens,
        "masked": tuned.plan.masked.iter().map(|(_, count)| count).sum::<usize>(),
        "left_out": left_out(&tuned.plan, language),
        "figures": tuned.outcome.as_ref().map(|outcome| &outcome.figures),
        "leaks": tuned.outcome.as_ref().map(|outcome| &outcome.leaks),
    });
    Ok(Outcome::new(json, lines))
}

fn plan_lines(plan: &Plan, language: Language) -> Vec<String> {
    let [train, valid, test] = plan.examples;
    let (sources, tokens) = (plan.sources.len(), plan.tokens);
    let masked: usize = plan.masked.iter().map(|(_, count)| count).sum();
    let memory = plan.memory as f64 / 1e9;
    let mut lines = vec![match language {
        Language::Zh => format!(
            "{sources} 个文件：学习 {train} 段（{tokens} 词元），验证 {valid} 段，留出测试 {test} 段；遮去名称、号码、金额等 {masked} 处；约需内存 {memory:.1} GB"
        ),
        Language::En => format!(
            "{sources} files: {train} passages to learn ({tokens} tokens), {valid} to validate, {test} held out; names, numbers and amounts masked in {masked} places; about {memory:.1} GB of memory"
        ),
    }];
    for left in &plan.left_out {
        let why = left.why.sentence();
        lines.push(match language {
            Language::Zh => format!("未采用 {}：{}", left.name, why.zh),
            Language::En => format!("left out {}: {}", left.name, why.en),
        });
    }
    lines
}

fn left_out(plan: &Plan, language: Language) -> Vec<Value> {
    let each = plan.left_out.iter();
    each.map(|left| json!({ "name": left.name, "why": left.why.sentence().in_language(language) }))
        .collect()
}

/// What is shown of a tuning on its way, on a terminal.
struct Shown {
    language: Language,
    terminal: bool,
    /// Steps in all.
    steps: usize,
}

impl Shown {
    fn new(language: Language) -> Shown {
        use std::io::IsTerminal;
        Shown {
            language,
            steps: 0,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn hear(&mut self, event: Tuning) -> ControlFlow<Halt> {
        let zh = self.language == Language::Zh;
        let line = match event {
            Tuning::Reading { done, all } if zh => Some(format!("读取文件 {done} / {all}")),
            Tuning::Reading { done, all } => Some(format!("reading files {done} / {all}")),
            Tuning::Phase(Phase::Searching) if zh => Some("试用几种设置……".into()),
            Tuning::Phase(Phase::Searching) => Some("trying settings …".into()),
            Tuning::Tried(all) => {
                let tried = all.iter().filter_map(|one| Some((one, one.loss?)));
                let best = tried.min_by(|(_, a), (_, b)| a.total_cmp(b));
                best.map(|(one, loss)| {
                    let (rate, rank) = (one.learning_rate, one.rank);
                    if zh {
                        format!("目前最好：学习率 {rate}，秩 {rank}，损失 {loss:.3}")
                    } else {
                        format!("best so far: learning rate {rate}, rank {rank}, loss {loss:.3}")
                    }
                })
            }
            Tuning::Phase(Phase::Leaks) if zh => Some("检验是否泄露……".into()),
            Tuning::Phase(Phase::Leaks) => Some("testing for leaks …".into()),
            Tuning::Phase(Phase::Before | Phase::After) if zh => Some("测量中……".into()),
            Tuning::Phase(Phase::Before | Phase::After) => Some("measuring …".into()),
            Tuning::Plan(plan) => {
                for line in plan_lines(&plan, self.language) {
                    self.whole(&line);
                }
                let (minutes, steps) = ((plan.seconds / 60.0).ceil(), plan.steps);
                self.whole(&if zh {
                    format!("至多 {steps} 步，预计至多 {minutes:.0} 分钟")
                } else {
                    format!("{steps} steps at most, about {minutes:.0} minutes")
                });
                None
            }
            Tuning::Began { steps, .. } => {
                self.steps = steps;
                None
            }
            Tuning::Step {
                step,
                loss,
                rate,
                left,
                ..
            } => {
                let (minutes, steps) = (left / 60.0, self.steps);
                Some(if zh {
                    format!(
                        "第 {step} / {steps} 步，损失 {loss:.3}，每秒 {rate:.0} 词元，约剩 {minutes:.0} 分钟"
                    )
                } else {
                    format!(
                        "step {step} / {steps}, loss {loss:.3}, {rate:.0} tokens a second, about {minutes:.0} minutes left"
                    )
                })
            }
            Tuning::Validated { step, loss, best } => {
                let mark = if best { " *" } else { "" };
                self.whole(&if zh {
                    format!("第 {step} 步后验证损失 {loss:.3}{mark}")
                } else {
                    format!("validation loss after step {step}: {loss:.3}{mark}")
                });
                None
            }
            Tuning::Saved(false) => {
                self.whole(if zh {
                    "进度未能写入磁盘，训练继续；请检查磁盘空间"
                } else {
                    "the progress could not be written to the disk; training goes on; is the disk full?"
                });
                None
            }
            Tuning::Pulse | Tuning::Counted { .. } | Tuning::Phase(_) | Tuning::Saved(true) => None,
        };
        if let Some(line) = line {
            self.passing(&line);
        }
        ControlFlow::Continue(())
    }

    /// A line that stays.
    fn whole(&mut self, line: &str) {
        if self.terminal {
            eprintln!("\r\x1b[K{line}");
        }
    }

    /// A line that the next one takes the place of.
    fn passing(&mut self, line: &str) {
        if self.terminal {
            eprint!("\r\x1b[K{line}");
        }
    }

    fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}

/// `moqi adapters …`
pub fn adapters(app: &App, action: AdapterAction, language: Language) -> Result<Outcome> {
    let one = |info: AdapterInfo| Ok(Outcome::new(value(&info), lines(&info, language)));
    match action {
        AdapterAction::List => {
            let all = app.adapters();
            let lines = match (all.is_empty(), language) {
                (true, Language::Zh) => vec!["还没有适配器；moqi tune 可以训练一个。".to_owned()],
                (true, Language::En) => vec!["No adapters yet; moqi tune makes one.".to_owned()],
                (false, _) => all.iter().map(line).collect(),
            };
            let rows: Vec<Value> = all.iter().map(value).collect();
            Ok(Outcome::new(json!({ "adapters": rows }), lines))
        }
        AdapterAction::Show { id } => one(app.adapter(&id)?),
        AdapterAction::Clauses {
            id,
            leave_out,
            take_in,
        } => {
            let id = app.adapter(&id)?.id;
            app.exclude_house_clauses(&id, &leave_out, true)?;
            app.exclude_house_clauses(&id, &take_in, false)?;
            Ok(clauses(&app.house_clauses(&id)?))
        }
        AdapterAction::Export { id, format: _, out } => {
            let info = app.export_adapter(&id, &out)?;
            let path = out.display().to_string();
            Ok(Outcome::new(
                json!({ "adapter": info.id, "out": path, "format": "peft" }),
                vec![path],
            ))
        }
        AdapterAction::Add { folder } => one(app.add_adapter(&folder)?),
        AdapterAction::Mix { parts, name } => {
            let parts = parts
                .iter()
                .map(|part| weighed(part))
                .collect::<Result<Vec<_>>>()?;
            let mut shown = Shown::new(language);
            let mixed = app.mix_adapters(&parts, &name, &mut |event| shown.hear(event));
            shown.end();
            one(mixed?)
        }
        AdapterAction::Use { id } => {
            app.use_adapter(&id, true)?;
            one(app.adapter(&id)?)
        }
        AdapterAction::Unuse { id } => {
            app.use_adapter(&id, false)?;
            one(app.adapter(&id)?)
        }
        AdapterAction::Wall { id, wall } => one(app.wall_adapter(&id, wall)?),
        AdapterAction::Keep { id } => {
            app.decide_adapter(&id, Decision::Keep)?;
            one(app.adapter(&id)?)
        }
        AdapterAction::Discard { id } => {
            app.decide_adapter(&id, Decision::Discard)?;
            Ok(Outcome::new(json!({ "removed": id }), Vec::new()))
        }
        AdapterAction::Rename { id, to } => one(app.rename_adapter(&id, &to)?),
        AdapterAction::Remove { id } => {
            app.remove_adapter(&id)?;
            Ok(Outcome::new(json!({ "removed": id }), Vec::new()))
        }
    }
}

/// House clauses, by their numbers.
fn clauses(all: &[HouseClauseRow]) -> Outcome {
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for clause in all {
        rows.push(json!({
            "number": clause.number,
            "document": clause.document,
            "heading": clause.heading,
            "text": clause.text,
            "excluded": clause.excluded,
        }));
        let mark = if clause.excluded { '○' } else { '●' };
        lines.push(format!(
            "{mark} {:>4}  {}  {}",
            clause.number, clause.document, clause.heading
        ));
        lines.extend(clause.text.lines().map(|line| format!("        {line}")));
    }
    Outcome::new(json!({ "clauses": rows }), lines)
}

fn line(info: &AdapterInfo) -> String {
    let manifest = &info.manifest;
    let figures = (manifest.before.perplexity, manifest.after.perplexity);
    let change = match figures {
        (Some(before), Some(after)) => format!("  {before:.2} → {after:.2}"),
        _ => String::new(),
    };
    format!(
        "{}  {:<28} {:<32}{change}",
        info.id, manifest.name, manifest.base.name
    )
}

fn lines(info: &AdapterInfo, language: Language) -> Vec<String> {
    let mut lines = vec![line(info), walls::standing(info, language)];
    let sources = &info.manifest.sources;
    let zh = language == Language::Zh;
    if !sources.is_empty() {
        lines.push(if zh {
            format!("学自 {} 个文件：", sources.len())
        } else {
            format!("learnt from {} files:", sources.len())
        });
    }
    lines.extend(sources.iter().map(|source| format!("  {}", source.title)));
    if let Some(leaks) = info.manifest.leaks() {
        lines.push(leaks.sentence().in_language(language).to_owned());
    }
    lines
}

fn value(info: &AdapterInfo) -> Value {
    let manifest = &info.manifest;
    let figures = |figures: &moqi_app::record::Figures| figures.loss;
    json!({
        "id": info.id, "name": manifest.name, "base": manifest.base.name, "fingerprint": manifest.base.fingerprint,
        "wall": walls::written(&info.wall), "state": info.state.name(), "used": info.used, "run": info.run, "parents": info.parents,
        "method": manifest.method, "bytes": info.bytes, "created": manifest.created_at,
        "loss": { "before": figures(&manifest.before), "after": figures(&manifest.after) },
        "configuration": manifest.configuration, "program": manifest.program,
        "sources": manifest.sources.iter().map(|source| json!({ "name": source.title, "sha256": source.hash, "part": source.part })).collect::<Vec<_>>(),
        "folder": info.folder.display().to_string(),
    })
}

/// An adapter and its weight: `house=0.7`.
fn weighed(text: &str) -> Result<(String, f32)> {
    let parts = text.rsplit_once('=');
    let read = parts.and_then(|(id, weight)| Some((id.to_owned(), weight.parse::<f32>().ok()?)));
    read.filter(|(_, weight)| weight.is_finite())
        .ok_or_else(|| {
            Error::input(
                format!("“{text}”不是“编号=权重”。"),
                format!("“{text}” is not ID=WEIGHT."),
            )
            .hint("例如：house=0.7", "For example: house=0.7")
        })
}

/// `moqi runs …`
pub fn runs(app: &App, action: RunAction, language: Language) -> Result<Outcome> {
    let written = |path: &std::path::Path| {
        let path = path.display().to_string();
        Outcome::new(json!({ "out": path }), vec![path])
    };
    match action {
        RunAction::List => {
            let runs = app.runs()?;
            let lines = match (runs.is_empty(), language) {
                (true, Language::Zh) => vec!["还没有训练记录。".to_owned()],
                (true, Language::En) => vec!["No trainings yet.".to_owned()],
                (false, _) => runs.iter().map(run_line).collect(),
            };
            let rows: Vec<Value> = runs.iter().map(run_value).collect();
            Ok(Outcome::new(json!({ "runs": rows }), lines))
        }
        RunAction::Show { id } => {
            let run = app.run(&id)?;
            let sources = app.run_sources(&run.id)?;
            let mut lines = vec![run_line(&run)];
            lines.extend(sources.iter().map(|source| {
                let reason = source
                    .reason
                    .as_deref()
                    .map_or_else(String::new, |why| format!(": {why}"));
                format!("  {:<9} {}{reason}", source.part.name(), source.title)
            }));
            let mut json = run_value(&run);
            json["sources"] = sources
                .iter()
                .map(|source| json!({ "title": source.title, "sha256": source.hash, "part": source.part.name(), "examples": source.examples, "reason": source.reason }))
                .collect();
            Ok(Outcome::new(json, lines))
        }
        RunAction::Csv { id, out } => {
            app.export_runs(id.as_deref(), &out)?;
            Ok(written(&out))
        }
        RunAction::Tensorboard { id, out } => Ok(written(&app.export_events(&id, &out)?)),
    }
}

fn run_line(run: &TrainingRunRow) -> String {
    let figures = match (run.before.perplexity, run.after.perplexity) {
        (Some(before), Some(after)) => format!("  {before:.2} → {after:.2}"),
        _ => String::new(),
    };
    let steps = run.progress.steps;
    format!(
        "{}  {:<12} {:<28} {steps} / {}{figures}",
        run.id,
        run.status.name(),
        run.name,
        run.steps_wanted
    )
}

fn run_value(run: &TrainingRunRow) -> Value {
    json!({
        "id": run.id, "name": run.name, "status": run.status.name(), "adapter": run.adapter, "base": run.base,
        "created": run.created_at, "started": run.started_at, "ended": run.ended_at, "machine": run.machine, "seed": run.seed,
        "steps": { "taken": run.progress.steps, "wanted": run.steps_wanted }, "tokens": run.progress.tokens,
        "seconds": run.progress.seconds, "peak_bytes": run.progress.peak_bytes,
        "loss": { "before": run.before.loss, "after": run.after.loss },
        "perplexity": { "before": run.before.perplexity, "after": run.after.perplexity },
        "data_hash": run.data_hash, "program": run.program, "error": run.error,
        "configuration": serde_json::from_str::<Value>(&run.configuration).unwrap_or_default(),
    })
}
