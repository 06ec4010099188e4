//! The loaded model, and what the program does with it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use moqi_lm::{Base, Event, Message, Role, Sampling, Session, Stop};

use crate::App;
use crate::assist::Written;
use crate::device::Local;
use crate::error::{Code, Error, Result};
use crate::jobs::{Ended, JobId, Priority};
use crate::models::{self, DEFAULT_MODEL, Model};

/// A model in memory with the session that keeps what it has read.
pub struct Loaded {
    path: PathBuf,
    adapter: Option<PathBuf>,
    merge: bool,
    place: moqi_lm::Place,
    base: Base,
    session: Session,
}

/// Words of a proposal stop here; a clause is shorter.
pub(crate) const LONGEST_ANSWER: usize = 320;
/// Drafting wants the likely wording.
pub(crate) const TEMPERATURE: f32 = 0.4;

/// The model of a file, loaded if another one is in memory, or it runs elsewhere.
pub(crate) fn ready<'a>(loaded: &'a mut Option<Loaded>, local: &Local) -> Result<&'a mut Loaded> {
    let other = |loaded: &Loaded| {
        let same = loaded.path == local.path && loaded.adapter == local.adapter;
        !same || loaded.merge != local.merge || loaded.place != local.place
    };
    if loaded.as_ref().is_none_or(other) {
        // Two models at once may not fit; the old one goes first.
        *loaded = None;
        local.running.set(None);
        let base = local.load()?;
        let session = base.session().map_err(as_error)?;
        *loaded = Some(Loaded {
            path: local.path.clone(),
            adapter: local.adapter.clone(),
            merge: local.merge,
            place: local.place,
            base,
            session,
        });
    }
    Ok(loaded.as_mut().expect("it was loaded above"))
}

/// One answer in the model's chat format.
pub(crate) fn chat(
    loaded: &mut Loaded,
    system: &str,
    user: &str,
    report: &mut dyn FnMut(Written) -> ControlFlow<()>,
) -> Result<String> {
    let messages = [
        Message::new(Role::System, system),
        Message::new(Role::User, user),
    ];
    let prompt = loaded.base.chat(&messages).map_err(as_error)?;
    let sampling = match loaded.adapter {
        Some(_) => in_style(),
        None => drafting(),
    };
    let written = loaded
        .session
        .generate(&prompt, &sampling, &mut |event| {
            report(match event {
                Event::Prefill { done, total } => Written::Reading { done, total },
                Event::Token { text, .. } => Written::Words(text.to_owned()),
            })
        })
        .map_err(as_error)?;
    Ok(match written.stop {
        // What was cut off in the middle ends with its last whole sentence.
        Stop::MaxTokens | Stop::ContextFull => whole_sentences(&written.text).to_owned(),
        _ => written.text,
    })
}

/// How a clause is written: drafting wants the likely wording, and small models need a hand against repeating themselves.
pub(crate) fn drafting() -> Sampling {
    Sampling {
        max_tokens: LONGEST_ANSWER,
        temperature: TEMPERATURE,
        repeat_penalty: 1.18,
        ..Sampling::default()
    }
}

/// How a clause is written in a house style: what was tuned keeps the words of a precedent, whose terms return in it by right,
/// but says nothing over and over that is not there.
pub(crate) fn in_style() -> Sampling {
    Sampling {
        repeat_penalty: 1.0,
        dry_multiplier: 0.8,
        ..drafting()
    }
}

/// The text up to its last full stop, or all of it when there is none.
pub(crate) fn whole_sentences(text: &str) -> &str {
    let end = text
        .char_indices()
        .rfind(|(_, c)| matches!(c, '.' | '。' | '；' | ';'));
    end.map_or(text, |(at, c)| &text[..at + c.len_utf8()])
}

/// How `moqi write` writes.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteOptions {
    /// Tokens at most.
    pub max_tokens: usize,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// The same seed gives the same text.
    pub seed: u64,
}

/// What `moqi write` wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenText {
    /// The text.
    pub text: String,
    /// Tokens written.
    pub tokens: usize,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens read a second.
    pub prefill_tps: f64,
    /// Tokens written a second.
    pub decode_tps: f64,
    /// Tokens that were guessed from earlier text, rightly.
    pub accepted_drafts: usize,
    /// `end`, `max_tokens`, `stop_text`, `cancelled` or `context_full`.
    pub stop: &'static str,
}

