//! What writes: a base on this machine, or a server of the firm's own. Both have the same verbs.

use std::ops::ControlFlow;

use crate::App;
use crate::assist::Written;
use crate::device::Local;
use crate::error::{Code, Error, Result};
use crate::model::{
    self, Choice, LONGEST_ANSWER, Loaded, Scored, TEMPERATURE, WriteOptions, WrittenText,
};
use crate::models;
use crate::server::{Address, Ask, End, Progress, Server};

/// A base: where the words of a model come from.
#[derive(Debug, Clone)]
pub enum Base {
    /// A model file on this machine.
    Here(Local),
    /// A server; text is sent to its address.
    Server(Box<Server>),
}

/// What a name of a model begins with when it means one on the server in use.
const SERVER: &str = "server:";

impl Base {
    /// Where text is sent to write with this base; none when it stays on this machine.
    pub fn sends_to(&self) -> Option<&Address> {
        match self {
            Base::Here(_) => None,
            Base::Server(server) => Some(server.address()),
        }
    }

    /// The same with its adapter put into the weights when it is loaded, which takes longer and more memory, but no
    /// arithmetic beside the model's own afterwards. What is said is the same but for rounding.
    #[must_use]
    pub fn merging(self) -> Base {
        match self {
            Base::Here(local) => Base::Here(Local {
                merge: true,
                ..local
            }),
            Base::Server(_) => self,
        }
    }

    /// Answers a prompt.
    pub fn write(
        &self,
        prompt: &str,
        options: &WriteOptions,
        words: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<WrittenText> {
        let server = match self {
            Base::Here(local) => return model::write(local, prompt, options, words),
            Base::Server(server) => server,
        };
        let ask = Ask {
            system: None,
            user: prompt,
            max_tokens: options.max_tokens,
            temperature: options.temperature,
            seed: Some(options.seed),
        };
        let answered = server.write(ask, &mut |heard| match heard {
            Progress::Waiting => ControlFlow::Continue(()),
            Progress::Words(text) => words(text),
        })?;
        let rate = |count: usize, seconds: f64| {
            if seconds > 0.0 {
                count as f64 / seconds
            } else {
                0.0
            }
        };
        Ok(WrittenText {
            prefill_tps: rate(answered.prompt_tokens, answered.first.as_secs_f64()),
            decode_tps: rate(
                answered.tokens,
                answered.whole.saturating_sub(answered.first).as_secs_f64(),
            ),
            accepted_drafts: 0,
            text: answered.text,
            tokens: answered.tokens,
            prompt_tokens: answered.prompt_tokens,
            stop: match answered.end {
                End::Finished => "end",
                End::MaxTokens => "max_tokens",
                End::Cancelled => "cancelled",
            },
        })
    }

    /// Scores a text, where the base can.
    pub fn score(&self, text: &str) -> Result<Scored> {
        match self {
            Base::Here(local) => model::score(local, text),
            Base::Server(server) => Ok(Scored::of(server.score(text)?)),
        }
    }

    /// Which of several texts the base would answer a prompt with: the likeliest first.
    ///
    /// # Errors
    /// Fewer than two texts, an empty one, one that stands twice; a base that is a server, which does not tell.
    pub fn choose(&self, prompt: &str, texts: &[String]) -> Result<Vec<Choice>> {
        let twice = texts
            .iter()
            .enumerate()
            .any(|(n, text)| text.trim().is_empty() || texts[..n].contains(text));
        if texts.len() < 2 || twice {
            return Err(Error::input(
                "请给出至少两个各不相同的选项。",
                "Give at least two choices that differ.",
            ));
        }
        match self {
            Base::Here(local) => model::choose(local, prompt, texts),
            Base::Server(_) => Err(Error::input(
                "服务器不能在给定选项中选择。",
                "A server cannot choose among given texts.",
            )
            .hint("请使用本机模型。", "Use a model on this machine.")),
        }
    }

    /// One answer to a request of the assistant. `waiting` is asked while nothing happens.
    pub(crate) fn chat(
        &self,
        loaded: &mut Option<Loaded>,
        system: &str,
        user: &str,
        report: &mut dyn FnMut(Written) -> ControlFlow<()>,
        waiting: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<String> {
        let server = match self {
            Base::Here(local) => {
                return model::chat(model::ready(loaded, local)?, system, user, report);
            }
            Base::Server(server) => server,
        };
        let ask = Ask {
            system: Some(system),
            user,
            max_tokens: LONGEST_ANSWER,
            temperature: TEMPERATURE,
            seed: None,
        };
        let answered = server.write(ask, &mut |heard| match heard {
            Progress::Waiting => waiting(),
            Progress::Words(text) => report(Written::Words(text.to_owned())),
        })?;
        Ok(match answered.end {
            End::MaxTokens => model::whole_sentences(&answered.text).to_owned(),
            End::Finished | End::Cancelled => answered.text,
        })
    }
}

impl App {
    /// The base that a name means: `server:NAME` a model of the server in use, any other an installed model.
    pub fn base(&self, name: &str) -> Result<Base> {
        self.base_with(name, None)
    }

    /// The same with an adapter, named by its id or its folder.
    ///
    /// # Errors
    /// As [`App::base`]; there is no such adapter, or the base is on a server, which has none of ours.
    pub fn base_with(&self, name: &str, adapter: Option<&str>) -> Result<Base> {
        let Some(adapter) = adapter else {
            return self.plain_base(name);
        };
        let folder = self.adapter_folder(adapter)?;
        match self.plain_base(name)? {
            Base::Here(local) => Ok(Base::Here(Local {
                adapter: Some(folder),
                ..local
            })),
            Base::Server(_) => Err(Error::input(
                "服务器上的模型不能使用本机的适配器。",
                "A model on a server cannot be used with an adapter of this machine.",
            )
            .hint("请选择本机的模型。", "Choose a model on this machine.")),
        }
    }

    fn plain_base(&self, name: &str) -> Result<Base> {
        let Some(model) = name.strip_prefix(SERVER) else {
            let path = models::file_of(self.home(), name)?;
            return self.local(path).map(Base::Here);
        };
        let server = self.server_in_use((!model.is_empty()).then_some(model))?;
        server
            .map(|server| Base::Server(Box::new(server)))
            .ok_or_else(|| {
                Error::new(
                    Code::NoModel,
                    "没有启用服务器，没有发送任何文字。",
                    "No server is in use; no text was sent.",
                )
                .hint(
                    "请先运行 moqi models server use 地址 --model 名称。",
                    "First run: moqi models server use ADDRESS --model NAME.",
                )
            })
    }
}
