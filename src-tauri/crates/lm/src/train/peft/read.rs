//! Reading adapters that this program or PEFT has written, as hostile input.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use super::{CONFIG, WEIGHTS, Way, reordered};
use crate::base::Base;
use crate::block::half;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::train::adapter::Adapter;
use crate::train::bottleneck::Bottleneck;
use crate::train::low_rank::Update;
use crate::train::method::{LowRank, Method};
use crate::train::parameters::{Parameter, Target};
use crate::train::places::{Learnt, Norm, Places};

/// Larger than any adapter this program could apply.
const LARGEST: u64 = 8 << 30;

impl Adapter {
    /// Reads an adapter that this program or PEFT has written, for a base.
    ///
    /// # Errors
    /// The folder holds no adapter or a damaged one, one of a kind this program cannot apply, or one of another base.
    pub fn load(base: &Base, folder: &Path) -> Result<Adapter> {
        let config = base.inner.model.config();
        let weights = folder.join(WEIGHTS);
        let text = read(&folder.join(CONFIG), 1 << 20)?;
        let damaged = |what: &str| Error::Damaged {
            path: folder.join(CONFIG),
            what: what.to_owned(),
        };
        let settings: Value =
            serde_json::from_slice(&text).map_err(|_| damaged("it is no JSON"))?;
        let bytes = read(&weights, LARGEST)?;
        let broken = || Error::Damaged {
            path: weights.clone(),
            what: "it is no safetensors file".into(),
        };
        let file = SafeTensors::deserialize(&bytes).map_err(|_| broken())?;
        let about = SafeTensors::read_metadata(&bytes).map_err(|_| broken())?.1;
        let known = about
            .metadata()
            .as_ref()
            .and_then(|about| about.get("moqi.base"));
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let values = floats(&view).ok_or_else(|| Error::Unsupported {
                path: weights.clone(),
                what: format!("{name} is not made of floats"),
            })?;
            // Whatever stands before the layers depends on how the model was wrapped.
            let at = name
                .find("layers.")
                .or_else(|| name.find("norm.weight"))
                .unwrap_or(0);
            tensors.insert(name[at..].to_owned(), (view.shape().to_vec(), values));
        }
        let mut reader = Reader {
            config,
            settings: &settings,
            tensors,
            folder,
        };
        let adapter = Adapter {
            learnt: reader.learnt()?,
            base: known.cloned().unwrap_or_default(),
        };
        if let Some(name) = reader.tensors.keys().next() {
            return Err(reader.unsupported(format!("it changes {name}, which this program cannot")));
        }
        adapter.checked(base)?;
        Ok(adapter)
    }
}

/// A folder being read; what is understood is taken out of it.
struct Reader<'a> {
    config: &'a Config,
    settings: &'a Value,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    folder: &'a Path,
}

