//! A base model: one file, loaded once and shared by its sessions.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use sha2::{Digest, Sha256};

use crate::chat::{self, Message};
use crate::config::Config;
use crate::device::{self, Place, Reason};
use crate::engine::{Cpu, Tensors};
use crate::error::{Error, Result};
use crate::gguf::{self, Header, Refusal};
use crate::load;
use crate::model::Model;
use crate::safetensors;
use crate::session::Session;
use crate::tokenizer::Tokenizer;
use crate::train::Example;

/// A loaded model. Cloning shares it.
#[derive(Clone)]
pub struct Base {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) model: Model,
    pub(crate) tokenizer: Arc<Tokenizer>,
    info: BaseInfo,
    template: Option<String>,
    fingerprint: String,
    /// An adapter stands beside its weights: it is for drafting only.
    adapted: bool,
}

/// What a file says about its model.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseInfo {
    /// Name in the file; empty where it has none.
    pub name: String,
    /// Family: `llama`, `qwen2`, `qwen3`.
    pub architecture: String,
    /// Weights, as a count of numbers.
    pub parameters: u64,
    /// Tokens it can look back on.
    pub context_length: usize,
    /// Tokens it knows.
    pub vocabulary: usize,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// The type most of its weights have, such as `Q4_1`.
    pub quantisation: String,
    /// Where it runs: `CPU` with the instructions it uses, `CUDA` or `Metal`.
    pub device: String,
    /// Bytes the weights take in memory.
    pub weight_bytes: u64,
    /// Bytes the memory of a conversation takes for each token.
    pub bytes_per_token: u64,
}

impl Base {
    /// Loads a GGUF file, or a folder with config.json, tokenizer.json and *.safetensors.
    ///
    /// # Errors
    /// The file cannot be read, is no GGUF file, is damaged, or is of a kind this program does not run. What it asks for is
    /// checked against its own size first: a damaged file neither panics nor takes more than a few times its size.
    pub fn load(path: &Path) -> Result<Base> {
        Base::load_with(path, &Options::default())
    }

    /// The same, on a device and with threads of one's choice.
    ///
    /// # Errors
    /// As [`Base::load`].
    pub fn load_with(path: &Path, options: &Options) -> Result<Base> {
        let (header, files) = read(path)?;
        Inner::read(&header, &files, options)
            .map_err(|refusal| refusal.of(path))
            .map(|inner| Base {
                inner: Arc::new(inner),
            })
    }

    /// The same on candle's own processor, where a test wants what a card does.
    #[cfg(test)]
    pub(crate) fn on_tensors(path: &Path) -> Result<Base> {
        let (header, files) = read(path)?;
        let engine = Tensors::new(candle_core::Device::Cpu, true);
        let inner = Inner::with(&header, &files, |vocabulary| {
            load::transformer(engine, &header, &files, vocabulary).map(Model::Device)
        });
        Ok(Base {
            inner: Arc::new(inner.map_err(|refusal| refusal.of(path))?),
        })
    }

    /// Whether a file or folder is a whole model of an architecture that this program runs, with a tokenizer it can read. Takes
    /// the header for it and no weights, so that it costs little.
    ///
    /// # Errors
    /// As [`Base::load`].
    pub fn check(path: &Path) -> Result<()> {
        let (header, _) = read(path)?;
        let check = || {
            Config::from_header(&header)?;
            Tokenizer::from_header(&header).map(|_| ())
        };
        check().map_err(|refusal: Refusal| refusal.of(path))
    }

    /// What the file says about its model.
    pub fn info(&self) -> &BaseInfo {
        &self.inner.info
    }

    /// Whether it runs on a graphics card.
    pub fn on_card(&self) -> bool {
        matches!(self.inner.model, Model::Device(_))
    }

    /// Bytes that are free on the graphics card it runs on, where it runs on one that tells.
    pub fn card_free(&self) -> Option<u64> {
        match &self.inner.model {
            Model::Cpu(_) => None,
            Model::Device(model) => device::free(model.engine.device()),
        }
    }

