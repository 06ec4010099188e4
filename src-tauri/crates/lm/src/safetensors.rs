//! A folder as Hugging Face lays it out (config.json, tokenizer.json, *.safetensors), read as hostile input into the same
//! header as a GGUF file.

mod config;
mod tokenizer;

use std::collections::BTreeSet;
use std::path::Path;

use memmap2::Mmap;
use serde_json::Value as Json;

use crate::block::Kind;
use crate::error::{Error, Result};
use crate::gguf::{Header, Layout, Refusal, TensorInfo, Value};

/// The largest description that is read; those of the largest vocabularies stay below 40 MB.
const LONGEST_JSON: u64 = 96 << 20;
/// The largest header of a file of weights: the format's own limit.
const LONGEST_HEADER: usize = 100_000_000;

/// Reads the descriptions and headers of a folder.
pub fn read(folder: &Path) -> Result<(Header, Vec<Mmap>)> {
    let refuse = |refusal: Refusal| refusal.of(folder);
    let config = json(folder, "config.json")?
        .ok_or_else(|| refuse(Refusal::Damaged("config.json is missing".into())))?;
    let mut header = Header {
        layout: Layout::HuggingFace,
        ..Header::default()
    };
    config::read(&config, &mut header).map_err(refuse)?;
    let tokenizer = json(folder, "tokenizer.json")?
        .ok_or_else(|| refuse(Refusal::Damaged("tokenizer.json is missing".into())))?;
    let settings = json(folder, "tokenizer_config.json")?.unwrap_or_default();
    let rows = config::text(&config)["vocab_size"].as_u64().unwrap_or(0);
    tokenizer::read(&tokenizer, &settings, rows, &mut header).map_err(refuse)?;
    let template = folder.join("chat_template.jinja");
    if let Ok(text) = std::fs::read_to_string(&template) {
        set(&mut header, "tokenizer.chat_template", Value::Text(text));
    }
    if let Some(name) = folder.file_name() {
        set(
            &mut header,
            "general.name",
            Value::Text(name.to_string_lossy().into_owned()),
        );
    }
    let mut files = Vec::new();
    for name in names(folder)? {
        let map = crate::base::open(&folder.join(&name))?;
        tensors(&map, files.len(), &mut header)
            .map_err(|refusal| refusal.of(&folder.join(&name)))?;
        files.push(map);
    }
    if files.is_empty() {
        return Err(refuse(Refusal::Damaged(
            "it holds no .safetensors file".into(),
        )));
    }
    Ok((header, files))
}

/// Sets a value of the metadata.
fn set(header: &mut Header, key: &str, value: Value) {
    header.values.insert(key.to_owned(), value);
}

/// A description in the folder, if it is there.
fn json(folder: &Path, name: &str) -> Result<Option<Json>> {
    let path = folder.join(name);
    let io = |error| Error::Io {
        path: path.clone(),
        error,
    };
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(about) if !about.is_file() || about.len() > LONGEST_JSON => {
            return Err(Refusal::Damaged("it is too large, or no file".into()).of(&path));
        }
        Ok(_) => {}
    }
    let bytes = std::fs::read(&path).map_err(io)?;
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| Refusal::Damaged(format!("it is no JSON: {error}")).of(&path))
}

/// The files of weights: those the index names, else all of the folder.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    if let Some(index) = json(folder, "model.safetensors.index.json")? {
        let files = index["weight_map"].as_object().into_iter().flatten();
        let names: BTreeSet<String> = files
            .filter_map(|(_, name)| name.as_str().map(str::to_owned))
            .collect();
        // A name that leads out of the folder is not followed.
        if let Some(bad) = names
            .iter()
            .find(|name| Path::new(name).components().count() != 1 || name.contains(".."))
        {
            return Err(Refusal::Damaged(format!("its index names the file {bad:.60}")).of(folder));
        }
        return Ok(names);
    }
    let list = std::fs::read_dir(folder).map_err(|error| Error::Io {
        path: folder.to_owned(),
        error,
    })?;
    Ok(list
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".safetensors"))
        .collect())
}

/// Reads the header of a file of weights: a length of 8 bytes, JSON, then the tensors.
pub fn tensors(bytes: &[u8], file: usize, header: &mut Header) -> std::result::Result<(), Refusal> {
    let damaged = |what: String| Err(Refusal::Damaged(what));
    let Some(length) = bytes
        .first_chunk::<8>()
        .map(|eight| u64::from_le_bytes(*eight))
    else {
        return damaged("it is too short".into());
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST_HEADER || length > bytes.len() - 8 {
        return damaged("its header does not fit into the file".into());
    }
    let (text, data) = bytes[8..].split_at(length);
    let list: Json = match serde_json::from_slice(text) {
        Ok(list) => list,
        Err(error) => return damaged(format!("its header is no JSON: {error}")),
    };
    let mut sum = 0usize;
    for (name, entry) in list.as_object().into_iter().flatten() {
        if name == "__metadata__" {
            continue;
        }
        let Some(known) = config::tensor(name) else {
            continue;
        };
        let kind = match entry["dtype"].as_str() {
            Some("F32") => Kind::F32,
            Some("F16") => Kind::F16,
            Some("BF16") => Kind::Bf16,
            other => {
                let other = other.unwrap_or("none").to_owned();
                return Err(Refusal::Unknown(format!("type {other:.20} of {name:.80}")));
            }
        };
        let number = |value: &Json| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let numbers =
            |value: &Json| -> Option<Vec<usize>> { value.as_array()?.iter().map(number).collect() };
        let (Some(shape), Some(offsets)) =
            (numbers(&entry["shape"]), numbers(&entry["data_offsets"]))
        else {
            return damaged(format!("the place of {name:.80} is missing"));
        };
        let wanted = shape
            .iter()
            .try_fold(kind.block().1, |product, size| product.checked_mul(*size));
        match *offsets.as_slice() {
            [start, end]
                if start <= end
                    && end <= data.len()
                    && wanted == Some(end - start)
                    && end > start
                    && shape.len() <= 2 =>
            {
                // Tensors that share bytes would let a small file ask for much memory.
                sum += end - start;
                if sum > data.len() {
                    return damaged("its tensors do not fit into the file".into());
                }
                let info = TensorInfo {
                    shape,
                    kind,
                    file,
                    start: 8 + length + start,
                    length: end - start,
                };
                header.tensors.insert(known, info);
            }
            _ => return damaged(format!("the place of {name:.80} cannot be")),
        }
    }
    Ok(())
}