impl Reader<'_> {
    fn unsupported(&self, what: String) -> Error {
        Error::Unsupported {
            path: self.folder.to_owned(),
            what,
        }
    }

    fn learnt(&mut self) -> Result<Learnt> {
        let layers = self.config.layers;
        let mut learnt = Learnt {
            method: Method::Full,
            parameters: Vec::new(),
            layers: vec![Places::default(); layers],
            norm: None,
        };
        match self.settings["peft_type"].as_str().unwrap_or_default() {
            "LORA" => self.low_rank(&mut learnt)?,
            "PREFIX_TUNING" => self.prefix(&mut learnt)?,
            "MOQI_BOTTLENECK" => self.bottlenecks(&mut learnt)?,
            "MOQI_FULL" => self.full(&mut learnt)?,
            other => return Err(self.unsupported(format!("an adapter of the type {other}"))),
        }
        Ok(learnt)
    }

    /// Takes a matrix of a shape; `None` where it is not there.
    fn take(&mut self, name: &str, shape: (Option<usize>, usize)) -> Result<Option<Parameter>> {
        let Some((found, values)) = self.tensors.remove(name) else {
            return Ok(None);
        };
        let (rows, columns) = match found[..] {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => (0, 0),
        };
        if columns != shape.1 || shape.0.is_some_and(|wanted| wanted != rows) || rows == 0 {
            let wanted = shape
                .0
                .map_or_else(|| "any".to_owned(), |rows| rows.to_string());
            let what = format!(
                "{name} has the shape {found:?}, and {wanted} × {} is needed",
                shape.1
            );
            return Err(Error::OtherBase { what });
        }
        Ok(Some(Parameter {
            name: name.to_owned(),
            shape: (rows, columns),
            values,
        }))
    }

    fn low_rank(&mut self, learnt: &mut Learnt) -> Result<()> {
        let settings = self.settings;
        let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
        let is = |key: &str| settings[key].as_bool().unwrap_or(false);
        if is("fan_in_fan_out") || settings["bias"].as_str().unwrap_or("none") != "none" {
            return Err(self
                .unsupported("it changes biases or has its matrices the other way round".into()));
        }
        let rank = settings["r"]
            .as_u64()
            .and_then(|r| usize::try_from(r).ok())
            .unwrap_or(8);
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        let (alpha, dropout) = (
            number("lora_alpha", 8.0) as f32,
            number("lora_dropout", 0.0) as f32,
        );
        let mut targets = Vec::new();
        let dora = is("use_dora");
        for layer in 0..learnt.layers.len() {
            for (place, target) in Target::ALL.into_iter().enumerate() {
                let (outputs, inputs) = target.shape(self.config);
                let module = format!("layers.{layer}.{}.{}", target.module(), target.name());
                let Some(a) = self.take(&format!("{module}.lora_A.weight"), (None, inputs))? else {
                    continue;
                };
                let own = a.shape.0;
                let b = self.take(&format!("{module}.lora_B.weight"), (Some(outputs), own))?;
                let Some(mut b) = b else {
                    return Err(self.unsupported(format!("{module} has an A and no B")));
                };
                b.values = reordered(self.config, target, &b.values, own, Way::In);
                let alpha = pattern(&settings["alpha_pattern"], &module).unwrap_or(alpha);
                let scale = match is("use_rslora") {
                    true => alpha / (own as f32).sqrt(),
                    false => alpha / own as f32,
                };
                learnt.parameters.extend([a, b]);
                let last = learnt.parameters.len() - 1;
                let mut update = Update {
                    a: last - 1,
                    b: last,
                    lambda: None,
                    magnitude: None,
                    scale,
                    dropout: 0.0,
                };
                if dora {
                    let name = format!("{module}.lora_magnitude_vector");
                    let found = match self.take(&name, (Some(outputs), 1))? {
                        None => self.take(&format!("{name}.weight"), (Some(outputs), 1))?,
                        found => found,
                    };
                    let Some(mut magnitude) = found else {
                        return Err(self.unsupported(format!("{module} has no lengths of rows")));
                    };
                    magnitude.values =
                        reordered(self.config, target, &magnitude.values, 1, Way::In);
                    magnitude.name = name;
                    learnt.parameters.push(magnitude);
                    update.magnitude = Some(learnt.parameters.len() - 1);
                }
                learnt.layers[layer].updates[place] = Some(update);
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        if targets.is_empty() {
            return Err(Error::OtherBase {
                what: "none of its matrices belongs to a layer of this model".into(),
            });
        }
        let low = LowRank {
            rank,
            alpha,
            dropout,
            targets,
        };
        learnt.method = if dora {
            Method::Dora(low)
        } else {
            Method::Lora(low)
        };
        Ok(())
    }

    fn prefix(&mut self, learnt: &mut Learnt) -> Result<()> {
        let width = self.config.kv_heads * self.config.head;
        let layers = learnt.layers.len();
        let found = self.take("prompt_embeddings", (None, 2 * layers * width))?;
        let Some(all) = found else {
            return Err(self.unsupported("it holds no prompt_embeddings".into()));
        };
        let tokens = all.shape.0;
        for layer in 0..layers {
            for (side, what) in ["key", "value"].into_iter().enumerate() {
                let rows = all.values.chunks_exact(2 * layers * width);
                let rows = rows.map(|row| &row[(2 * layer + side) * width..][..width]);
                let values = match side {
                    0 => rows
                        .flat_map(|key| reordered(self.config, Target::Key, key, 1, Way::In))
                        .collect(),
                    _ => rows.flatten().copied().collect(),
                };
                learnt.parameters.push(Parameter {
                    name: format!("layers.{layer}.self_attn.prefix.{what}"),
                    shape: (tokens, width),
                    values,
                });
            }
            let last = learnt.parameters.len() - 1;
            learnt.layers[layer].prefix = Some((last - 1, last));
        }
        learnt.method = Method::Prefix { tokens };
        Ok(())
    }

    fn bottlenecks(&mut self, learnt: &mut Learnt) -> Result<()> {
        let width = self.config.width;
        let mut size = 0;
        for layer in 0..learnt.layers.len() {
            for (place, module) in ["self_attn", "mlp"].into_iter().enumerate() {
                let name = |part: &str| format!("layers.{layer}.{module}.adapter.{part}");
                let lacks = |part: &str| format!("{} is missing", name(part));
                let down = self.take(&name("down.weight"), (None, width))?;
                let down = down.ok_or_else(|| self.unsupported(lacks("down.weight")))?;
                size = down.shape.0;
                let rest = [
                    self.take(&name("down.bias"), (Some(size), 1))?,
                    self.take(&name("up.weight"), (Some(width), size))?,
                    self.take(&name("up.bias"), (Some(width), 1))?,
                ];
                let first = learnt.parameters.len();
                learnt.parameters.push(down);
                for part in rest {
                    let Some(part) = part else {
                        return Err(self
                            .unsupported(format!("a part of {} is missing", name("down.weight"))));
                    };
                    learnt.parameters.push(part);
                }
                learnt.layers[layer].bottlenecks[place] = Some(Bottleneck {
                    down: first,
                    down_bias: first + 1,
                    up: first + 2,
                    up_bias: first + 3,
                });
            }
        }
        learnt.method = Method::Bottleneck { size };
        Ok(())
    }

    fn full(&mut self, learnt: &mut Learnt) -> Result<()> {
        for layer in 0..learnt.layers.len() {
            for (place, target) in Target::ALL.into_iter().enumerate() {
                let (outputs, inputs) = target.shape(self.config);
                let name = format!(
                    "layers.{layer}.{}.{}.weight",
                    target.module(),
                    target.name()
                );
                let Some(mut whole) = self.take(&name, (Some(outputs), inputs))? else {
                    continue;
                };
                whole.values = reordered(self.config, target, &whole.values, inputs, Way::In);
                learnt.parameters.push(whole);
                learnt.layers[layer].whole[place] = Some(learnt.parameters.len() - 1);
            }
            for (place, norm) in Norm::ALL.into_iter().enumerate() {
                let length = norm.length(self.config);
                let name = format!("layers.{layer}.{}.weight", norm.name());
                if let Some(weights) = self.take(&name, (Some(length), 1))? {
                    learnt.parameters.push(weights);
                    learnt.layers[layer].norms[place] = Some(learnt.parameters.len() - 1);
                }
            }
        }
        if let Some(mut norm) = self.take("norm.weight", (Some(self.config.width), 1))? {
            norm.name = "norm".into();
            learnt.parameters.push(norm);
            learnt.norm = Some(learnt.parameters.len() - 1);
        }
        Ok(())
    }
}

/// The number a pattern of PEFT gives a module: its keys are ends of names.
fn pattern(patterns: &Value, module: &str) -> Option<f32> {
    let patterns = patterns.as_object()?;
    let (_, value) = patterns.iter().find(|(key, _)| {
        let end = module.strip_suffix(key.as_str());
        end.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })?;
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    value.as_f64().map(|alpha| alpha as f32)
}

fn read(path: &Path, largest: u64) -> Result<Vec<u8>> {
    let io = |error| Error::Io {
        path: path.to_owned(),
        error,
    };
    let about = std::fs::metadata(path).map_err(io)?;
    if !about.is_file() || about.len() > largest {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what: "it is too large, or no file".into(),
        });
    }
    std::fs::read(path).map_err(io)
}

fn floats(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let bytes = view.data();
    let twos = || {
        bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|x| u16::from_le_bytes(*x))
    };
    Some(match view.dtype() {
        Dtype::F32 => bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|x| f32::from_le_bytes(*x))
            .collect(),
        Dtype::F16 => twos().map(half).collect(),
        Dtype::BF16 => twos().map(|x| f32::from_bits(u32::from(x) << 16)).collect(),
        _ => return None,
    })
}