    /// Threads of its arithmetic; a graphics card is one.
    pub fn threads(&self) -> usize {
        match &self.inner.model {
            Model::Cpu(model) => model.engine.threads().count(),
            Model::Device(_) => 1,
        }
    }

    /// What tells these weights from all others: a SHA-256, in hexadecimal digits, over the names, types and shapes of all
    /// tensors and the first and last bytes of each.
    pub fn fingerprint(&self) -> &str {
        &self.inner.fingerprint
    }

    /// Refuses a base that has an adapter beside its weights: what is trained, measured or adapted would leave it out.
    pub(crate) fn bare(&self) -> Result<()> {
        match self.inner.adapted {
            true => Err(Error::Adapted),
            false => Ok(()),
        }
    }

    /// Refuses examples that were tokenised for another model.
    pub(crate) fn knows(&self, examples: &[Example]) -> Result<()> {
        let vocabulary = self.inner.info.vocabulary;
        let mut tokens = examples.iter().flat_map(|example| &example.tokens);
        match tokens.find(|token| **token as usize >= vocabulary) {
            Some(&token) => Err(Error::UnknownToken { token, vocabulary }),
            None => Ok(()),
        }
    }

    /// An example of a conversation whose last answer, `wanted`, is to be learnt, with the token that ends it.
    ///
    /// # Errors
    /// As [`Base::chat`].
    pub fn example(&self, messages: &[Message], wanted: &str) -> Result<Example> {
        let prompt = self.chat(messages)?;
        let mut example = self.beginning(&prompt);
        example.tokens.extend(self.tokenize(wanted, false));
        example.tokens.extend(self.end());
        Ok(example)
    }

    /// An example of plain text, all of which is to be learnt.
    pub fn passage(&self, text: &str) -> Example {
        let mut example = self.beginning("");
        example.tokens.extend(self.tokenize(text, false));
        example.from = example.from.max(1);
        example
    }

    fn beginning(&self, prompt: &str) -> Example {
        let tokenizer = &self.inner.tokenizer;
        let mut tokens = self.tokenize(prompt, true);
        if let Some(begin) = tokenizer
            .begin()
            .filter(|begin| tokens.first() != Some(begin))
        {
            tokens.insert(0, begin);
        }
        let from = tokens.len();
        Example { tokens, from }
    }

    /// The token that ends an answer: the one the chat template speaks of, where there are several.
    fn end(&self) -> Option<u32> {
        let tokenizer = &self.inner.tokenizer;
        let template = self.inner.template.as_deref().unwrap_or("<|im_end|>");
        let ends = tokenizer.ends();
        let named = |id: &&u32| {
            let name = tokenizer.name_of(**id);
            name.is_some_and(|name| template.contains(name))
        };
        ends.iter().find(named).or(ends.first()).copied()
    }

    /// The ids of a text. With `special`, names of special tokens such as `<|im_start|>` in it become those tokens; without,
    /// they are read as the text they are, which is right for anything a person typed.
    pub fn tokenize(&self, text: &str, special: bool) -> Vec<u32> {
        self.inner.tokenizer.encode(text, special)
    }

    /// The text of ids; special tokens have none, and bytes that are no UTF-8 are replaced.
    pub fn detokenize(&self, ids: &[u32]) -> String {
        self.inner.tokenizer.decode(ids)
    }

    /// The prompt for a conversation, by the chat template of the file; ends where the answer of the model begins. A file
    /// without a template, or with one that cannot be run, gets ChatML if it knows its tokens. A model without either was
    /// never taught conversations: it goes on with the plain text.
    ///
    /// # Errors
    /// [`Error::Template`] where there is a template that cannot be run, and no ChatML.
    pub fn chat(&self, messages: &[Message]) -> Result<String> {
        let tokenizer = &self.inner.tokenizer;
        match &self.inner.template {
            Some(template) => {
                chat::render(template, messages, &tokenizer.names()).or_else(|why| match tokenizer
                    .knows_chatml()
                {
                    true => Ok(chat::chatml(messages)),
                    false => Err(Error::Template(why.to_string())),
                })
            }
            None if tokenizer.knows_chatml() => Ok(chat::chatml(messages)),
            None => Ok(chat::plain(messages)),
        }
    }

