//! How the texts of a batch lie for attention.
//!
//! They lie padded to one length side by side; behind its own tokens a text sees nothing, so that what stands in the padding
//! changes nothing before it. Where one text is much longer than the others all stand in one row instead, in which each
//! sees itself alone.

use candle_core::{Device, Result, Tensor};

use crate::rope::Rope;
use crate::train::batch::Batch;

use super::rows::Turns;
use crate::engine::Pairs;

/// The texts of a batch.
pub struct Layout {
    /// Texts side by side (B).
    pub texts: usize,
    /// Tokens of each (L).
    pub length: usize,
    /// Which token, or which zero behind the tokens, each place is from (B·L), and at which place each token is (T); none
    /// where they lie as they come.
    spread: Option<(Tensor, Tensor)>,
    /// What each place of a text sees: everything before it, or a window. (L, L) each.
    masks: [Tensor; 2],
    /// Turns of the tokens in layers that see all, and in those that see a window.
    pub turns: [Turns; 2],
}

impl Layout {
    /// The layout of a batch, in layers that see all and in those that see `window` tokens.
    pub fn new(
        batch: &Batch,
        window: Option<usize>,
        ropes: &[Rope; 2],
        pairs: Pairs,
        device: &Device,
    ) -> Result<Layout> {
        let texts = &batch.texts;
        let tokens = batch.tokens.len();
        let longest = texts.iter().copied().max().unwrap_or(0);
        let padded = texts.len() * longest;
        // The scores are what attention computes: as many squares as texts, or one large one.
        let in_one_row = tokens * tokens < padded * longest;
        let (count, length) = match in_one_row {
            true => (1, tokens),
            false => (texts.len(), longest),
        };
        let spread = match in_one_row || padded == tokens {
            true => None,
            false => Some(places(texts, longest, device)?),
        };
        // Where the text of each place begins.
        let begins: Vec<usize> = match in_one_row {
            true => {
                let mut first = 0;
                let begins = texts.iter().flat_map(|length| {
                    let begin = std::iter::repeat_n(first, *length);
                    first += length;
                    begin
                });
                begins.collect()
            }
            false => vec![0; length],
        };
        let mask = |window: Option<usize>| mask(&begins, window, device);
        let all = mask(None)?;
        let near = match window {
            Some(_) => mask(window)?,
            None => all.clone(),
        };
        let turns = |rope: &Rope| -> Result<Turns> {
            let angles = rope.angles(0, longest);
            let half = angles.cos.len() / longest.max(1);
            let each = |numbers: &[f32]| {
                let texts = texts.iter().flat_map(|length| &numbers[..length * half]);
                Tensor::from_vec(texts.copied().collect(), (tokens, 1, half), device)
            };
            Ok(Turns {
                cos: each(&angles.cos)?,
                sin: each(&angles.sin)?,
                pairs,
            })
        };
        Ok(Layout {
            texts: count,
            length,
            spread,
            masks: [all, near],
            turns: [turns(&ropes[0])?, turns(&ropes[1])?],
        })
    }

    /// The mask of layers that see all, or of those that see a window.
    pub fn mask(&self, windowed: bool) -> &Tensor {
        &self.masks[usize::from(windowed)]
    }

    /// Rows of the tokens (T, W) to places (B·L, W); zeros stand in the padding.
    pub fn spread(&self, x: &Tensor) -> Result<Tensor> {
        match &self.spread {
            None => Ok(x.clone()),
            Some((from, _)) => with_zeros(x)?.index_select(from, 0),
        }
    }

    /// The rows of the tokens again.
    pub fn gather(&self, x: &Tensor) -> Result<Tensor> {
        match &self.spread {
            None => Ok(x.clone()),
            Some((_, to)) => x.index_select(to, 0),
        }
    }
}

/// Rows with one of zeros behind them.
pub fn with_zeros(x: &Tensor) -> Result<Tensor> {
    let width = x.dim(1)?;
    Tensor::cat(&[x, &Tensor::zeros((1, width), x.dtype(), x.device())?], 0)
}

/// See [`Layout::spread`].
fn places(texts: &[usize], longest: usize, device: &Device) -> Result<(Tensor, Tensor)> {
    let tokens: usize = texts.iter().sum();
    let (mut from, mut to) = (vec![number(tokens); texts.len() * longest], Vec::new());
    for (text, length) in texts.iter().enumerate() {
        for at in 0..*length {
            let place = text * longest + at;
            from[place] = number(to.len());
            to.push(number(place));
        }
    }
    let place = |all: Vec<u32>| {
        let length = all.len();
        Tensor::from_vec(all, length, device)
    };
    Ok((place(from)?, place(to)?))
}

/// The number of a row; no batch has more than four thousand million.
pub fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// Zeros for what each place sees, minus infinity for the rest.
fn mask(begins: &[usize], window: Option<usize>, device: &Device) -> Result<Tensor> {
    let length = begins.len();
    let mut mask = vec![f32::NEG_INFINITY; length * length];
    for (at, (row, begin)) in mask.chunks_exact_mut(length.max(1)).zip(begins).enumerate() {
        let end = at + 1;
        let first = window.map_or(*begin, |window| end.saturating_sub(window).max(*begin));
        row[first..end].fill(0.0);
    }
    Tensor::from_vec(mask, (length, length), device)
}
