//! How the texts of a batch lie for attention.
//!
//! They lie padded to one length side by side; behind its own tokens a text sees nothing, so that what stands in the padding
//! changes nothing before it. Where one text is much longer than the others all stand in one row instead, in which each
//! sees itself alone.

use candle_core::{Device, Result, Tensor};

use crate::engine::Tensors;
use crate::rope::Rope;
use crate::train::batch::Batch;
use crate::transformer::Transformer;

use super::rows::Turns;

/// The texts of a batch.
pub struct Layout {
    /// Texts side by side (B).
    pub texts: usize,
    /// Tokens of each (L).
    pub length: usize,
    /// Which token, or which zero behind the tokens, each place is from (B·L), and at which place each token is (T); none
    /// where they lie as they come.
    spread: Option<(Tensor, Tensor)>,
    /// Where the text of each place begins (L), where that is not the beginning.
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "for the kernels"))]
    begins: Option<Tensor>,
    /// What each place of a text sees: everything before it, or a window. (L, L) each, for those who add them.
    masks: Option<[Tensor; 2]>,
    /// Tokens (T).
    #[cfg_attr(not(feature = "cuda"), expect(dead_code, reason = "for the kernels"))]
    pub tokens: usize,
    /// Turns of the tokens in layers that see all, and in those that see a window.
    pub turns: [Turns; 2],
}

impl Layout {
    /// The layout of a batch, with masks where they are wanted.
    pub fn new(
        batch: &Batch,
        model: &Transformer<Tensors>,
        masked: bool,
        device: &Device,
    ) -> Result<Layout> {
        let window = model.config.window.as_ref().map(|(window, _)| *window);
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
        let masks = match (masked, window) {
            (false, _) => None,
            (true, None) => Some(mask(None)?).map(|all| [all.clone(), all]),
            (true, Some(_)) => Some([mask(None)?, mask(window)?]),
        };
        let begins = match in_one_row {
            true => {
                let begins = begins.iter().map(|place| number(*place)).collect();
                Some(Tensor::from_vec(begins, length, device)?)
            }
            false => None,
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
                pairs: model.config.pairs,
            })
        };
        let all = turns(&model.ropes[0])?;
        let near = match window {
            Some(_) => turns(&model.ropes[1])?,
            None => all.clone(),
        };
        Ok(Layout {
            texts: count,
            length,
            spread,
            begins,
            masks,
            tokens,
            turns: [all, near],
        })
    }

    /// The mask of layers that see all, or of those that see a window.
    pub fn mask(&self, windowed: bool) -> Result<&Tensor> {
        match &self.masks {
            Some(masks) => Ok(&masks[usize::from(windowed)]),
            None => candle_core::bail!("a layout without masks"),
        }
    }

    /// Rows of the tokens (T, W) to places (B·L, W); zeros stand in the padding.
    pub fn spread(&self, x: &Tensor) -> Result<Tensor> {
        match &self.spread {
            None => Ok(x.clone()),
            Some((from, _)) => with_zeros(x)?.index_select(from, 0),
        }
    }

    /// Which token each place is of (B·L), where they do not lie as they come; T for none.
    #[cfg(feature = "cuda")]
    pub fn from(&self) -> Option<&Tensor> {
        self.spread.as_ref().map(|(from, _)| from)
    }

    /// At which place each token is (T), where they do not lie as they come.
    #[cfg(feature = "cuda")]
    pub fn to(&self) -> Option<&Tensor> {
        self.spread.as_ref().map(|(_, to)| to)
    }

    /// Where the text of each place begins (L), where that is not the beginning.
    #[cfg(feature = "cuda")]
    pub fn begins(&self) -> Option<&Tensor> {
        self.begins.as_ref()
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
