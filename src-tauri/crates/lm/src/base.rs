//! A base model: one file, loaded once and shared by its sessions.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::chat::{self, Message};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::gguf::{self, Header, Refusal};
use crate::load;
use crate::session::Session;
use crate::tokenizer::Tokenizer;
use crate::transformer::Transformer;

/// A loaded model. Cloning shares it.
#[derive(Clone)]
pub struct Base {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) model: Transformer,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) pool: ThreadPool,
    info: BaseInfo,
    template: Option<String>,
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
    /// Bytes the weights take in memory.
    pub weight_bytes: u64,
    /// Bytes the memory of a conversation takes for each token.
    pub bytes_per_token: u64,
}

impl Base {
    /// Loads a GGUF file.
    ///
    /// # Errors
    /// The file cannot be read, is no GGUF file, is damaged, or is of a kind this program does not run. What it asks for is
    /// checked against its own size first: a damaged file neither panics nor takes more than a few times its size.
    pub fn load(path: &Path) -> Result<Base> {
        // The map lives only until this function returns: the weights are kept in another form.
        let bytes = open(path)?;
        let pool = pool()?;
        pool.install(|| Inner::read(&bytes))
            .map_err(|refusal| of(path, refusal))
            .map(|(model, tokenizer, info, template)| Base {
                inner: Arc::new(Inner {
                    model,
                    tokenizer,
                    pool,
                    info,
                    template,
                }),
            })
    }

    /// Whether a file is a whole GGUF file of an architecture that this program runs, with a tokenizer it can read. Takes
    /// the header for it and no weights, so that it costs little.
    ///
    /// # Errors
    /// As [`Base::load`].
    pub fn check(path: &Path) -> Result<()> {
        let bytes = open(path)?;
        let check = || {
            let header = gguf::read(&bytes)?;
            Config::from_header(&header)?;
            Tokenizer::from_header(&header).map(|_| ())
        };
        check().map_err(|refusal| of(path, refusal))
    }

    /// What the file says about its model.
    pub fn info(&self) -> &BaseInfo {
        &self.inner.info
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
    /// without a template, or with one that cannot be run, gets ChatML if it knows its tokens.
    ///
    /// # Errors
    /// [`Error::Template`] where neither works.
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
            None => Err(Error::Template("the file has none".into())),
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

/// What [`Inner::read`] gives: the parts of a base that come from the file.
type Parts = (Transformer, Tokenizer, BaseInfo, Option<String>);

impl Inner {
    fn read(bytes: &[u8]) -> std::result::Result<Parts, Refusal> {
        let header = gguf::read(bytes)?;
        let tokenizer = Tokenizer::from_header(&header)?;
        let model = load::transformer(&header, bytes, tokenizer.size())?;
        let info = info(&header, &model, tokenizer.size(), bytes.len());
        let template = header.text("tokenizer.chat_template").map(str::to_owned);
        Ok((model, tokenizer, info, template))
    }
}

fn info(header: &Header, model: &Transformer, vocabulary: usize, file_bytes: usize) -> BaseInfo {
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
    let config = &model.config;
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
        weight_bytes: model.weight_bytes() as u64,
        bytes_per_token: (2 * 4 * config.layers * config.kv_heads * config.head) as u64,
    }
}

fn open(path: &Path) -> Result<Mmap> {
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

fn of(path: &Path, refusal: Refusal) -> Error {
    let path = path.to_owned();
    match refusal {
        Refusal::NotGguf => Error::NotAModel { path },
        Refusal::Damaged(what) => Error::Damaged { path, what },
        Refusal::Unknown(what) => Error::Unsupported { path, what },
    }
}

/// Threads for the arithmetic: one core is left to the window.
fn pool() -> Result<ThreadPool> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    ThreadPoolBuilder::new()
        .num_threads(cores.saturating_sub(1).max(1))
        .thread_name(|n| format!("lm-{n}"))
        .build()
        .map_err(|error| Error::Compute(error.to_string()))
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
