//! The tokenizer that a GGUF file describes, as llama.cpp runs it: byte-level BPE, or SentencePiece with scores.
//!
//! The ready-made reader of the tokenizers crate gives other ids for SmolLM2: its pre-tokenizer must split every digit
//! and must not put a space in front. Special tokens are found in the text before anything else.

mod sentencepiece;

use std::collections::{BTreeMap, HashMap, HashSet};

use sentencepiece::SentencePiece;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{
    Model, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior,
};

use crate::gguf::{Header, Refusal, Value};

/// Text to ids and back.
pub struct Tokenizer {
    pieces: Pieces,
    /// Special tokens, longest first.
    special: Vec<Special>,
    /// The bytes of each id; empty for special ones.
    bytes: Vec<Vec<u8>>,
    /// The id of each byte alone, for text that the pre-tokenizer gives up on.
    single: HashMap<u8, u32>,
    /// Ids that end a text.
    ends: Vec<u32>,
    /// The id a text begins with, where the file asks for one.
    begin: Option<u32>,
    names: BTreeMap<&'static str, String>,
}

/// How text between special tokens becomes ids.
enum Pieces {
    /// Byte-level BPE, after a cutting of the text.
    Bpe(Box<BPE>, Box<Sequence>),
    /// SentencePiece; `space` where a text begins with one more space.
    Sentence { pieces: SentencePiece, space: bool },
}

/// A token that is found in the text before all else.
struct Special {
    name: String,
    id: u32,
    /// One that steers the model, and is found only where that is asked for.
    control: bool,
}

/// ggml's types of token: made by joining pieces, and others.
pub const NORMAL: i64 = 1;
const UNKNOWN: i64 = 2;
/// Steers the model.
pub const CONTROL: i64 = 3;
/// Found in a text before all else.
pub const USER_DEFINED: i64 = 4;
/// Stands for nothing.
pub const UNUSED: i64 = 5;
/// A single byte.
pub const BYTE: i64 = 6;

/// What SentencePiece has for a space.
const SPACE: char = '\u{2581}';

/// Names of tokens that end a turn or a text in the families this program runs.
const ENDS: &[&str] = &[
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<eos>",
    "</s>",
];

/// How Qwen2 and its successors cut text before BPE (llama.cpp, `LLAMA_VOCAB_PRE_TYPE_QWEN2`).
const QWEN2: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// How Llama 3 cuts text before BPE (`LLAMA_VOCAB_PRE_TYPE_LLAMA3`): as Qwen2, but digits in threes.
const LLAMA3: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

impl Tokenizer {
    /// Tokens that the tokenizer of a header has; 0 where their list is missing.
    pub fn count(header: &Header) -> usize {
        tokens(header).map_or(0, <[String]>::len)
    }