/// Answers a prompt with the model of a file.
pub(crate) fn write(
    local: &Local,
    prompt: &str,
    options: &WriteOptions,
    words: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> Result<WrittenText> {
    let base = local.load()?;
    let prompt = base
        .chat(&[Message::new(Role::User, prompt)])
        .map_err(as_error)?;
    let sampling = Sampling {
        max_tokens: options.max_tokens,
        temperature: options.temperature,
        seed: options.seed,
        ..Sampling::default()
    };
    let written = base
        .session()
        .map_err(as_error)?
        .generate(&prompt, &sampling, &mut |event| match event {
            Event::Token { text, .. } => words(text),
            Event::Prefill { .. } => ControlFlow::Continue(()),
        })
        .map_err(as_error)?;
    let rate = |count: usize, seconds: f64| {
        if seconds > 0.0 {
            count as f64 / seconds
        } else {
            0.0
        }
    };
    Ok(WrittenText {
        prefill_tps: rate(
            written.prompt_tokens - written.reused_tokens,
            written.prefill_seconds,
        ),
        decode_tps: rate(written.tokens, written.decode_seconds),
        accepted_drafts: written.accepted,
        text: written.text,
        tokens: written.tokens,
        prompt_tokens: written.prompt_tokens,
        stop: match written.stop {
            Stop::EndOfText => "end",
            Stop::MaxTokens => "max_tokens",
            Stop::StopString => "stop_text",
            Stop::Cancelled => "cancelled",
            Stop::ContextFull => "context_full",
        },
    })
}

/// Scores of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Tokens that were scored: all but the first, which has nothing before it.
    pub tokens: usize,
    /// Natural log-probability of each.
    pub logprobs: Vec<f32>,
    /// Whether each of these was the likeliest.
    pub top1: Vec<bool>,
    /// Mean negative log-likelihood a token.
    pub nll: f64,
    /// `exp(nll)`.
    pub perplexity: f64,
}

impl Scored {
    /// From each token's log-probability, and whether it was the likeliest.
    pub(crate) fn of(scores: Vec<(f32, bool)>) -> Scored {
        let (logprobs, top1): (Vec<f32>, Vec<bool>) = scores.into_iter().unzip();
        let sum: f64 = logprobs.iter().copied().map(f64::from).sum();
        let nll = -sum / logprobs.len().max(1) as f64;
        Scored {
            tokens: logprobs.len(),
            nll,
            perplexity: nll.exp(),
            logprobs,
            top1,
        }
    }
}

/// Scores a text with the model of a file.
pub(crate) fn score(local: &Local, text: &str) -> Result<Scored> {
    let base = local.load()?;
    let scores = base
        .session()
        .and_then(|mut session| session.score(text))
        .map_err(as_error)?;
    let top1 = scores
        .top1
        .iter()
        .zip(&scores.tokens)
        .map(|(top, (token, _))| top == token)
        .collect();
    Ok(Scored {
        tokens: scores.tokens.len(),
        logprobs: scores.logprobs,
        top1,
        nll: scores.nll,
        perplexity: scores.perplexity,
    })
}

/// One of several texts a model chooses among.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The text.
    pub text: String,
    /// The probability that it is the answer, given that one of the list is; all together are 1.
    pub share: f64,
    /// Natural logarithm of the probability that the model answers with it.
    pub logprob: f64,
    /// Its tokens.
    pub tokens: usize,
}

/// Ranks texts as answers to a prompt in the model's chat format.
pub(crate) fn choose(local: &Local, prompt: &str, texts: &[String]) -> Result<Vec<Choice>> {
    let base = local.load()?;
    let prompt = base
        .chat(&[Message::new(Role::User, prompt)])
        .map_err(as_error)?;
    let given: Vec<&str> = texts.iter().map(String::as_str).collect();
    let ranked = base
        .session()
        .and_then(|mut session| session.rank(&prompt, &given))
        .map_err(as_error)?;
    let choice = |ranked: moqi_lm::Ranked| Choice {
        text: texts[ranked.index].clone(),
        share: ranked.share,
        logprob: ranked.logprob,
        tokens: ranked.tokens,
    };
    Ok(ranked.into_iter().map(choice).collect())
}

/// Whether a file is a model that this program can run; looks at its header only.
pub(crate) fn check(path: &Path) -> Result<()> {
    moqi_lm::Base::check(path).map_err(as_error)
}

/// The same for a file whose name on the disk says nothing; the message names it as people know it.
pub(crate) fn check_named(path: &Path, name: &str) -> Result<()> {
    let named = |error| match error {
        moqi_lm::Error::NotAModel { .. } => moqi_lm::Error::NotAModel { path: name.into() },
        moqi_lm::Error::Damaged { what, .. } => moqi_lm::Error::Damaged {
            path: name.into(),
            what,
        },
        moqi_lm::Error::Unsupported { what, .. } => moqi_lm::Error::Unsupported {
            path: name.into(),
            what,
        },
        other => other,
    };
    moqi_lm::Base::check(path).map_err(|error| as_error(named(error)))
}

