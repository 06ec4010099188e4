//! Adapters on disk, in the format of PEFT: adapter_config.json and adapter_model.safetensors.
//!
//! PEFT counts the rows of queries and keys as Hugging Face lays the model out; a GGUF file of the llama family has them in
//! another order, which is changed here on the way out and back. AdaLoRA is written as the LoRA it amounts to. Small layers
//! and whole weights have no type in PEFT: they are written in the same files under types of our own.

mod read;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::base::Base;
use crate::config::Config;
use crate::engine::Pairs;
use crate::error::{Error, Result};

use super::adapter::{Adapter, with_weight};
use super::checkpoint::write_whole;
use super::method::Method;
use super::parameters::{Parameter, Target};

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";
/// What PEFT puts before the names of the model.
const PREFIX: &str = "base_model.model.model.";

impl Adapter {
    /// Writes the adapter into a folder. `name` is what the base is called on its hub, for PEFT.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, base: &Base, name: &str, folder: &Path) -> Result<()> {
        let config = base.inner.model.config();
        let io = |error| Error::Io {
            path: folder.to_owned(),
            error,
        };
        std::fs::create_dir_all(folder).map_err(io)?;
        let file = safetensors(self.tensors(config), &self.base)?;
        write_whole(&folder.join(WEIGHTS), &file).map_err(io)?;
        let text = serde_json::to_vec_pretty(&self.config(config, name))
            .map_err(|error| Error::Compute(error.to_string()))?;
        write_whole(&folder.join(CONFIG), &text).map_err(io)
    }

    fn config(&self, config: &Config, name: &str) -> Value {
        let mut all = json!({
            "base_model_name_or_path": name,
            "inference_mode": true,
            "revision": null,
            "task_type": "CAUSAL_LM",
        });
        let more = match &self.learnt.method {
            Method::Lora(low) | Method::Dora(low) | Method::AdaLora { updates: low, .. } => json!({
                "peft_type": "LORA",
                "r": low.rank,
                "lora_alpha": low.alpha,
                "lora_dropout": low.dropout,
                "target_modules": low.targets.iter().map(|target| target.name()).collect::<Vec<_>>(),
                "use_dora": matches!(self.learnt.method, Method::Dora(_)),
                "use_rslora": false,
                "bias": "none",
                "fan_in_fan_out": false,
                "init_lora_weights": true,
                "modules_to_save": null,
                "layers_to_transform": null,
                "layers_pattern": null,
                "rank_pattern": {},
                "alpha_pattern": {},
            }),
            Method::Prefix { tokens } => json!({
                "peft_type": "PREFIX_TUNING",
                "num_virtual_tokens": tokens,
                "token_dim": config.kv_heads * config.head,
                "num_attention_heads": config.kv_heads,
                "num_layers": config.layers,
                "num_transformer_submodules": 1,
                "prefix_projection": false,
                "encoder_hidden_size": config.kv_heads * config.head,
            }),
            Method::Bottleneck { size } => json!({ "peft_type": "MOQI_BOTTLENECK", "size": size }),
            Method::Full => json!({ "peft_type": "MOQI_FULL" }),
        };
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        all
    }

    /// The matrices under the names of PEFT, in the order of Hugging Face.
    fn tensors(&self, config: &Config) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let learnt = &self.learnt;
        let mut tensors = Vec::new();
        let shape = |parameter: &Parameter| match parameter.shape {
            (rows, 1) => vec![rows],
            (rows, columns) => vec![rows, columns],
        };
        let mut lists: Vec<Vec<f32>> = Vec::new();
        for places in &learnt.layers {
            for (place, target) in Target::ALL.into_iter().enumerate() {
                if let Some(update) = &places.updates[place] {
                    let (mut a, b) = update.plain(&learnt.parameters);
                    let (first, second) =
                        (&learnt.parameters[update.a], &learnt.parameters[update.b]);
                    // The factor PEFT works out of alpha and the rank is one for all targets.
                    let factor = match &learnt.method {
                        Method::Lora(low)
                        | Method::Dora(low)
                        | Method::AdaLora { updates: low, .. } => update.scale / low.scale(),
                        _ => 1.0,
                    };
                    a.iter_mut().for_each(|x| *x *= factor);
                    let b = reordered(config, target, &b, second.shape.1, Way::Out);
                    tensors.push((
                        format!("{PREFIX}{}", with_weight(&first.name)),
                        vec![first.shape.0, first.shape.1],
                        a,
                    ));
                    tensors.push((
                        format!("{PREFIX}{}", with_weight(&second.name)),
                        vec![second.shape.0, second.shape.1],
                        b,
                    ));
                    if let Some(magnitude) = update.magnitude {
                        let parameter = &learnt.parameters[magnitude];
                        let values = reordered(config, target, &parameter.values, 1, Way::Out);
                        tensors.push((
                            format!("{PREFIX}{}", parameter.name),
                            vec![values.len()],
                            values,
                        ));
                    }
                }
                if let Some(whole) = places.whole[place] {
                    let parameter = &learnt.parameters[whole];
                    let values = reordered(
                        config,
                        target,
                        &parameter.values,
                        parameter.shape.1,
                        Way::Out,
                    );
                    tensors.push((
                        format!("{PREFIX}{}", parameter.name),
                        shape(parameter),
                        values,
                    ));
                }
            }
            let small = places
                .bottlenecks
                .iter()
                .flatten()
                .flat_map(|small| [small.down, small.down_bias, small.up, small.up_bias]);
            for place in places.norms.iter().copied().flatten().chain(small) {
                let parameter = &learnt.parameters[place];
                tensors.push((
                    format!("{PREFIX}{}", parameter.name),
                    shape(parameter),
                    parameter.values.clone(),
                ));
            }
            if let Some((key, value)) = places.prefix {
                let width = config.kv_heads * config.head;
                // The numbers of a learnt key are turned as rows of the product that makes keys are.
                let key = learnt.parameters[key].values.chunks_exact(width);
                lists.push(
                    key.flat_map(|key| reordered(config, Target::Key, key, 1, Way::Out))
                        .collect(),
                );
                lists.push(learnt.parameters[value].values.clone());
            }
        }
        if let Some(place) = learnt.norm {
            let parameter = &learnt.parameters[place];
            tensors.push((
                format!("{PREFIX}{}.weight", parameter.name),
                shape(parameter),
                parameter.values.clone(),
            ));
        }
        if let Method::Prefix { tokens } = learnt.method {
            let width = config.kv_heads * config.head;
            let rows = (0..tokens).flat_map(|token| {
                lists
                    .iter()
                    .flat_map(move |list| &list[token * width..][..width])
            });
            let values: Vec<f32> = rows.copied().collect();
            tensors.push((
                "prompt_embeddings".into(),
                vec![tokens, lists.len() * width],
                values,
            ));
        }
        tensors
    }
}

