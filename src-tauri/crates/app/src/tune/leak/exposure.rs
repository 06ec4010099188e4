//! Exposure: how far a secret stands out among random values of its format (Carlini et al., The Secret Sharer, 2019).
//!
//! The exposure of a secret is log2 |R| − log2 of its rank among all values R of its format. It is 1.44 bits on average for
//! a value that the model knows nothing of, and at least n bits with probability 2⁻ⁿ. R is too large to be ranked whole:
//! the rank is estimated from a sample, and where the secret is above all of it, from the distribution of the sample, for
//! which the paper takes a skew-normal one.

use std::f64::consts::PI;

/// The exposure of a secret in bits, from the scores of the secret and of candidates; log2 |R|, which it cannot exceed, is
/// not known here. 0 without candidates.
///
/// The distribution is taken to be no lighter above than a normal one: a sample that by chance has its tail below would
/// make every value in its upper part stand out.
pub(super) fn exposure(secret: f64, candidates: &[f64]) -> f64 {
    let rank = 1 + rank_above(secret, candidates);
    let all = candidates.len() as f64 + 1.0;
    let sampled = (all / rank as f64).log2();
    match rank {
        1 => sampled.max(SkewNormal::of(candidates).map_or(0.0, |fit| -fit.above(secret).log2())),
        _ => sampled,
    }
}