pub(crate) fn as_error(error: moqi_lm::Error) -> Error {
    use moqi_lm::Error as E;
    let made = match &error {
        E::Io { path, .. } => Error::input(
            format!("无法读取模型文件 {}。", path.display()),
            format!("The model file {} cannot be read.", path.display()),
        )
        .hint(
            "请检查文件，或重新获取模型。",
            "Check the file, or fetch the model again.",
        ),
        E::NotAModel { path } => Error::input(
            format!("{} 不是 GGUF 模型文件。", path.display()),
            format!("{} is not a GGUF model file.", path.display()),
        )
        .hint(
            "请选择扩展名为 .gguf 的完整模型文件，或重新获取模型。",
            "Choose a whole model file that ends in .gguf, or fetch the model again.",
        ),
        E::Damaged { path, what } => Error::input(
            format!("模型文件 {} 已损坏或不完整。", path.display()),
            format!(
                "The model file {} is damaged or cut short: {what}.",
                path.display()
            ),
        )
        .hint("请删除后重新获取。", "Remove it and fetch it again."),
        E::Unsupported { path, what } => Error::input(
            format!("暂不支持模型 {}：{what}。", path.display()),
            format!("The model {} cannot be run: {what}.", path.display()),
        )
        .hint(
            "请在“模型”中选择另一个。",
            "Choose another one under Models.",
        ),
        E::TooLong { tokens, context } => Error::input(
            format!("文字太长：{tokens} 个词元，模型最多 {context} 个。"),
            format!("The text is too long: {tokens} tokens, the model holds {context}."),
        )
        .hint("请缩短后再试。", "Shorten it and try again."),
        E::Template(_) => Error::input(
            "模型文件中的对话格式无法使用。",
            "The chat format in the model file cannot be used.",
        )
        .hint("请换一个模型。", "Choose another model."),
        _ => Error::new(
            Code::Internal,
            "模型运算出错。",
            "The model's computation failed.",
        ),
    };
    made.caused_by(error)
}

impl App {
    /// The model drafting uses: the one that was chosen, else the default if it is installed.
    pub fn chosen_model(&self) -> Option<String> {
        let chosen = self.setting("model").ok().flatten();
        chosen.or_else(|| {
            models::file_of(self.home(), DEFAULT_MODEL)
                .ok()
                .map(|_| DEFAULT_MODEL.to_owned())
        })
    }

    /// Chooses an installed model for drafting.
    pub fn choose_model(&self, id: &str) -> Result<()> {
        models::file_of(self.home(), id)?;
        self.set_setting("model", id)?;
        // One base writes: the one chosen last.
        self.server_off()?;
        self.warm_up();
        Ok(())
    }

    /// Adds a model file or folder.
    pub fn add_model(&self, file: &Path) -> Result<Model> {
        models::add(self.home(), file, &mut |_, _| true)
    }

    /// Removes a model; one that is chosen is chosen no longer.
    pub fn remove_model(&self, id: &str) -> Result<()> {
        models::remove(self.home(), id)?;
        if self.setting("model")?.as_deref() == Some(id) {
            self.set_setting("model", DEFAULT_MODEL)?;
        }
        Ok(())
    }

    /// Fetches a model as a job; `accepted` says that its terms are accepted, where it asks for that.
    pub fn fetch_model(
        &self,
        id: &str,
        accepted: bool,
        mut progress: impl FnMut(u64, u64) + Send + 'static,
        ended: impl FnOnce(Ended) + Send + 'static,
    ) -> Result<JobId> {
        models::find(self.home(), id)?;
        let (home, id) = (self.home().clone(), id.to_owned());
        let asked = crate::fetch::Asked {
            accepted,
            hub: self.hub()?,
        };
        let work = move |(): &mut (), brake: &crate::jobs::Brake| {
            crate::fetch::fetch(&home, &id, &asked, &mut |done, total| {
                progress(done, total);
                !brake.pulled()
            })
            .map(|_| ())
        };
        Ok(self.fetches.start(Priority::Background, work, ended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_cut_ends_with_a_sentence() {
        assert_eq!(whole_sentences("One. Two. Thr"), "One. Two.");
        assert_eq!(whole_sentences("第一句。第二"), "第一句。");
        assert_eq!(whole_sentences("no end"), "no end");
    }
}
