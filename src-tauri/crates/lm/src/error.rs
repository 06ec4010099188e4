//! Why a model could not be loaded or used.

use std::fmt;
use std::path::PathBuf;

/// Why the model room refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read.
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not a GGUF model.
    NotAModel {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged or cut short.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file is whole but of a kind this program does not run.
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not supported.
        what: String,
    },
    /// The text does not fit into the model's context.
    TooLong {
        /// Tokens of the text.
        tokens: usize,
        /// Tokens the model can hold.
        context: usize,
    },
    /// There is no example to learn from.
    NothingToLearn,
    /// An example has a token that the model does not know.
    UnknownToken {
        /// The token.
        token: u32,
        /// Tokens the model knows.
        vocabulary: usize,
    },
    /// What is asked for needs the model on the processor, and it is on a graphics card.
    NotOnCard {
        /// What it is.
        what: String,
    },
    /// The base has an adapter beside its weights already, and the bare one is wanted.
    Adapted,
    /// The adapter was learnt for another base.
    OtherBase {
        /// What does not fit.
        what: String,
    },
    /// The adapters cannot be mixed, or gone on with.
    CannotCombine {
        /// Why.
        what: String,
    },
    /// The adapter cannot be put into the weights of the base.
    CannotMerge {
        /// Why.
        what: String,
    },
    /// The chat template of the file failed.
    Template(String),
    /// The arithmetic failed; a fault of this program.
    Compute(String),
}

/// The result of using a model.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { path, error } => write!(f, "{} could not be read: {error}", path.display()),
            Error::NotAModel { path } => write!(f, "{} is not a GGUF model", path.display()),
            Error::Damaged { path, what } => {
                write!(f, "{} is damaged or cut short: {what}", path.display())
            }
            Error::Unsupported { path, what } => {
                write!(f, "{} cannot be run: {what}", path.display())
            }
            Error::TooLong { tokens, context } => {
                write!(f, "the text has {tokens} tokens, the model holds {context}")
            }
            Error::NothingToLearn => write!(f, "there is no example to learn from"),
            Error::UnknownToken { token, vocabulary } => write!(
                f,
                "an example has the token {token}, the model knows {vocabulary}: it was made for another model"
            ),
            Error::NotOnCard { what } => write!(
                f,
                "{what} cannot be used on a graphics card: load the model on the processor"
            ),
            Error::Adapted => write!(
                f,
                "the model has an adapter beside its weights, which would be left out: give the bare model"
            ),
            Error::OtherBase { what } => {
                write!(f, "the adapter was learnt for another model: {what}")
            }
            Error::CannotCombine { what } => write!(f, "the adapters cannot be combined: {what}"),
            Error::CannotMerge { what } => {
                write!(f, "the adapter cannot be put into the weights: {what}")
            }
            Error::Template(what) => write!(f, "the chat template of the model failed: {what}"),
            Error::Compute(what) => write!(f, "the computation failed: {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Error::Compute(error.to_string())
    }
}
