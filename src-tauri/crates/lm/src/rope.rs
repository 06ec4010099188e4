//! Angles of the rotary embedding, plain and stretched for contexts longer than the model was first trained on.

use crate::engine::Angles;

/// How the embedding is stretched.
#[derive(Debug, Clone, PartialEq)]
pub enum Stretch {
    /// Not at all.
    None,
    /// All positions are divided by this.
    Linear(f64),
    /// YaRN (Peng et al. 2023): slow frequencies are divided by `factor`, fast ones are left, and those between are mixed.
    Yarn {
        /// The context now over the context first trained on.
        factor: f64,
        /// The context first trained on.
        original: usize,
        /// Turns within the original context from which a frequency is fast.
        fast: f64,
        /// Turns up to which it is slow.
        slow: f64,
        /// What cosines and sines are multiplied by; 0.1 · ln(factor) + 1 where the model does not say.
        magnitude: Option<f64>,
    },
    /// Each frequency is divided by a number of its own (Llama 3.1 as GGUF files write it).
    Each(Vec<f32>),
}

/// The frequencies of a head of D numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Rope {
    /// Radians per token of each of the D/2 pairs.
    frequencies: Vec<f64>,
    magnitude: f64,
}

impl Rope {
    /// Frequencies `base^(-2i/D)`, stretched.
    pub fn new(head: usize, base: f64, stretch: &Stretch) -> Rope {
        let half = head / 2;
        let mut rope = Rope {
            frequencies: (0..half)
                .map(|i| base.powf(-(i as f64) / half as f64))
                .collect(),
            magnitude: 1.0,
        };
        match stretch {
            Stretch::None => {}
            Stretch::Linear(factor) => rope.frequencies.iter_mut().for_each(|x| *x /= factor),
            Stretch::Each(factors) => {
                for (x, factor) in rope.frequencies.iter_mut().zip(factors) {
                    *x /= f64::from(*factor);
                }
            }
            Stretch::Yarn {
                factor,
                original,
                fast,
                slow,
                magnitude,
            } => {
                // The pair that makes so many turns within the original context.
                let pair = |turns: f64| {
                    half as f64 * (*original as f64 / (turns * std::f64::consts::TAU)).ln()
                        / base.ln()
                };
                let first = pair(*fast).floor().max(0.0);
                let last = pair(*slow).ceil().min(head as f64 - 1.0).max(first + 0.001);
                for (i, x) in rope.frequencies.iter_mut().enumerate() {
                    let slow = ((i as f64 - first) / (last - first)).clamp(0.0, 1.0);
                    *x = *x / factor * slow + *x * (1.0 - slow);
                }
                rope.magnitude = magnitude.unwrap_or(0.1 * factor.ln() + 1.0);
            }
        }
        rope
    }

    /// Angles of the positions `first..first + count`.
    pub fn angles(&self, first: usize, count: usize) -> Angles {
        let size = count * self.frequencies.len();
        let (mut cos, mut sin) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for position in first..first + count {
            for frequency in &self.frequencies {
                let (s, c) = (position as f64 * frequency).sin_cos();
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "computed in double precision, kept in single"
                )]
                {
                    cos.push((c * self.magnitude) as f32);
                    sin.push((s * self.magnitude) as f32);
                }
            }
        }
        Angles { cos, sin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretching_slows_what_it_should() {
        let plain = Rope::new(64, 10_000.0, &Stretch::None);
        assert_eq!(plain.frequencies[0], 1.0);
        assert!((plain.frequencies[16] - 0.01).abs() < 1e-12);
        let linear = Rope::new(64, 10_000.0, &Stretch::Linear(8.0));
        assert!(
            plain
                .frequencies
                .iter()
                .zip(&linear.frequencies)
                .all(|(a, b)| (a / b - 8.0).abs() < 1e-9)
        );
        let yarn = Stretch::Yarn {
            factor: 4.0,
            original: 4096,
            fast: 32.0,
            slow: 1.0,
            magnitude: None,
        };
        let yarn = Rope::new(64, 10_000.0, &yarn);
        assert_eq!(yarn.frequencies[0], 1.0);
        assert!((plain.frequencies[31] / yarn.frequencies[31] - 4.0).abs() < 1e-9);
        let angles = yarn.angles(0, 1);
        assert!((f64::from(angles.cos[5]) - (1.0 + 0.1 * 4f64.ln())).abs() < 1e-6);
    }
}
