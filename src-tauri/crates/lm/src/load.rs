//! From the bytes of files to a model: every shape is checked against the configuration.

use std::sync::Arc;

use candle_core::Tensor;
use memmap2::Mmap;

use crate::block::{Kind, decode};
use crate::config::Config;
use crate::engine::{Cpu, Engine, Linear, Matrix, Tensors};
use crate::gguf::{Header, Layout, Refusal, TensorInfo};
use crate::pack::{PANEL, Packed, pack_panel};
use crate::rope::Stretch;
use crate::transformer::{Layer, Transformer};

/// Bytes of a tensor: type, bytes, rows and columns.
pub struct Raw<'a> {
    kind: Kind,
    bytes: &'a [u8],
    rows: usize,
    columns: usize,
}

impl<'a> Raw<'a> {
    /// Bytes that hold exactly so many numbers of this kind.
    pub fn new(kind: Kind, bytes: &'a [u8], rows: usize, columns: usize) -> Raw<'a> {
        Raw {
            kind,
            bytes,
            rows,
            columns,
        }
    }
}

/// What weights are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Products.
    Layer,
    /// Rows will be looked up.
    Table,
    /// Products that give the scores of tokens.
    Head,
    /// Both of these.
    TableAndHead,
}

/// An engine that weights can be loaded into.
pub trait Load: Engine {
    /// Weights for some use. Says which bytes, from where and how many, have been
    /// read for good. The refusal does not name the tensor.
    fn matrix(
        &self,
        raw: &Raw<'_>,
        wanted: Use,
        done: &dyn Fn(usize, usize),
    ) -> Result<Self::Matrix, Refusal>;
    /// Weights of a norm.
    fn vector(&self, values: Vec<f32>) -> Result<Self::Vector, Refusal>;
}

/// Bytes of a file that are packed before they are given back, so that a large matrix is not held twice.
const STRIPE: usize = 8 << 20;

/// Rows of a head that are worth sorting out by half their bits: with fewer, those left are too large a part.
const WORTH_SPLITTING: usize = 1 << 17;

impl Load for Cpu {
    fn matrix(
        &self,
        raw: &Raw<'_>,
        wanted: Use,
        done: &dyn Fn(usize, usize),
    ) -> Result<Arc<Packed>, Refusal> {
        let Raw {
            kind,
            bytes,
            rows,
            columns,
        } = *raw;
        let mut packed = Packed::empty(kind, rows, columns)
            .ok_or_else(|| Refusal::Unknown(format!("rows of {columns}, no multiple of 32")))?;
        if matches!(wanted, Use::Head | Use::TableAndHead) && rows >= WORTH_SPLITTING {
            packed = packed.in_two_parts();
        }
        let row = bytes.len() / rows.max(1);
        let panels = (STRIPE / (PANEL * row).max(1)).max(1);
        for (stripe, places) in packed.places().chunks_mut(panels).enumerate() {
            let first = stripe * panels;
            self.threads().parts(places, 1, &|panel, places| {
                for (data, lower) in places {
                    pack_panel(kind, bytes, rows, columns, first + panel, (data, lower));
                }
            });
            let start = first * PANEL * row;
            done(start, (panels * PANEL * row).min(bytes.len() - start));
        }
        Ok(Arc::new(packed))
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>, Refusal> {
        Ok(values)
    }
}

impl Load for Tensors {
    fn matrix(
        &self,
        raw: &Raw<'_>,
        wanted: Use,
        done: &dyn Fn(usize, usize),
    ) -> Result<Matrix, Refusal> {
        let table = matches!(wanted, Use::Table | Use::TableAndHead);
        let matrix = Tensors::matrix(self, raw.kind, raw.bytes, (raw.rows, raw.columns), table)
            .map_err(|error| Refusal::Unknown(error.to_string()));
        done(0, raw.bytes.len());
        matrix
    }

    fn vector(&self, values: Vec<f32>) -> Result<Tensor, Refusal> {
        Tensors::vector(self, values).map_err(|error| Refusal::Unknown(error.to_string()))
    }
}

/// Files with weights.
pub trait Files {
    /// The bytes of each.
    fn bytes(&self, file: usize) -> &[u8];
    /// Says that some bytes will not be read again.
    fn done(&self, file: usize, start: usize, length: usize);
}

impl Files for Vec<Mmap> {
    fn bytes(&self, file: usize) -> &[u8] {
        &self[file]
    }

