//! The state of a training on disk, so that it goes on after a pause, a crash or a power cut as if nothing had happened.
//!
//! One file in the safetensors format, written beside the old one and put in its place in one step: there is always a whole
//! one.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors, View};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

use super::optimizer::AdamW;
use super::parameters::Parameter;

/// A training between two steps.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What is learnt.
    pub parameters: Vec<Parameter>,
    /// The optimiser.
    pub optimizer: AdamW,
    /// Steps taken.
    pub step: usize,
    /// Tokens read.
    pub tokens: u64,
    /// Seconds of work.
    pub seconds: f64,
    /// The loss of each step, in nats.
    pub losses: Vec<f64>,
    /// Looks at the validation part: the step, and the loss in nats.
    pub validated: Vec<(usize, f64)>,
    /// The best look at the validation part, and what was learnt then.
    pub best: Option<(f64, Vec<Vec<f32>>)>,
    /// Looks in a row that were not better.
    pub worse: usize,
    /// Smoothed importance of what AdaLoRA may cut, and how much that varies; empty for other methods.
    pub importance: Vec<Vec<f32>>,
}

/// A tensor of a file. Its bytes are made when they are written, so that a large state is not held twice before.
enum Numbers<'a> {
    Singles(&'a [f32]),
    Doubles(Vec<f64>),
}

impl Numbers<'_> {
    fn length(&self) -> usize {
        match self {
            Numbers::Singles(numbers) => numbers.len(),
            Numbers::Doubles(numbers) => numbers.len(),
        }
    }
}

/// A tensor with its shape.
struct Tensor<'a> {
    numbers: Numbers<'a>,
    shape: [usize; 1],
}

impl<'a> Tensor<'a> {
    fn of(numbers: Numbers<'a>) -> Tensor<'a> {
        Tensor {
            shape: [numbers.length()],
            numbers,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.numbers {
            Numbers::Singles(numbers) => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Numbers::Doubles(numbers) => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
        }
    }
}

impl View for &Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.numbers {
            Numbers::Singles(_) => Dtype::F32,
            Numbers::Doubles(_) => Dtype::F64,
        }
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        self.bytes().into()
    }
    fn data_len(&self) -> usize {
        let size = match self.numbers {
            Numbers::Singles(_) => 4,
            Numbers::Doubles(_) => 8,
        };
        size * self.numbers.length()
    }
}