    /// Builds the tokenizer from the metadata of a file.
    pub fn from_header(header: &Header) -> Result<Tokenizer, Refusal> {
        let kind = header.text("tokenizer.ggml.model").unwrap_or("none");
        let sentence = match kind {
            "gpt2" => false,
            "llama" => true,
            _ => return Err(Refusal::Unknown(format!("the tokenizer {kind:.40}"))),
        };
        let tokens =
            tokens(header).ok_or_else(|| Refusal::Damaged("its tokens are missing".into()))?;
        let kinds = match header.values.get("tokenizer.ggml.token_type") {
            Some(Value::Integers(kinds)) => kinds.clone(),
            _ => vec![1; tokens.len()],
        };
        if kinds.len() != tokens.len() || tokens.is_empty() || u32::try_from(tokens.len()).is_err()
        {
            return Err(Refusal::Damaged("its list of tokens is not whole".into()));
        }
        let ids = || tokens.iter().zip(0u32..).zip(&kinds);
        let mut special: Vec<Special> = ids()
            .filter(|((name, _), kind)| {
                matches!(**kind, CONTROL | USER_DEFINED | UNKNOWN) && !name.is_empty()
            })
            .map(|((name, id), kind)| Special {
                name: name.clone(),
                id,
                control: *kind != USER_DEFINED,
            })
            .collect();
        special.sort_by(|a, b| b.name.len().cmp(&a.name.len()).then(a.id.cmp(&b.id)));
        let alphabet = alphabet();
        let bytes: Vec<Vec<u8>> = ids()
            .map(|((token, _), kind)| match *kind {
                CONTROL | UNKNOWN | UNUSED => Vec::new(),
                BYTE => byte_of(token).into_iter().collect(),
                _ if sentence => token.replace(SPACE, " ").into_bytes(),
                USER_DEFINED => token.clone().into_bytes(),
                _ => token
                    .chars()
                    .filter_map(|c| alphabet.get(&c).copied())
                    .collect(),
            })
            .collect();
        let single: HashMap<u8, u32> = bytes
            .iter()
            .zip(0u32..)
            .zip(&kinds)
            .filter(|((bytes, _), kind)| bytes.len() == 1 && (**kind == BYTE) == sentence)
            .map(|((bytes, id), _)| (bytes[0], id))
            .collect();
        let id_of = |key: &str| {
            header
                .integer(key)
                .and_then(|id| u32::try_from(id).ok())
                .filter(|id| (*id as usize) < tokens.len())
        };
        let named_end = id_of("tokenizer.ggml.eos_token_id");
        let known_ends = special
            .iter()
            .filter(|token| ENDS.contains(&token.name.as_str()))
            .map(|token| token.id);
        let mut ends: Vec<u32> = known_ends.chain(named_end).collect();
        ends.sort_unstable();
        ends.dedup();
        let first = id_of("tokenizer.ggml.bos_token_id");
        let says = |key: &str| match header.values.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        };
        // SentencePiece begins a text with its first token, and with a space, where the file does not say.
        let begins = says("tokenizer.ggml.add_bos_token").unwrap_or(sentence);
        let mut names = BTreeMap::new();
        for (name, id) in [("bos_token", first), ("eos_token", named_end)] {
            names.extend(id.map(|id| (name, tokens[id as usize].clone())));
        }
        let pieces = if sentence {
            let scores = match header.values.get("tokenizer.ggml.scores") {
                Some(Value::Floats(scores)) if scores.len() == tokens.len() => scores.clone(),
                _ => return Err(Refusal::Damaged("its scores are missing".into())),
            };
            // Of two tokens with the same text the later one counts, as in llama.cpp's own list.
            let known = ids().map(|((token, id), _)| (token.clone().into_bytes(), id));
            let unknown = id_of("tokenizer.ggml.unknown_token_id");
            Pieces::Sentence {
                pieces: SentencePiece::new(known.collect(), scores, single.clone(), unknown),
                space: says("tokenizer.ggml.add_space_prefix").unwrap_or(true),
            }
        } else {
            let Some(Value::Texts(merges)) = header.values.get("tokenizer.ggml.merges") else {
                return Err(Refusal::Damaged("its merges are missing".into()));
            };
            let before = before(header.text("tokenizer.ggml.pre").unwrap_or("none"))?;
            Pieces::Bpe(Box::new(merger(tokens, merges)?), Box::new(before))
        };
        Ok(Tokenizer {
            pieces,
            special,
            bytes,
            single,
            ends,
            begin: first.filter(|_| begins),
            names,
        })
    }

    /// The ids of a text. With `special`, the names of tokens that steer the model are those tokens.
    ///
    /// Special tokens are cut out of the text one after another, the longest first (llama.cpp,
    /// `tokenizer_st_partition`).
    pub fn encode(&self, text: &str, special: bool) -> Vec<u32> {
        let mut has = [false; 256];
        text.bytes().for_each(|byte| has[usize::from(byte)] = true);
        // Parts of the text still to be read, and ids of those already known.
        let mut parts = vec![Err(text)];
        let wanted = self
            .special
            .iter()
            .filter(|token| special || !token.control);
        for token in wanted.filter(|token| token.name.bytes().all(|byte| has[usize::from(byte)])) {
            if !text.contains(token.name.as_str()) {
                continue;
            }
            let mut cut = Vec::with_capacity(parts.len());
            for part in parts {
                let Err(text) = part else {
                    cut.push(part);
                    continue;
                };
                for (n, between) in text.split(token.name.as_str()).enumerate() {
                    if n > 0 {
                        cut.push(Ok(token.id));
                    }
                    if !between.is_empty() {
                        cut.push(Err(between));
                    }
                }
            }
            parts = cut;
        }
        let mut ids = Vec::new();
        let mut first = true;
        for part in parts {
            match part {
                Ok(id) => ids.push(id),
                Err(text) => self.encode_plain(text, first, &mut ids),
            }
            // After a special token, a space is put in front again.
            first = part.is_ok();
        }
        ids
    }

    fn encode_plain(&self, text: &str, first: bool, ids: &mut Vec<u32>) {
        let (model, before) = match &self.pieces {
            Pieces::Bpe(model, before) => (model, before),
            Pieces::Sentence { pieces, space } => {
                let spaced = if *space && first {
                    format!(" {text}")
                } else {
                    text.to_owned()
                };
                return pieces.encode(&spaced.replace(' ', &SPACE.to_string()), ids);
            }
        };
        let start = ids.len();
        let mut split = PreTokenizedString::from(text);
        if before.pre_tokenize(&mut split).is_ok() {
            for (piece, _, _) in split.get_splits(OffsetReferential::Original, OffsetType::Byte) {
                ids.extend(
                    model
                        .tokenize(piece)
                        .into_iter()
                        .flatten()
                        .map(|token| token.id),
                );
            }
        }
        // A regular expression may give up on extreme text, such as a million spaces. Byte by byte is always right.
        let covered: usize = ids[start..].iter().map(|id| self.bytes_of(*id).len()).sum();
        if covered != text.len() {
            ids.truncate(start);
            ids.extend(text.bytes().filter_map(|byte| self.single.get(&byte)));
        }
    }

    /// The bytes an id stands for; none for special ones.
    pub fn bytes_of(&self, id: u32) -> &[u8] {
        self.bytes.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// The text of ids; bytes that are no UTF-8 are replaced.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids
            .iter()
            .flat_map(|id| self.bytes_of(*id))
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The name of a special id.
    pub fn name_of(&self, id: u32) -> Option<&str> {
        let found = self.special.iter().find(|special| special.id == id);
        found.map(|special| special.name.as_str())
    }

    /// Whether an id ends a text.
    pub fn is_end(&self, id: u32) -> bool {
        self.ends.contains(&id)
    }

    /// The ids that end a text.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The id a text begins with, where the file asks for one.
    pub fn begin(&self) -> Option<u32> {
        self.begin
    }

    /// Names of special tokens by which chat templates may call them.
    pub fn names(&self) -> BTreeMap<&'static str, String> {
        self.names.clone()
    }

    /// Whether it knows the tokens of ChatML.
    pub fn knows_chatml(&self) -> bool {
        ["<|im_start|>", "<|im_end|>"]
            .iter()
            .all(|wanted| self.special.iter().any(|token| token.name == *wanted))
    }

    /// Number of ids.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// The cutting of text into pieces inside which BPE merges.