    fn done(&self, file: usize, start: usize, length: usize) {
        crate::base::forget(&self[file], start, length);
    }
}

/// Builds the model whose header was read from the same files. `vocabulary` is the number of tokens the tokenizer has.
pub fn transformer<E: Load>(
    engine: E,
    header: &Header,
    files: &dyn Files,
    vocabulary: usize,
) -> Result<Transformer<E>, Refusal> {
    let mut config = Config::from_header(header)?;
    let source = Source {
        header,
        files,
        engine: &engine,
        add: if header.layout == Layout::HuggingFace && config.after_norms {
            1.0
        } else {
            0.0
        },
    };
    let (width, rows) = (config.width, config.head * config.heads);
    // Before anything is built, so that a wrong number of layers costs nothing.
    for index in 0..config.layers {
        source.info(&format!("blk.{index}.attn_q.weight"), &[rows, width])?;
    }
    if header.tensors.contains_key("rope_freqs.weight") {
        let factors = source.numbers("rope_freqs.weight", config.head / 2)?;
        if factors.iter().any(|x| !x.is_finite() || *x <= 0.0) {
            return Err(Refusal::Damaged("rope_freqs.weight cannot be".into()));
        }
        config.stretch = Stretch::Each(factors);
    }
    let tied = !header.tensors.contains_key("output.weight");
    let table = if tied { Use::TableAndHead } else { Use::Table };
    let embedding = source.matrix("token_embd.weight", vocabulary, width, table)?;
    let head = match tied {
        true => embedding.clone(),
        false => source.matrix("output.weight", vocabulary, width, Use::Head)?,
    };
    let layers = (0..config.layers)
        .map(|index| source.layer(&config, index))
        .collect::<Result<_, _>>()?;
    let norm = source.norm("output_norm.weight", width)?;
    Ok(Transformer {
        ropes: config.ropes(),
        prefix: Arc::default(),
        tied,
        config,
        embedding,
        layers,
        norm,
        head: Linear {
            weights: head,
            bias: None,
            update: None,
        },
        engine,
    })
}

struct Source<'a, E> {
    header: &'a Header,
    files: &'a dyn Files,
    engine: &'a E,
    /// What norms lack.
    add: f32,
}

impl<E: Load> Source<'_, E> {
    fn layer(&self, config: &Config, index: usize) -> Result<Layer<E>, Refusal> {
        let Config {
            width,
            heads,
            kv_heads,
            head,
            inner,
            bias,
            head_norm,
            after_norms,
            ..
        } = *config;
        let name = |part: &str| format!("blk.{index}.{part}");
        let linear = |part: &str, rows: usize, columns: usize, bias: bool| {
            let weights =
                self.matrix(&name(&format!("{part}.weight")), rows, columns, Use::Layer)?;
            let bias = match bias {
                true => Some(self.vector(&name(&format!("{part}.bias")), rows)?),
                false => None,
            };
            Ok::<_, Refusal>(Linear {
                weights,
                bias,
                update: None,
            })
        };
        let norm = |part: &str, wanted: bool, length: usize| match wanted {
            true => self.norm(&name(part), length).map(Some),
            false => Ok(None),
        };
        // Hugging Face calls the norm before the feed-forward part the one after attention, but not in Gemma.
        let before_inner = match self.header.layout {
            Layout::HuggingFace if !after_norms => "post_attention_norm.weight",
            _ => "ffn_norm.weight",
        };
        let query_norm = norm("attn_q_norm.weight", head_norm, head)?;
        let key_norm = norm("attn_k_norm.weight", head_norm, head)?;
        Ok(Layer {
            attention_norm: self.norm(&name("attn_norm.weight"), width)?,
            query: linear("attn_q", heads * head, width, bias)?,
            key: linear("attn_k", kv_heads * head, width, bias)?,
            value: linear("attn_v", kv_heads * head, width, bias)?,
            head_norms: query_norm.zip(key_norm),
            output: linear("attn_output", width, heads * head, false)?,
            after_attention: norm("post_attention_norm.weight", after_norms, width)?,
            inner_norm: self.norm(&name(before_inner), width)?,
            gate: linear("ffn_gate", inner, width, false)?,
            up: linear("ffn_up", inner, width, false)?,
            down: linear("ffn_down", width, inner, false)?,
            after_inner: norm("post_ffw_norm.weight", after_norms, width)?,
            small: [None, None],
        })
    }

    fn info(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo, Refusal> {
        let info = self
            .header
            .tensors
            .get(name)
            .ok_or_else(|| Refusal::Damaged(format!("{name} is missing")))?;
        if info.shape != shape {
            return Err(Refusal::Damaged(format!(
                "{name} has the shape {:?}, not {shape:?}",
                info.shape
            )));
        }
        Ok(info)
    }

    fn part(&self, info: &TensorInfo) -> &[u8] {
        // The header's reader has checked that every tensor lies inside its file.
        &self.files.bytes(info.file)[info.start..info.start + info.length]
    }

    fn matrix(
        &self,
        name: &str,
        rows: usize,
        columns: usize,
        wanted: Use,
    ) -> Result<E::Matrix, Refusal> {
        let info = self.info(name, &[rows, columns])?;
        let raw = Raw {
            kind: info.kind,
            bytes: self.part(info),
            rows,
            columns,
        };
        let matrix = self
            .engine
            .matrix(&raw, wanted, &|start, length| {
                self.files.done(info.file, info.start + start, length);
            })
            .map_err(|refusal| refusal.about(name))?;
        Ok(matrix)
    }

    fn numbers(&self, name: &str, length: usize) -> Result<Vec<f32>, Refusal> {
        let info = self.info(name, &[length])?;
        let mut values = vec![0f32; length];
        decode(info.kind, self.part(info), &mut values);
        Ok(values)
    }

    fn norm(&self, name: &str, length: usize) -> Result<E::Vector, Refusal> {
        let mut values = self.numbers(name, length)?;
        values.iter_mut().for_each(|x| *x += self.add);
        self.made(name, values)
    }

    fn vector(&self, name: &str, length: usize) -> Result<E::Vector, Refusal> {
        self.made(name, self.numbers(name, length)?)
    }

    fn made(&self, name: &str, values: Vec<f32>) -> Result<E::Vector, Refusal> {
        self.engine
            .vector(values)
            .map_err(|refusal| refusal.about(name))
    }
}
