//! The header of a GGUF file, read as hostile input.
//!
//! Format: ggml's `docs/gguf.md`, versions 2 and 3, little-endian. Every size, offset and count is checked against the
//! file before anything is allocated, so that a damaged file costs no more memory than its own length.

use std::collections::HashMap;
use std::path::Path;

use crate::block::Kind;
use crate::error::Error;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any integer type; an unsigned one beyond `i64` is refused.
    Integer(i64),
    /// Any floating type.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text; bytes that are no UTF-8 are replaced.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// Integers.
    Integers(Vec<i64>),
    /// Numbers.
    Floats(Vec<f32>),
}

/// One tensor: its shape and where its bytes lie in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Shape, rows first: ggml's order reversed.
    pub shape: Vec<usize>,
    /// How its numbers are written.
    pub kind: Kind,
    /// Which of the files it lies in.
    pub file: usize,
    /// First byte in the file.
    pub start: usize,
    /// Length in bytes.
    pub length: usize,
}

/// A header: metadata and tensors by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Header {
    /// Metadata.
    pub values: HashMap<String, Value>,
    /// Tensors.
    pub tensors: HashMap<String, TensorInfo>,
    /// Whose conventions the tensors follow.
    pub layout: Layout,
}

/// Two ways to write down the same model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Heads of llama ordered for neighbouring pairs; norms of Gemma as they are multiplied.
    #[default]
    Ggml,
    /// Heads ordered for halves; norms of Gemma less one.
    HuggingFace,
}

/// Why a header was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The file does not begin like a GGUF file.
    NotGguf,
    /// Something in it cannot be.
    Damaged(String),
    /// It may be whole, but this program does not know it.
    Unknown(String),
}

impl Refusal {
    /// The same, and what it is about.
    pub fn about(self, name: &str) -> Refusal {
        match self {
            Refusal::NotGguf => Refusal::NotGguf,
            Refusal::Damaged(what) => Refusal::Damaged(format!("{name}: {what}")),
            Refusal::Unknown(what) => Refusal::Unknown(format!("{name}: {what}")),
        }
    }

    /// The error for people about a file.
    pub fn of(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Refusal::NotGguf => Error::NotAModel { path },
            Refusal::Damaged(what) => Error::Damaged { path, what },
            Refusal::Unknown(what) => Error::Unsupported { path, what },
        }
    }
}

impl Header {
    /// An integer of the metadata.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.values.get(key)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A text of the metadata.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number of the metadata.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.values.get(key)? {
            Value::Float(number) => Some(*number),
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }
}

/// The longest name or key; ggml allows 65,535 bytes for keys and 64 for tensor names.
const LONGEST_NAME: usize = 1 << 16;
/// Tensors of the largest models in use stay far below this.
const MOST_TENSORS: u64 = 1 << 16;

/// Reads the header of a whole file.
pub fn read(bytes: &[u8]) -> Result<Header, Refusal> {
    if bytes.get(..4) != Some(b"GGUF") {
        return Err(Refusal::NotGguf);
    }
    let mut cursor = Cursor { bytes, at: 4 };
    let version = cursor.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Refusal::Unknown(format!("version {version} of the format")));
    }
    let tensor_count = cursor.u64()?;
    let value_count = cursor.u64()?;
    // The least a tensor or a value can take in the file bounds how many there can be.
    if tensor_count > MOST_TENSORS || tensor_count.saturating_mul(24) > bytes.len() as u64 {
        return Err(damaged(format!(
            "{tensor_count} tensors do not fit into the file"
        )));
    }
    if value_count.saturating_mul(13) > bytes.len() as u64 {
        return Err(damaged(format!(
            "{value_count} values do not fit into the file"
        )));
    }
    let mut header = Header::default();
    for _ in 0..value_count {
        let key = cursor.text(LONGEST_NAME)?;
        let kind = cursor.u32()?;
        let value = cursor.value(kind)?;
        header.values.insert(key, value);
    }
    let mut infos = Vec::with_capacity(usize::try_from(tensor_count).unwrap_or(0));
    for _ in 0..tensor_count {
        infos.push(cursor.tensor()?);
    }
    let alignment = match header.values.get("general.alignment") {
        None => 32,
        Some(Value::Integer(n)) if *n > 0 && *n <= 1 << 20 && n.count_ones() == 1 => {
            usize::try_from(*n).unwrap_or(32)
        }
        Some(_) => return Err(damaged("the alignment cannot be".into())),
    };
    let data = cursor.at.div_ceil(alignment) * alignment;
    let mut sum = 0;
    for (name, mut info, offset) in infos {
        let start = usize::try_from(offset)
            .ok()
            .and_then(|offset| data.checked_add(offset));
        let end = start.and_then(|start| start.checked_add(info.length));
        let (Some(start), Some(end)) = (start, end) else {
            return Err(damaged(format!("the place of {name} cannot be")));
        };
        if end > bytes.len() {
            return Err(damaged(format!(
                "{name} ends at byte {end}, the file at byte {}",
                bytes.len()
            )));
        }
        info.start = start;
        sum += info.length;
        // Tensors that share bytes would let a small file ask for much memory.
        if sum > bytes.len() {
            return Err(damaged("its tensors do not fit into the file".into()));
        }
        header.tensors.insert(name, info);
    }
    Ok(header)
}