fn before(kind: &str) -> Result<Sequence, Refusal> {
    let split = |pattern: &str| {
        Split::new(
            SplitPattern::Regex(pattern.into()),
            SplitDelimiterBehavior::Isolated,
            false,
        )
        .map_err(|error| Refusal::Unknown(format!("the pre-tokenizer {kind}: {error}")))
    };
    Ok(Sequence::new(match kind {
        "smollm" => vec![
            Digits::new(true).into(),
            ByteLevel::new(false, true, true).into(),
        ],
        "gpt-2" | "default" => vec![ByteLevel::new(false, true, true).into()],
        "qwen2" => vec![
            split(QWEN2)?.into(),
            ByteLevel::new(false, true, false).into(),
        ],
        "llama-bpe" => vec![
            split(LLAMA3)?.into(),
            ByteLevel::new(false, true, false).into(),
        ],
        other => return Err(Refusal::Unknown(format!("the pre-tokenizer {other}"))),
    }))
}

/// The list of tokens.
fn tokens(header: &Header) -> Option<&[String]> {
    match header.values.get("tokenizer.ggml.tokens") {
        Some(Value::Texts(tokens)) => Some(tokens),
        _ => None,
    }
}

/// The BPE model. The crate's builder panics where a merge makes a token longer than all known ones, so every merge is
/// checked first.
fn merger(tokens: &[String], merges: &[String]) -> Result<BPE, Refusal> {
    let known: HashSet<&str> = tokens.iter().map(String::as_str).collect();
    let mut pairs = Vec::with_capacity(merges.len());
    for merge in merges {
        let pair = merge.split_once(' ').filter(|(a, b)| {
            known.contains(a) && known.contains(b) && known.contains(format!("{a}{b}").as_str())
        });
        let (a, b) = pair.ok_or_else(|| {
            Refusal::Damaged(format!("the merge {merge:.40?} is of no known tokens"))
        })?;
        pairs.push((a.to_owned(), b.to_owned()));
    }
    let vocabulary: Vocab = tokens.iter().cloned().zip(0u32..).collect();
    BPE::builder()
        .vocab_and_merges(vocabulary, pairs)
        .build()
        .map_err(|error| Refusal::Damaged(format!("its merges cannot be used: {error}")))
}

/// The byte a token such as `<0x0A>` stands for.
fn byte_of(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok()
}

