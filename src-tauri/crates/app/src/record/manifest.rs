//! The manifest of an adapter's folder: what the adapter is of, beside what PEFT needs to know.

use moqi_store::{AdapterRow, Measured, Part, SourceRow, TrainingRunRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::tune::leak::Leaks;
use crate::walls;

/// The name of the manifest in an adapter's folder.
pub const MANIFEST: &str = "moqi.json";

/// A manifest of ten thousand sources has a tenth of it.
const LARGEST: usize = 16 << 20;

/// Where an adapter comes from. Fields of later versions are read over, and fields that are missing are empty, except
/// the base, without which nothing could be done with the adapter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The base it was learnt on.
    pub base: BaseNamed,
    /// Name of the adapter.
    #[serde(default)]
    pub name: String,
    /// The way it was tuned, such as `lora`.
    #[serde(default)]
    pub method: String,
    /// The language of what it learnt from, as a tag.
    #[serde(default)]
    pub language: String,
    /// When it was made, in Unix milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Version of the program that made it.
    #[serde(default)]
    pub program: String,
    /// A mark of for whom it may be used, by which those are known again and not named; none of an adapter of another
    /// program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<String>,
    /// The adapter the tuning began from.
    #[serde(default)]
    pub begun_from: Option<String>,
    /// All settings.
    #[serde(default)]
    pub configuration: Value,
    /// Hash of all examples.
    #[serde(default)]
    pub data_hash: String,
    /// What it learnt from and was measured on.
    #[serde(default)]
    pub sources: Vec<SourceNamed>,
    /// Held-out documents with the bare base.
    #[serde(default)]
    pub before: Figures,
    /// Held-out documents with the adapter.
    #[serde(default)]
    pub after: Figures,
}

/// A base.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BaseNamed {
    /// Fingerprint of its weights.
    pub fingerprint: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceNamed {
    /// Title or file name.
    #[serde(default)]
    pub title: String,
    /// Hash of its content.
    #[serde(default)]
    pub hash: String,
    /// `train`, `valid` or `test`.
    #[serde(default)]
    pub part: String,
    /// Examples made of it.
    #[serde(default)]
    pub examples: i64,
    /// Tokens of these.
    #[serde(default)]
    pub tokens: i64,
}

/// How well held-out documents are foretold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Mean loss of a wanted token, in nats.
    #[serde(default)]
    pub loss: Option<f64>,
    /// Perplexity.
    #[serde(default)]
    pub perplexity: Option<f64>,
}

impl From<Measured> for Figures {
    fn from(Measured { loss, perplexity }: Measured) -> Figures {
        Figures { loss, perplexity }
    }
}

impl From<Figures> for Measured {
    fn from(Figures { loss, perplexity }: Figures) -> Measured {
        Measured { loss, perplexity }
    }
}

impl Manifest {
    /// What the leak test of a mix found; what a tuning found is in the record of its run.
    pub fn leaks(&self) -> Option<Leaks> {
        serde_json::from_value(self.configuration.get("leaks")?.clone()).ok()
    }

    /// The manifest of what a run made. Of a path only the file's name is told, since folders name clients; sources that
    /// were left out are not in it.
    pub fn of(adapter: &AdapterRow, run: &TrainingRunRow, sources: &[SourceRow]) -> Manifest {
        let configuration = serde_json::from_str(&run.configuration);
        let used = sources.iter().filter(|source| source.part != Part::LeftOut);
        Manifest {
            base: BaseNamed {
                fingerprint: adapter.base.clone(),
                name: adapter.base_name.clone(),
            },
            name: adapter.name.clone(),
            method: adapter.method.clone(),
            language: adapter.language.clone(),
            created_at: adapter.created_at,
            program: run.program.clone(),
            wall: Some(walls::mark(&adapter.wall)),
            begun_from: run.begun_from.clone(),
            configuration: configuration
                .unwrap_or_else(|_| Value::String(run.configuration.clone())),
            data_hash: run.data_hash.clone(),
            sources: used.map(SourceNamed::of).collect(),
            before: run.before.into(),
            after: run.after.into(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// It is too large, it is no JSON, a field is of another kind than it must be, or the base is missing.
    pub fn read(bytes: &[u8]) -> Result<Manifest> {
        if bytes.len() > LARGEST {
            return Err(Error::input(
                format!("{MANIFEST} 太大，不是适配器的说明文件。"),
                format!("{MANIFEST} is too large to be the manifest of an adapter."),
            ));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            Error::input(
                format!("{MANIFEST} 读不懂（第 {} 行）。", error.line()),
                format!("{MANIFEST} cannot be read (line {}).", error.line()),
            )
            .hint(
                "请重新导出或复制该适配器的整个文件夹。",
                "Export the adapter again, or copy its whole folder again.",
            )
            .caused_by(error)
        })
    }

    /// The manifest as JSON. The same manifest gives the same bytes.
    ///
    /// # Errors
    /// Never for a manifest that was read or made of rows.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| {
            Error::new(
                crate::error::Code::Internal,
                format!("{MANIFEST} 没有写成。"),
                format!("{MANIFEST} could not be written."),
            )
            .caused_by(error)
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl SourceNamed {
    fn of(row: &SourceRow) -> SourceNamed {
        // A title of a document may have a stroke in it; a path has folders.
        let title = match &row.document_id {
            Some(_) => row.title.as_str(),
            None => row.title.rsplit(['/', '\\']).next().unwrap_or_default(),
        };
        SourceNamed {
            title: title.to_owned(),
            hash: row.hash.clone(),
            part: row.part.name().to_owned(),
            examples: row.examples,
            tokens: row.tokens,
        }
    }
}