    /// A session with an empty memory.
    ///
    /// # Errors
    /// [`Error::Compute`], which only a fault of this program can cause.
    pub fn session(&self) -> Result<Session> {
        Session::new(self.clone())
    }
}

/// How a model is loaded.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Threads of the arithmetic; all cores but one, which is left to the window, where none is given.
    pub threads: Option<usize>,
    /// Where it runs.
    pub place: Place,
}

impl Inner {
    /// The same with an adapter beside the weights.
    pub(crate) fn with_adapter(other: &Inner, model: Model) -> Inner {
        Inner {
            tokenizer: other.tokenizer.clone(),
            info: other.info.clone(),
            template: other.template.clone(),
            fingerprint: other.fingerprint.clone(),
            adapted: true,
            model,
        }
    }

    /// The same with other weights, which `fingerprint` tells from all others.
    pub(crate) fn with_weights(other: &Inner, model: Model, fingerprint: String) -> Inner {
        let mut info = other.info.clone();
        info.weight_bytes = model.weight_bytes() as u64;
        Inner {
            tokenizer: other.tokenizer.clone(),
            info,
            template: other.template.clone(),
            fingerprint,
            adapted: false,
            model,
        }
    }

    fn read(
        header: &Header,
        files: &Vec<Mmap>,
        options: &Options,
    ) -> std::result::Result<Inner, Refusal> {
        Inner::with(header, files, |vocabulary| {
            place(header, files, vocabulary, options)
        })
    }

    /// The same with a model that is loaded in some way, for a number of tokens.
    fn with(
        header: &Header,
        files: &[Mmap],
        model: impl FnOnce(usize) -> std::result::Result<Model, Refusal>,
    ) -> std::result::Result<Inner, Refusal> {
        let fingerprint = fingerprint(header, files);
        // The lists of the tokenizer are made beside the weights: neither waits for the other.
        let (tokenizer, model) = std::thread::scope(|scope| {
            let tokenizer = scope.spawn(|| Tokenizer::from_header(header));
            let model = model(Tokenizer::count(header));
            let tokenizer = tokenizer.join();
            (
                tokenizer.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                model,
            )
        });
        let (tokenizer, model) = (tokenizer?, model?);
        let bytes = files.iter().map(|file| file.len()).sum();
        Ok(Inner {
            info: info(header, &model, tokenizer.size(), bytes),
            template: header.text("tokenizer.chat_template").map(str::to_owned),
            fingerprint,
            adapted: false,
            model,
            tokenizer: Arc::new(tokenizer),
        })
    }
}

/// Loads a model where it shall run.
fn place(
    header: &Header,
    files: &Vec<Mmap>,
    vocabulary: usize,
    options: &Options,
) -> std::result::Result<Model, Refusal> {
    if options.place != Place::Processor {
        let need = device::need(header, &Config::from_header(header)?);
        match device::card(need) {
            Ok(card) => {
                let engine = Tensors::new(card, true);
                let model = load::transformer(engine, header, files, vocabulary)?;
                // The thread that uses it need not be the one that loads it, and each has a stream of its own.
                let _ = model.engine.device().synchronize();
                return Ok(Model::Device(model));
            }
            Err(_) if options.place == Place::Automatic => {}
            Err(Reason::None(why)) => {
                return Err(Refusal::Unknown(format!(
                    "there is no graphics card this program can use ({why})"
                )));
            }
            Err(Reason::Full(need, free)) => {
                return Err(Refusal::Unknown(format!(
                    "it needs {} MB on the graphics card, of which {} MB are free",
                    need >> 20,
                    free >> 20
                )));
            }
        }
    }
    let threads = options.threads.unwrap_or_else(default_threads);
    let engine = Cpu::new(threads)
        .map_err(|error| Refusal::Unknown(format!("threads were refused: {error}")))?;
    load::transformer(engine, header, files, vocabulary).map(Model::Cpu)
}