/// The characters by which byte-level BPE writes bytes: printable ones as they are, the others from U+0100 on (GPT-2).
fn alphabet() -> HashMap<char, u8> {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut letters: HashMap<char, u8> = (0..=255u8)
        .filter(printable)
        .map(|byte| (char::from(byte), byte))
        .collect();
    let others = (0..=255u8).filter(|byte| !printable(byte));
    letters.extend(
        others
            .zip(0x100u32..)
            .filter_map(|(byte, code)| char::from_u32(code).map(|letter| (letter, byte))),
    );
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vocabulary of all bytes, a few merges and two special tokens.
    fn header(pre: &str, merges: &[&str]) -> Header {
        let mut letters: Vec<(char, u8)> = alphabet().into_iter().collect();
        letters.sort_by_key(|(_, byte)| *byte);
        let mut tokens: Vec<String> = letters
            .iter()
            .map(|(letter, _)| letter.to_string())
            .collect();
        tokens.extend(
            [
                "th",
                "the",
                "Ġthe",
                "Ġt",
                "12",
                "<|im_start|>",
                "<|im_end|>",
            ]
            .map(str::to_owned),
        );
        let mut kinds = vec![1i64; tokens.len()];
        let count = kinds.len();
        kinds[count - 2..].fill(CONTROL);
        let mut header = Header::default();
        for (key, value) in [
            ("tokenizer.ggml.model", Value::Text("gpt2".into())),
            ("tokenizer.ggml.pre", Value::Text(pre.into())),
            ("tokenizer.ggml.tokens", Value::Texts(tokens)),
            ("tokenizer.ggml.token_type", Value::Integers(kinds)),
            (
                "tokenizer.ggml.merges",
                Value::Texts(merges.iter().map(|merge| (*merge).to_owned()).collect()),
            ),
        ] {
            header.values.insert(key.into(), value);
        }
        header
    }

    const MERGES: &[&str] = &["t h", "th e", "Ġ the", "1 2"];

    #[test]
    fn digits_stand_alone_where_the_file_says_so() {
        let ids = |pre: &str| {
            Tokenizer::from_header(&header(pre, MERGES))
                .unwrap()
                .encode("the 12", false)
        };
        let (the, one, two, space, twelve) =
            (257, u32::from(b'1'), u32::from(b'2'), u32::from(b' '), 260);
        assert_eq!(ids("smollm"), [the, space, one, two]);
        assert_eq!(ids("gpt-2"), [the, space, twelve]);
        assert_eq!(ids("qwen2"), [the, space, one, two]);
        assert_eq!(ids("llama-bpe"), [the, space, twelve]);
    }

    #[test]
    fn special_names_are_tokens_only_when_asked() {
        let tokenizer = Tokenizer::from_header(&header("smollm", MERGES)).unwrap();
        let text = "<|im_start|>the<|im_end|>";
        assert_eq!(tokenizer.encode(text, true), [261, 257, 262]);
        let plain = tokenizer.encode(text, false);
        assert!(plain.len() > 20 && !plain.contains(&261));
        assert_eq!(tokenizer.decode(&plain), text);
        assert_eq!(tokenizer.decode(&[261, 257, 262]), "the");
        assert!(tokenizer.is_end(262) && !tokenizer.is_end(261) && tokenizer.knows_chatml());
    }

    #[test]
    fn any_text_comes_back() {
        for pre in ["smollm", "gpt-2", "qwen2", "llama-bpe"] {
            let tokenizer = Tokenizer::from_header(&header(pre, MERGES)).unwrap();
            for text in [
                "",
                " ",
                "\r\n\r\n",
                "第十二条  the  违约金 12.5%\t\u{3000}——🖋\u{fe0f}\u{0}",
                "e\u{301} ﷽ it's 1２③",
            ] {
                assert_eq!(
                    tokenizer.decode(&tokenizer.encode(text, false)),
                    text,
                    "{pre}"
                );
            }
        }
        let tokenizer = Tokenizer::from_header(&header("qwen2", MERGES)).unwrap();
        let long = format!("{}x", " ".repeat(300_000));
        assert_eq!(tokenizer.decode(&tokenizer.encode(&long, false)), long);
    }

    #[test]
    fn merges_of_unknown_tokens_are_refused_without_a_panic() {
        for merge in ["the the", "Q Q", "the", " ", "", "no such"] {
            let refusal = Tokenizer::from_header(&header("smollm", &[merge])).err();
            assert!(
                matches!(refusal, Some(Refusal::Damaged(_))),
                "{merge:?}: {refusal:?}"
            );
        }
    }
}
