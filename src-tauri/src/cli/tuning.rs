//! `tune`, `adapters`.

use std::ops::ControlFlow;

use moqi_app::tune::Given;
use moqi_app::{AdapterInfo, App, Language, Plan, Result, Tuning};
use serde_json::{Value, json};

use super::{AdapterAction, Goal, Outcome, Tune};

/// `moqi tune`
pub fn tune(app: &App, tune: &Tune, language: Language) -> Result<Outcome> {
    let wanted = moqi_app::Tune {
        given: tune.from.iter().cloned().map(Given::Path).collect(),
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
    };
    let mut shown = Shown::new(language);
    let tuned = app.tune(&wanted, &mut |event| shown.hear(event))?;
    shown.end();
    let (before, after) = tuned.loss;
    let zh = language == Language::Zh;
    let mut lines = plan_lines(&tuned.plan, language);
    match &tuned.adapter {
        Some(id) => {
            let change = 100.0 * (1.0 - (after - before).exp());
            lines.push(if zh {
                format!("适配器 {id}（{}）已保存", tune.name)
            } else {
                format!("adapter {id} ({}) kept", tune.name)
            });
            lines.push(if zh {
                format!(
                    "预留文件上的困惑度：{:.2} → {:.2}（{change:+.0}% 降低）",
                    before.exp(),
                    after.exp()
                )
            } else {
                format!(
                    "perplexity on held-out documents: {:.2} → {:.2} ({change:.0} % lower)",
                    before.exp(),
                    after.exp()
                )
            });
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
        "stopped": tuned.stopped,
        "tokens": tuned.plan.tokens,
        "masked": tuned.plan.masked,
        "left_out": left_out(&tuned.plan, language),
    });
    Ok(Outcome::new(json, lines))
}

fn plan_lines(plan: &Plan, language: Language) -> Vec<String> {
    let [train, valid, test] = plan.examples;
    let (sources, tokens, masked) = (plan.sources, plan.tokens, plan.masked);
    let memory = plan.memory as f64 / 1e9;
    let mut lines = vec![match language {
        Language::Zh => format!(
            "{sources} 个文件：学习 {train} 段（{tokens} 词元），验证 {valid} 段，预留测试 {test} 段；遮盖个人信息 {masked} 处；约需内存 {memory:.1} GB"
        ),
        Language::En => format!(
            "{sources} files: {train} passages to learn ({tokens} tokens), {valid} to validate, {test} held out; personal data masked in {masked} places; about {memory:.1} GB of memory"
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
}

impl Shown {
    fn new(language: Language) -> Shown {
        use std::io::IsTerminal;
        Shown {
            language,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn hear(&mut self, event: Tuning) -> ControlFlow<()> {
        let zh = self.language == Language::Zh;
        let line = match event {
            Tuning::Reading { done, all } if zh => Some(format!("读取文件 {done} / {all}")),
            Tuning::Reading { done, all } => Some(format!("reading files {done} / {all}")),
            Tuning::Measuring if zh => Some("测量中……".into()),
            Tuning::Measuring => Some("measuring …".into()),
            Tuning::Plan(plan) => {
                if let Some(seconds) = plan.seconds {
                    let minutes = (seconds / 60.0).ceil();
                    self.whole(&if zh {
                        format!("预计至多 {minutes:.0} 分钟")
                    } else {
                        format!("about {minutes:.0} minutes at most")
                    });
                } else {
                    for line in plan_lines(&plan, self.language) {
                        self.whole(&line);
                    }
                }
                None
            }
            Tuning::Step {
                step,
                steps,
                loss,
                rate,
                left,
            } => {
                let minutes = left / 60.0;
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
            Tuning::NotSaved => {
                self.whole(if zh {
                    "进度未能写入磁盘，训练继续；请检查磁盘空间"
                } else {
                    "the progress could not be written to the disk; training goes on; is the disk full?"
                });
                None
            }
            Tuning::Pulse => None,
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
        AdapterAction::Export { id, format: _, out } => {
            let info = app.export_adapter(&id, &out)?;
            let path = out.display().to_string();
            Ok(Outcome::new(
                json!({ "adapter": info.id, "out": path, "format": "peft" }),
                vec![path],
            ))
        }
        AdapterAction::Add { folder } => one(app.add_adapter(&folder)?),
        AdapterAction::Rename { id, to } => one(app.rename_adapter(&id, &to)?),
        AdapterAction::Remove { id } => {
            app.remove_adapter(&id)?;
            Ok(Outcome::new(json!({ "removed": id }), Vec::new()))
        }
    }
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
    let mut lines = vec![line(info)];
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
    lines
}

fn value(info: &AdapterInfo) -> Value {
    let manifest = &info.manifest;
    let figures = |figures: &moqi_app::record::Figures| figures.loss;
    json!({
        "id": info.id, "name": manifest.name, "base": manifest.base.name, "fingerprint": manifest.base.fingerprint,
        "method": manifest.method, "bytes": info.bytes, "created": manifest.created_at,
        "loss": { "before": figures(&manifest.before), "after": figures(&manifest.after) },
        "configuration": manifest.configuration, "program": manifest.program,
        "sources": manifest.sources.iter().map(|source| json!({ "name": source.title, "sha256": source.hash, "part": source.part })).collect::<Vec<_>>(),
        "folder": info.folder.display().to_string(),
    })
}
