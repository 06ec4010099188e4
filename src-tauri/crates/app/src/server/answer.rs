//! The JSON of an OpenAI-compatible server: its list of models, the pieces of an answer, its failures.

use serde::Deserialize;
use serde_json::Value;

/// One piece of a streamed answer, or a whole answer: servers that do not stream send the second.
#[derive(Debug, Deserialize)]
pub(super) struct Piece {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    delta: Option<Words>,
    message: Option<Words>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Words {
    content: Option<String>,
}

/// Tokens as the server counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Usage {
    pub(super) prompt_tokens: Option<u64>,
    pub(super) completion_tokens: Option<u64>,
}

/// What a piece says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Piece {
        words: String,
        finished: Option<String>,
        usage: Option<Usage>,
    },
    /// The server reports a failure in its own words.
    Failure(String),
    /// It is no piece of an answer.
    Nonsense,
}

pub(super) fn piece(json: &str) -> Said {
    let Ok(Piece {
        choices,
        usage,
        error,
    }) = serde_json::from_str(json)
    else {
        return Said::Nonsense;
    };
    if let Some(error) = error {
        return Said::Failure(message(&error));
    }
    if choices.is_none() && usage.is_none() {
        return Said::Nonsense;
    }
    // One answer is asked for; the piece that only counts tokens has none.
    let choice = choices.into_iter().flatten().next();
    let (words, finished) = choice.map_or((None, None), |choice| {
        let words = choice.delta.or(choice.message);
        (words.and_then(|words| words.content), choice.finish_reason)
    });
    Said::Piece {
        words: words.unwrap_or_default(),
        finished,
        usage,
    }
}

/// The server's own words in the body of a failure; empty when it says nothing readable.
pub(super) fn failure(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            let inner = ["error", "detail", "message"]
                .iter()
                .find_map(|key| value.get(key));
            inner.map(message).unwrap_or_default()
        }
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            // The page of a gateway is no message.
            if text.trim_start().starts_with('<') {
                String::new()
            } else {
                readable(&text)
            }
        }
    }
}

fn message(error: &Value) -> String {
    let text = error
        .get("message")
        .and_then(Value::as_str)
        .or_else(|| error.as_str());
    text.map_or_else(|| readable(&error.to_string()), readable)
}

/// A server's words as part of a sentence of ours: one line, of bounded length, without control characters.
pub(super) fn readable(text: &str) -> String {
    const LONGEST: usize = 240;
    let mut shown = String::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|c| !is_hidden(*c)).collect();
        if !shown.is_empty() && !word.is_empty() {
            shown.push(' ');
        }
        shown.push_str(&word);
        if let Some((at, _)) = shown.char_indices().nth(LONGEST) {
            shown.truncate(at);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Control characters, and those that turn the direction of what stands beside them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// Names of the models a server lists, at most so many; those nobody could type or read are left out.
pub(super) fn models(body: &[u8]) -> Option<Vec<String>> {
    const MOST: usize = 500;
    let list: Models = serde_json::from_slice(body).ok()?;
    let mut names: Vec<String> = list.data.into_iter().map(|model| model.id).collect();
    names.retain(|name| is_name(name));
    names.truncate(MOST);
    Some(names)
}

/// Whether a name of a model can be shown and sent as it stands.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 300 && name.trim() == name && !name.chars().any(is_hidden)
}

/// Log-probabilities of a text that a server echoed.
#[derive(Deserialize)]
pub(super) struct Echo {
    choices: Vec<Echoed>,
}

#[derive(Deserialize)]
struct Echoed {
    logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
struct Logprobs {
    tokens: Vec<String>,
    token_logprobs: Vec<Option<f32>>,
    top_logprobs: Option<Vec<Option<std::collections::BTreeMap<String, f32>>>>,
}

/// Tokens a server is asked to write behind a text it scores, as the proof of its figures.
pub(super) const PROOF: usize = 8;

/// The log-probability of each token of `text` but those nothing stands before, and whether it was the likeliest.
///
/// None when the answer does not begin with the text, which is how servers answer that cannot score, and when the
/// figures cannot be right: what a server writes at temperature 0 behind the text must be the likeliest by them.
/// (llama-cpp-python 0.3.36 gives each token of an echo the figure of its neighbour.)
pub(super) fn scores(body: &[u8], text: &str) -> Option<Vec<(f32, bool)>> {
    let echo: Echo = serde_json::from_slice(body).ok()?;
    let found = echo.choices.into_iter().next()?.logprobs?;
    let top = found.top_logprobs?;
    if found.tokens.len() != found.token_logprobs.len() || found.tokens.len() != top.len() {
        return None;
    }
    let (mut rest, mut scores, mut proofs) = (text, Vec::new(), 0);
    for (at, (token, score)) in found.tokens.iter().zip(&found.token_logprobs).enumerate() {
        let best = |score: f32| {
            let top = top[at].as_ref();
            top.is_some_and(|top| top.values().all(|other| *other <= score + 1e-3))
        };
        match (rest.strip_prefix(token.as_str()), score) {
            _ if rest.is_empty() => {
                if !best((*score)?) {
                    return None;
                }
                proofs += 1;
            }
            (Some(behind), Some(score)) if score.is_finite() && *score < 1e-3 => {
                rest = behind;
                scores.push((*score, best(*score)));
            }
            // Nothing stands before the first token.
            (Some(behind), None) if scores.is_empty() => rest = behind,
            // The mark at the beginning of a text has no letters in it.
            (None, None) if at == 0 => {}
            _ => return None,
        }
    }
    (proofs > 0 && !scores.is_empty()).then_some(scores)
}

/// Leaves out what a reasoning model thinks aloud, `<think>…</think>` before its answer.
#[derive(Default)]
pub(super) struct Thoughts {
    held: String,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    Inside,
    /// The answer begins behind the blanks.
    Behind,
    Answer,
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

impl Thoughts {
    /// The part of the words so far that is answer and was not given yet.
    pub(super) fn push(&mut self, words: &str) -> String {
        self.held.push_str(words);
        if self.state == State::Before {
            let begun = self.held.trim_start();
            if begun.starts_with(OPEN) {
                self.state = State::Inside;
            } else if !OPEN.starts_with(begun) {
                self.state = State::Answer;
            }
        }
        if self.state == State::Inside {
            if let Some(at) = self.held.find(CLOSE) {
                self.held.drain(..at + CLOSE.len());
                self.state = State::Behind;
            } else {
                // What may be the beginning of the mark is kept.
                let enough = self.held.len().saturating_sub(CLOSE.len());
                let kept = (0..=enough)
                    .rev()
                    .find(|at| self.held.is_char_boundary(*at));
                self.held.drain(..kept.unwrap_or(0));
            }
        }
        if self.state == State::Behind {
            let blanks = self.held.len() - self.held.trim_start().len();
            self.held.drain(..blanks);
            if !self.held.is_empty() {
                self.state = State::Answer;
            }
        }
        if self.state == State::Answer {
            std::mem::take(&mut self.held)
        } else {
            String::new()
        }
    }