/// What tells the numbers of a file from damaged ones: a SHA-256 over all names, in their order, and bytes.
fn sum<'a>(tensors: impl Iterator<Item = (&'a str, Cow<'a, [u8]>)>) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in tensors {
        hash.update(format!("{name} {};", bytes.len()));
        hash.update(&bytes);
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl State {
    /// Writes the state of the training that `run` names.
    ///
    /// # Errors
    /// The disk is full or cannot be written; the file that was there is still there.
    pub fn save(&self, path: &Path, run: &str) -> Result<()> {
        let io = |error| Error::Io {
            path: path.to_owned(),
            error,
        };
        let singles = |numbers| Tensor::of(Numbers::Singles(numbers));
        let doubles = |numbers| Tensor::of(Numbers::Doubles(numbers));
        let mut all: Vec<(String, Tensor<'_>)> = Vec::new();
        for (n, parameter) in self.parameters.iter().enumerate() {
            all.push((format!("value.{n}"), singles(&parameter.values)));
            all.push((format!("first.{n}"), singles(&self.optimizer.first[n])));
            all.push((format!("second.{n}"), singles(&self.optimizer.second[n])));
            if let Some((_, best)) = &self.best {
                all.push((format!("best.{n}"), singles(&best[n])));
            }
        }
        for (n, importance) in self.importance.iter().enumerate() {
            all.push((format!("importance.{n}"), singles(importance)));
        }
        let validated: Vec<f64> = self
            .validated
            .iter()
            .flat_map(|(step, loss)| [*step as f64, *loss])
            .collect();
        let best = self.best.as_ref().map_or(f64::NAN, |(loss, _)| *loss);
        let counts = [
            self.step as f64,
            self.tokens as f64,
            self.seconds,
            self.worse as f64,
            f64::from(self.optimizer.steps),
            best,
        ];
        all.push(("counts".into(), doubles(counts.to_vec())));
        all.push(("losses".into(), doubles(self.losses.clone())));
        all.push(("validated".into(), doubles(validated)));
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let sum = sum(all
            .iter()
            .map(|(name, tensor)| (&**name, tensor.bytes().into())));
        let about = HashMap::from([("run".to_owned(), run.to_owned()), ("sum".to_owned(), sum)]);
        let tensors = all.iter().map(|(name, tensor)| (name.as_str(), tensor));
        let bytes = safetensors::serialize(tensors, Some(about))
            .map_err(|error| Error::Compute(error.to_string()))?;
        write_whole(path, &bytes).map_err(io)
    }

    /// Takes up the state of the training that `run` names, which has not begun; false where there is none, or one of another
    /// training.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged; then this state is of no use either.
    pub fn take_up(&mut self, path: &Path, run: &str) -> Result<bool> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => {
                return Err(Error::Io {
                    path: path.to_owned(),
                    error,
                });
            }
        };
        let damaged = || Error::Damaged {
            path: path.to_owned(),
            what: "it is no whole state of a training; without this file it begins anew".into(),
        };
        let about = SafeTensors::read_metadata(&bytes).map_err(|_| damaged())?.1;
        let said = |key: &str| about.metadata().as_ref()?.get(key).cloned();
        if said("run").ok_or_else(damaged)? != run {
            return Ok(false);
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|_| damaged())?;
        let mut names = file.names();
        names.sort();
        let tensors = names.into_iter().filter_map(|name| {
            let tensor = file.tensor(name).ok()?;
            Some((name, Cow::Borrowed(tensor.data())))
        });
        if said("sum") != Some(sum(tensors)) {
            return Err(damaged());
        }
        let singles = |name: String, length: usize| -> Result<Vec<f32>> {
            let tensor = file.tensor(&name).map_err(|_| damaged())?;
            let numbers = tensor.data().as_chunks::<4>().0;
            match tensor.dtype() {
                Dtype::F32 if numbers.len() == length => {
                    Ok(numbers.iter().map(|x| f32::from_le_bytes(*x)).collect())
                }
                _ => Err(damaged()),
            }
        };
        let doubles = |name: &str| -> Result<Vec<f64>> {
            let tensor = file.tensor(name).map_err(|_| damaged())?;
            match tensor.dtype() {
                Dtype::F64 => Ok(tensor
                    .data()
                    .as_chunks::<8>()
                    .0
                    .iter()
                    .map(|x| f64::from_le_bytes(*x))
                    .collect()),
                _ => Err(damaged()),
            }
        };
        let [step, tokens, seconds, worse, steps, best] = doubles("counts")?[..] else {
            return Err(damaged());
        };
        let mut kept = Vec::new();
        for (n, parameter) in self.parameters.iter_mut().enumerate() {
            let length = parameter.values.len();
            parameter.values = singles(format!("value.{n}"), length)?;
            self.optimizer.first[n] = singles(format!("first.{n}"), length)?;
            self.optimizer.second[n] = singles(format!("second.{n}"), length)?;
            if !best.is_nan() {
                kept.push(singles(format!("best.{n}"), length)?);
            }
        }
        for (n, importance) in self.importance.iter_mut().enumerate() {
            *importance = singles(format!("importance.{n}"), importance.len())?;
        }
        self.best = (!best.is_nan()).then_some((best, kept));
        self.step = whole(step);
        self.tokens = whole(tokens) as u64;
        self.seconds = seconds;
        self.worse = whole(worse);
        self.optimizer.steps = u32::try_from(whole(steps)).unwrap_or(u32::MAX);
        self.losses = doubles("losses")?;
        let validated = doubles("validated")?;
        self.validated = validated
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[step, loss]| (whole(*step), *loss))
            .collect();
        if self.losses.len() != self.step {
            return Err(damaged());
        }
        Ok(true)
    }
}

/// A count that was written as a double, which holds it exactly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion that clamps"
)]
fn whole(number: f64) -> usize {
    number as usize
}

/// Writes a file beside its place, makes sure that it is on the disk, and puts it in its place in one step.
///
/// # Errors
/// The disk is full or cannot be written; what was there is still there.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        // What could not be written whole is of no use and takes room.
        let _ = std::fs::remove_file(&beside);
    }
    written
}