fn damaged(what: String) -> Refusal {
    Refusal::Damaged(what)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let end = self
            .at
            .checked_add(count)
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(damaged("the header ends in the middle".into()));
        };
        let part = &self.bytes[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let part = self.take(N)?;
        Ok(part.try_into().expect("take gives what was asked for"))
    }

    fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self, longest: usize) -> Result<String, Refusal> {
        let length = usize::try_from(self.u64()?)
            .ok()
            .filter(|length| *length <= longest);
        let Some(length) = length else {
            return Err(damaged("a text is too long".into()));
        };
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn integer(&mut self, kind: u32) -> Result<i64, Refusal> {
        Ok(match kind {
            0 => i64::from(self.array::<1>()?[0]),
            1 => i64::from(i8::from_le_bytes(self.array()?)),
            2 => i64::from(u16::from_le_bytes(self.array()?)),
            3 => i64::from(i16::from_le_bytes(self.array()?)),
            4 => i64::from(self.u32()?),
            5 => i64::from(i32::from_le_bytes(self.array()?)),
            10 => {
                i64::try_from(self.u64()?).map_err(|_| damaged("a number is too large".into()))?
            }
            11 => i64::from_le_bytes(self.array()?),
            _ => return Err(damaged(format!("type {kind} of a value is not known"))),
        })
    }

    fn value(&mut self, kind: u32) -> Result<Value, Refusal> {
        Ok(match kind {
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            8 => Value::Text(self.text(self.bytes.len())?),
            9 => self.list()?,
            other => Value::Integer(self.integer(other)?),
        })
    }

    fn list(&mut self) -> Result<Value, Refusal> {
        let kind = self.u32()?;
        let count = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        let smallest = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            // Lists of lists are in no model in use, and would let a small file ask for a deep stack.
            _ => return Err(damaged(format!("lists of type {kind} are not known"))),
        };
        if count.saturating_mul(smallest) > self.bytes.len() - self.at {
            return Err(damaged(format!(
                "a list of {count} does not fit into the file"
            )));
        }
        Ok(match kind {
            8 => Value::Texts(
                (0..count)
                    .map(|_| self.text(self.bytes.len()))
                    .collect::<Result<_, _>>()?,
            ),
            6 => Value::Floats(
                (0..count)
                    .map(|_| Ok(f32::from_le_bytes(self.array()?)))
                    .collect::<Result<_, _>>()?,
            ),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "scores are read as single precision, as ggml does"
            )]
            12 => Value::Floats(
                (0..count)
                    .map(|_| Ok(f64::from_le_bytes(self.array()?) as f32))
                    .collect::<Result<_, _>>()?,
            ),
            7 => Value::Integers(
                (0..count)
                    .map(|_| self.integer(0))
                    .collect::<Result<_, _>>()?,
            ),
            _ => Value::Integers(
                (0..count)
                    .map(|_| self.integer(kind))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Name, shape and length of a tensor, and its offset from the start of the data.
    fn tensor(&mut self) -> Result<(String, TensorInfo, u64), Refusal> {
        let name = self.text(LONGEST_NAME)?;
        let dimensions = self.u32()?;
        if dimensions == 0 || dimensions > 4 {
            return Err(damaged(format!("{name} has {dimensions} dimensions")));
        }
        let mut shape = Vec::new();
        let mut elements = 1usize;
        for _ in 0..dimensions {
            let size = usize::try_from(self.u64()?).ok().filter(|size| *size > 0);
            let product =
                size.and_then(|size| elements.checked_mul(size).map(|product| (size, product)));
            let Some((size, product)) = product else {
                return Err(damaged(format!("the shape of {name} cannot be")));
            };
            shape.push(size);
            elements = product;
        }
        let kind = self.u32()?;
        let offset = self.u64()?;
        let Some(kind) = Kind::from_number(kind) else {
            return Err(Refusal::Unknown(format!("type {kind} of {name}")));
        };
        let (block, bytes) = kind.block();
        if shape[0] % block != 0 {
            return Err(damaged(format!(
                "a row of {name} is no whole number of blocks"
            )));
        }
        let Some(length) = (elements / block).checked_mul(bytes) else {
            return Err(damaged(format!("{name} is too large")));
        };
        shape.reverse();
        Ok((
            name,
            TensorInfo {
                shape,
                kind,
                file: 0,
                start: 0,
                length,
            },
            offset,
        ))
    }
}