fn info(header: &Header, model: &Model, vocabulary: usize, file_bytes: usize) -> BaseInfo {
    let count = |shape: &[usize]| shape.iter().map(|size| *size as u64).product::<u64>();
    let mut kinds: Vec<(u64, &str)> = Vec::new();
    for tensor in header
        .tensors
        .values()
        .filter(|tensor| tensor.shape.len() > 1)
    {
        let (name, elements) = (tensor.kind.name(), count(&tensor.shape));
        match kinds.iter_mut().find(|(_, known)| *known == name) {
            Some((sum, _)) => *sum += elements,
            None => kinds.push((elements, name)),
        }
    }
    let config = model.config();
    BaseInfo {
        name: header.text("general.name").unwrap_or_default().to_owned(),
        architecture: config.architecture.clone(),
        parameters: header
            .tensors
            .values()
            .map(|tensor| count(&tensor.shape))
            .sum(),
        context_length: config.context,
        vocabulary,
        file_bytes: file_bytes as u64,
        quantisation: kinds
            .iter()
            .max()
            .map_or_else(String::new, |(_, name)| (*name).to_owned()),
        device: model.device(),
        weight_bytes: model.weight_bytes() as u64,
        bytes_per_token: model.bytes_per_token() as u64,
    }
}

/// Bytes at each end of a tensor that tell it from others.
const SAMPLE: usize = 256;

fn fingerprint(header: &Header, files: &[Mmap]) -> String {
    let mut names: Vec<&String> = header.tensors.keys().collect();
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        let tensor = &header.tensors[name];
        hash.update(format!("{name} {} {:?};", tensor.kind.name(), tensor.shape));
        // The header's reader has checked that every tensor lies inside its file.
        let bytes = &files[tensor.file][tensor.start..tensor.start + tensor.length];
        let size = SAMPLE.min(bytes.len());
        hash.update(&bytes[..size]);
        hash.update(&bytes[bytes.len() - size..]);
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The header of a file or folder, and its maps. They live only while the model is loaded: the weights are kept in another
/// form.
fn read(path: &Path) -> Result<(Header, Vec<Mmap>)> {
    if path.is_dir() {
        return safetensors::read(path);
    }
    let map = open(path)?;
    let header = gguf::read(&map).map_err(|refusal| refusal.of(path))?;
    Ok((header, vec![map]))
}

/// Maps a file.
pub(crate) fn open(path: &Path) -> Result<Mmap> {
    let io = |error| Error::Io {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        return Err(Error::NotAModel {
            path: path.to_owned(),
        });
    }
    map(&file).map_err(io)
}

/// Threads for the arithmetic: one core is left to the window.
fn default_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).max(1)
}

/// Lets the system take back the memory of bytes that will not be read again, so that a model being loaded is not held
/// twice.
#[expect(
    unsafe_code,
    reason = "the advice is unsafe for maps that are written to"
)]
pub(crate) fn forget(map: &Mmap, start: usize, length: usize) {
    #[cfg(unix)]
    {
        // SAFETY: the map is read only and of a file: should a page be read again, it comes from the file again. A refusal
        // costs nothing but memory.
        let _ = unsafe {
            map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, length)
        };
    }
    #[cfg(not(unix))]
    let _ = (map, start, length);
}

#[expect(
    unsafe_code,
    reason = "the operating system offers a mapped file in no other way"
)]
fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the map is read only, and lives only while the model is loaded. Should another program cut or rewrite the
    // file in that moment, the bytes change under us: every read of them is bounds-checked and takes any value for good,
    // so that the worst is a model of nonsense, or the end of this process where the file became shorter.
    unsafe { Mmap::map(file) }
}