    /// What was held back and turned out to be no thought.
    pub(super) fn end(self) -> String {
        if self.state == State::Before {
            self.held
        } else {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(json: &str) -> (String, Option<String>) {
        match piece(json) {
            Said::Piece {
                words, finished, ..
            } => (words, finished),
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn pieces_of_the_servers_people_run_are_read() {
        assert_eq!(
            words(
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}"#
            ),
            (String::new(), None)
        );
        assert_eq!(
            words(r#"{"id":"x","choices":[{"delta":{"content":"违约"},"logprobs":null}],"usage":null}"#).0,
            "违约"
        );
        assert_eq!(
            words(r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#)
                .1
                .as_deref(),
            Some("length")
        );
        assert_eq!(
            words(r#"{"choices":[{"message":{"content":"all"},"finish_reason":"stop"}]}"#).0,
            "all"
        );
        assert_eq!(
            piece(r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#),
            Said::Piece {
                words: String::new(),
                finished: None,
                usage: Some(Usage {
                    prompt_tokens: Some(7),
                    completion_tokens: Some(3)
                })
            }
        );
    }

    #[test]
    fn failures_and_nonsense_are_told_apart() {
        for (json, wanted) in [
            (
                r#"{"error":{"message":"out\nof   memory"}}"#,
                "out of memory",
            ),
            (r#"{"error":"no such model"}"#, "no such model"),
            (r#"{"error":{"code":5}}"#, r#"{"code":5}"#),
        ] {
            assert_eq!(piece(json), Said::Failure(wanted.into()));
            assert_eq!(failure(json.as_bytes()), wanted);
        }
        for json in [
            "",
            "null",
            "[]",
            "{}",
            "{\"choices\":7}",
            "{\"choices\":[{\"delta\":{\"content\":5}}]}",
        ] {
            assert_eq!(piece(json), Said::Nonsense, "{json}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(piece(&deep), Said::Nonsense);
        assert_eq!(failure(b"<html>bad gateway"), "");
        assert_eq!(failure(b"busy\x1b[31m"), "busy[31m");
        assert_eq!(failure("长".repeat(5000).as_bytes()).chars().count(), 241);
    }

    #[test]
    fn names_that_nobody_could_read_are_no_names() {
        let list = br#"{"object":"list","data":[{"id":"qwen3:8b"},{"id":"a\u001b[2J"},{"id":""},{"id":"x\u202ey"}]}"#;
        assert_eq!(models(list).unwrap(), ["qwen3:8b"]);
        assert_eq!(models(b"{}"), None);
    }

    #[test]
    fn thoughts_are_left_out_wherever_the_words_are_cut() {
        for (said, wanted) in [
            ("<think>\n要不要\n</think>\n\n第一条", "第一条"),
            ("第一条 <think>", "第一条 <think>"),
            ("<thin", "<thin"),
            ("  plain", "  plain"),
            ("<think>never ends", ""),
        ] {
            for size in 1..=said.chars().count() {
                let chars: Vec<char> = said.chars().collect();
                let mut thoughts = Thoughts::default();
                let mut given = String::new();
                for part in chars.chunks(size) {
                    given.push_str(&thoughts.push(&part.iter().collect::<String>()));
                }
                given.push_str(&thoughts.end());
                assert_eq!(given, wanted, "in pieces of {size}");
            }
        }
    }

    #[test]
    fn scores_are_taken_only_where_the_server_scored_the_text() {
        let body = r#"{"choices":[{"text":"a b c d","logprobs":{"tokens":["a"," b"," c"," d"],"token_logprobs":[null,-1.5,-2.0,-0.1],"top_logprobs":[null,{" b":-1.5},{" x":-0.5," c":-2.0},{" d":-0.1}]}}]}"#;
        assert_eq!(
            scores(body.as_bytes(), "a b c").unwrap(),
            [(-1.5, true), (-2.0, false)]
        );
        for text in ["other", "a b c d", "a b c d e", "a b", ""] {
            // Wrong text, nothing behind the text, or a greedy word that was not the likeliest.
            assert_eq!(scores(body.as_bytes(), text), None, "{text}");
        }
        let wrong = body.replace("-0.1]", "-9.1]");
        assert_eq!(scores(wrong.as_bytes(), "a b c"), None);
        assert_eq!(
            scores(br#"{"choices":[{"text":"c","logprobs":null}]}"#, "a b"),
            None
        );
    }
}