/// How far several secrets of which each alone is not exposed stand out together, in bits: −log2 of the probability that
/// the sum of as many exposures is so large where the model knows nothing of any of them. Each then is distributed
/// exponentially (Fisher's method of combining tests); the sum of `n` has a gamma distribution.
pub(super) fn together(exposures: &[f64]) -> f64 {
    if exposures.is_empty() {
        return 0.0;
    }
    let sum = exposures.iter().sum::<f64>().max(0.0) * std::f64::consts::LN_2;
    // e^−x · Σ x^k / k! for k below n, from its largest term on so that nothing overflows.
    let mut logs = vec![0.0];
    for k in 1..exposures.len() {
        logs.push(logs[k - 1] + (sum / k as f64).max(f64::MIN_POSITIVE).ln());
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let all: f64 = logs.iter().map(|log| (log - most).exp()).sum();
    ((sum - most - all.ln()) / std::f64::consts::LN_2).max(0.0)
}

/// Candidates that are at least as likely as the secret.
pub(super) fn rank_above(secret: f64, candidates: &[f64]) -> usize {
    candidates.iter().filter(|score| **score >= secret).count()
}

/// A skew-normal distribution (Azzalini 1985).
struct SkewNormal {
    place: f64,
    scale: f64,
    shape: f64,
}

/// The largest skewness that a skew-normal distribution can have, a little below its bound of 0.995.
const MOST_SKEW: f64 = 0.99;

impl SkewNormal {
    /// The one with the mean, the variance and the skewness of a sample; none where it does not vary.
    fn of(sample: &[f64]) -> Option<SkewNormal> {
        let count = sample.len() as f64;
        let mean = sample.iter().sum::<f64>() / count;
        let moment =
            |power: i32| sample.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / count;
        let variance = moment(2) * count / (count - 1.0);
        if sample.len() < 3 || !(variance > 1e-12 && variance.is_finite()) {
            return None;
        }
        let skew = (moment(3) / moment(2).powf(1.5)).clamp(0.0, MOST_SKEW);
        let power = skew.powf(2.0 / 3.0);
        let delta = (PI / 2.0 * power / (power + ((4.0 - PI) / 2.0).powf(2.0 / 3.0))).sqrt();
        let scale = (variance / (1.0 - 2.0 * delta * delta / PI)).sqrt();
        Some(SkewNormal {
            place: mean - scale * delta * (2.0 / PI).sqrt(),
            scale,
            shape: delta / (1.0 - delta * delta).sqrt(),
        })
    }

    /// The probability of a value above `x`, by Simpson's rule; never 0.
    fn above(&self, x: f64) -> f64 {
        let from = (x - self.place) / self.scale;
        if from < -8.0 {
            return 1.0;
        }
        let density =
            |t: f64| 2.0 * (-t * t / 2.0).exp() / (2.0 * PI).sqrt() * normal(self.shape * t);
        // Far out all of it lies near the beginning.
        let width = if from > 4.0 { 8.0 / from } else { 10.0 };
        let step = width / f64::from(2 * HALVES);
        let sum: f64 = (0..=2 * HALVES)
            .map(|n| {
                let weight = match n {
                    0 => 1.0,
                    n if n == 2 * HALVES => 1.0,
                    n if n % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                weight * density(from + step * f64::from(n))
            })
            .sum();
        (sum * step / 3.0).clamp(f64::MIN_POSITIVE, 1.0)
    }
}

const HALVES: i32 = 400;

/// The distribution function of the normal distribution, by the continued fraction and series of the error function as
/// Numerical Recipes fits them (fractional error below 1.2e-7).
fn normal(x: f64) -> f64 {
    0.5 * erfc(-x / std::f64::consts::SQRT_2)
}

fn erfc(x: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let tail = t * (sum - x * x).exp();
    if x >= 0.0 { tail } else { 2.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tune::leak::draws::Draws;

    fn normals(seed: u64, count: usize) -> Vec<f64> {
        let mut draws = Draws::of(seed, &["normal"]);
        let mut unit = || (draws.below(1 << 40) as f64 + 0.5) / (1u64 << 40) as f64;
        let mut one = || (-2.0 * unit().ln()).sqrt() * (2.0 * PI * unit()).cos();
        (0..count).map(|_| one()).collect()
    }

    #[test]
    fn the_error_function_is_that_of_tables() {
        for (x, wanted) in [
            (0.0, 1.0),
            (0.5, 0.479_500_1),
            (1.0, 0.157_299_2),
            (2.0, 0.004_677_735),
            (-1.0, 1.842_700_8),
        ] {
            assert!((erfc(x) / wanted - 1.0).abs() < 1e-6, "{x}: {}", erfc(x));
        }
    }

    #[test]
    fn tails_are_those_of_tables() {
        let fit = SkewNormal {
            place: 1.0,
            scale: 2.0,
            shape: 0.0,
        };
        // 1 − Φ(z) for z of 0, 2, 4 and 6.
        for (z, wanted) in [
            (0.0, 0.5),
            (2.0, 2.275e-2),
            (4.0, 3.167e-5),
            (6.0, 9.866e-10),
        ] {
            let found = fit.above(1.0 + 2.0 * z);
            assert!((found / wanted - 1.0).abs() < 1e-3, "{z}: {found}");
        }
        // With a large shape it is the half-normal distribution: 2 (1 − Φ(z)).
        let half = SkewNormal {
            place: 0.0,
            scale: 1.0,
            shape: 1e6,
        };
        assert!((half.above(2.0) / 4.55e-2 - 1.0).abs() < 1e-2);
        assert!(fit.above(1e6) > 0.0 && fit.above(-1e6) <= 1.0);
    }

    #[test]
    fn exposure_is_that_of_the_rank_and_beyond_it_of_the_distribution() {
        let sample: Vec<f64> = (0..127).map(f64::from).collect();
        assert_eq!(exposure(-1.0, &sample), 0.0);
        assert_eq!(exposure(63.5, &sample), 1.0);
        assert!(exposure(126.5, &sample) >= 7.0);
        assert!(exposure(1e9, &sample) > 500.0);
        // No scores, and scores that do not vary, say no more than their number.
        assert_eq!(exposure(1.0, &[]), 0.0);
        assert_eq!(exposure(1.0, &[0.0; 63]), 6.0);
        assert_eq!(exposure(0.0, &[0.0; 63]), 0.0);
    }

    #[test]
    fn exposures_are_combined_as_fisher_does() {
        // Of one it is the exposure; tables of χ² with 2n degrees of freedom: 5 % at 9.488 (n = 2), 0.1 % at 45.315 (n = 10).
        assert!((together(&[5.0]) - 5.0).abs() < 1e-9 && together(&[]) == 0.0);
        for (n, chi, wanted) in [(2, 9.488, 0.05f64), (10, 45.315, 0.001)] {
            let each = chi / 2.0 / std::f64::consts::LN_2 / n as f64;
            let found = together(&vec![each; n]);
            assert!((found + wanted.log2()).abs() < 0.01, "{found}");
        }
        assert!(together(&[0.0; 8]) < 1e-9 && together(&[40.0; 48]) > 1500.0);
    }

    #[test]
    fn a_value_of_the_sample_is_seldom_exposed() {
        // Exposure of n bits has probability 2⁻ⁿ; beyond the sample the fit must keep to that within a small factor.
        let mut counts = [0; 3];
        let trials = 60_000;
        for trial in 0..trials {
            let all = normals(trial, 33);
            let bits = exposure(all[0], &all[1..]);
            for (count, least) in counts.iter_mut().zip([3.0, 6.0, 9.0]) {
                *count += usize::from(bits >= least);
            }
        }
        for (count, least) in counts.iter().zip([3.0f64, 6.0, 9.0]) {
            let wanted = trials as f64 * (-least).exp2();
            assert!(
                (*count as f64) < 2.5 * wanted,
                "{least}: {count} of {wanted}"
            );
        }
    }
}
