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

/// A tensor of a file.
struct Numbers<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl View for &Numbers<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }
    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

fn singles(numbers: &[f32]) -> Numbers<'static> {
    Numbers {
        dtype: Dtype::F32,
        shape: vec![numbers.len()],
        bytes: numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

fn doubles(numbers: &[f64]) -> Numbers<'static> {
    Numbers {
        dtype: Dtype::F64,
        shape: vec![numbers.len()],
        bytes: numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
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
        let mut all: Vec<(String, Numbers<'_>)> = Vec::new();
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
        all.push(("counts".into(), doubles(&counts)));
        all.push(("losses".into(), doubles(&self.losses)));
        all.push(("validated".into(), doubles(&validated)));
        let about = HashMap::from([("run".to_owned(), run.to_owned())]);
        let tensors = all.iter().map(|(name, numbers)| (name.as_str(), numbers));
        let bytes = safetensors::serialize(tensors, Some(about))
            .map_err(|error| Error::Compute(error.to_string()))?;
        write_whole(path, &bytes).map_err(io)
    }

    /// Reads the state of the training that `run` names into one that has not begun; `None` where there is none, or one of
    /// another training.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn load(&self, path: &Path, run: &str) -> Result<Option<State>> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::Io {
                    path: path.to_owned(),
                    error,
                });
            }
        };
        let damaged = || Error::Damaged {
            path: path.to_owned(),
            what: "it is no state of a training".into(),
        };
        let about = SafeTensors::read_metadata(&bytes).map_err(|_| damaged())?.1;
        if about
            .metadata()
            .as_ref()
            .and_then(|about| about.get("run"))
            .map(String::as_str)
            != Some(run)
        {
            return Ok(None);
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|_| damaged())?;
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
        let mut state = self.clone();
        let [step, tokens, seconds, worse, steps, best] = doubles("counts")?[..] else {
            return Err(damaged());
        };
        let mut kept = Vec::new();
        for (n, parameter) in state.parameters.iter_mut().enumerate() {
            let length = parameter.values.len();
            parameter.values = singles(format!("value.{n}"), length)?;
            state.optimizer.first[n] = singles(format!("first.{n}"), length)?;
            state.optimizer.second[n] = singles(format!("second.{n}"), length)?;
            if !best.is_nan() {
                kept.push(singles(format!("best.{n}"), length)?);
            }
        }
        for (n, importance) in state.importance.iter_mut().enumerate() {
            *importance = singles(format!("importance.{n}"), importance.len())?;
        }
        state.best = (!best.is_nan()).then_some((best, kept));
        state.step = whole(step);
        state.tokens = whole(tokens) as u64;
        state.seconds = seconds;
        state.worse = whole(worse);
        state.optimizer.steps = u32::try_from(whole(steps)).unwrap_or(u32::MAX);
        state.losses = doubles("losses")?;
        let validated = doubles("validated")?;
        state.validated = validated
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[step, loss]| (whole(*step), *loss))
            .collect();
        if state.losses.len() != state.step {
            return Err(damaged());
        }
        Ok(Some(state))
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