/// A file of tensors by the format's description, the same bytes for the same tensors: an adapter is named by the hash of
/// its files, and the crate safetensors writes what it is told beside the tensors in a random order.
fn safetensors(mut tensors: Vec<(String, Vec<usize>, Vec<f32>)>, base: &str) -> Result<Vec<u8>> {
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut header = Map::new();
    header.insert(
        "__metadata__".into(),
        json!({ "format": "pt", "moqi.base": base }),
    );
    let mut end = 0;
    for (name, shape, values) in &tensors {
        let start = end;
        end += 4 * values.len();
        let about = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, end] });
        header.insert(name.clone(), about);
    }
    let mut text =
        serde_json::to_vec(&header).map_err(|error| Error::Compute(error.to_string()))?;
    // The numbers begin at a multiple of eight.
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut file = (text.len() as u64).to_le_bytes().to_vec();
    file.extend(text);
    let numbers = tensors.iter().flat_map(|(_, _, values)| values);
    file.extend(numbers.flat_map(|x| x.to_le_bytes()));
    Ok(file)
}

/// From our order of rows to that of Hugging Face, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Out,
    In,
}

/// Rows of queries and keys in the other order, where there are two: pairs that are turned together lie side by side in
/// GGUF files of the llama family, and half a head apart for Hugging Face.
fn reordered(
    config: &Config,
    target: Target,
    values: &[f32],
    columns: usize,
    way: Way,
) -> Vec<f32> {
    if config.pairs != Pairs::Neighbours || !matches!(target, Target::Query | Target::Key) {
        return values.to_vec();
    }
    let (head, half) = (config.head, config.head / 2);
    let rows = values.len() / columns;
    let mut out = vec![0f32; values.len()];
    for row in 0..rows {
        let (first, n) = (row / head * head, row % head);
        // Pair n / 2, member n % 2, of ours stands at member · half + pair for Hugging Face.
        let theirs = first + n % 2 * half + n / 2;
        let (from, to) = if way == Way::Out {
            (row, theirs)
        } else {
            (theirs, row)
        };
        out[to * columns..][..columns].copy_from_slice(&values[from * columns..][..columns]);
    }
    out
}
