//! AdamW (Loshchilov and Hutter 2019), the course of the learning rate, and the clipping of gradients.

use std::sync::{Mutex, PoisonError};

use super::parameters::Parameter;

/// Decay of the means of gradients and of their squares, and what is added under the division.
const BETAS: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// The means of gradients and of their squares.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamW {
    /// For each parameter the means of its gradients.
    pub first: Vec<Vec<f32>>,
    /// For each parameter the means of their squares.
    pub second: Vec<Vec<f32>>,
    /// Steps taken.
    pub steps: u32,
}

impl AdamW {
    /// Before the first step.
    pub fn new(parameters: &[Parameter]) -> AdamW {
        let zeros = || -> Vec<Vec<f32>> {
            let zeros = |parameter: &Parameter| vec![0f32; parameter.values.len()];
            parameters.iter().map(zeros).collect()
        };
        AdamW {
            first: zeros(),
            second: zeros(),
            steps: 0,
        }
    }

    /// One step against the gradients, on some threads. Matrices shrink by `rate · decay`; vectors (biases, norms, lengths) do
    /// not.
    pub fn step(
        &mut self,
        parameters: &mut [Parameter],
        gradients: &[Vec<f32>],
        rate: f64,
        decay: f64,
        threads: usize,
    ) {
        self.steps += 1;
        let means = self.first.iter_mut().zip(&mut self.second);
        let parts: Vec<Part<'_>> = parameters
            .iter_mut()
            .zip(gradients)
            .zip(means)
            .map(|((parameter, gradient), (first, second))| Part {
                shrink: match parameter.shape.1 > 1 {
                    true => 1.0 - rate * decay,
                    false => 1.0,
                },
                values: &mut parameter.values,
                gradient,
                first,
                second,
            })
            .collect();
        let numbers = parts.iter().map(|part| part.values.len()).sum::<usize>();
        // On a card a step is over sooner than one thread of the processor is with this.
        let threads = threads.clamp(1, MOST).min(numbers / WORTH + 1);
        let steps = f64::from(self.steps);
        let size = parts.len().div_ceil(threads).max(1);
        let mut runs = Vec::with_capacity(threads);
        let mut rest = parts;
        while !rest.is_empty() {
            let after = rest.split_off(size.min(rest.len()));
            runs.push(std::mem::replace(&mut rest, after));
        }
        let runs = Mutex::new(runs);
        let next = || runs.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let work = || {
            while let Some(run) = next() {
                run.into_iter().for_each(|part| part.step(steps, rate));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // Where the system gives no more threads, those there are do it all.
                let _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            work();
        });
    }
}

/// Threads that a step is taken on at most, and numbers that are worth one more.
const MOST: usize = 8;
const WORTH: usize = 1 << 18;

/// A parameter and its means.
struct Part<'a> {
    values: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    shrink: f64,
}

impl Part<'_> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "computed in double precision, kept in single"
    )]
    fn step(self, steps: f64, rate: f64) {
        let Part {
            values,
            gradient,
            first,
            second,
            shrink,
        } = self;
        let (one, two) = (1.0 - BETAS.0.powf(steps), 1.0 - BETAS.1.powf(steps));
        let all = values.iter_mut().zip(gradient).zip(first).zip(second);
        for (((value, gradient), first), second) in all {
            let gradient = f64::from(*gradient);
            let mean = BETAS.0 * f64::from(*first) + (1.0 - BETAS.0) * gradient;
            let square = BETAS.1 * f64::from(*second) + (1.0 - BETAS.1) * gradient * gradient;
            let step = rate * (mean / one) / ((square / two).sqrt() + EPSILON);
            *value = (f64::from(*value) * shrink - step) as f32;
            (*first, *second) = (mean as f32, square as f32);
        }
    }
}

/// Makes gradients shorter whose common length is more than `limit` (0 for no limit); the length they had.
pub fn clip(gradients: &mut [Vec<f32>], limit: f64) -> f64 {
    let length = gradients.iter().map(|x| square(x)).sum::<f64>().sqrt();
    if limit > 0.0 && length > limit {
        #[expect(clippy::cast_possible_truncation, reason = "a factor below one")]
        let factor = (limit / (length + 1e-6)) as f32;
        gradients.iter_mut().flatten().for_each(|x| *x *= factor);
    }
    length
}

/// The sum of squares, in eight lanes in a fixed order: one would wait for each addition.
fn square(x: &[f32]) -> f64 {
    let (eights, rest) = x.as_chunks::<8>();
    let mut lanes = [0f64; 8];
    for eight in eights {
        for (lane, x) in lanes.iter_mut().zip(eight) {
            *lane += f64::from(*x) * f64::from(*x);
        }
    }
    let rest = rest.iter().map(|x| f64::from(*x) * f64::from(*x));
    lanes.iter().sum::<f64>() + rest.sum::<f64>()
}

/// The part of the learning rate in step `step` (from 0) of `steps`: rising evenly over the first `warmup` steps, then
/// falling to zero as half a cosine.
pub fn course(step: usize, steps: usize, warmup: usize) -> f64 {
    if step < warmup {
        return (step + 1) as f64 / warmup as f64;
    }
    let rest = steps.saturating_sub(warmup).max(1) as f64;
    let gone = ((step - warmup) as f64 / rest).min(1.0);
    0.5 * (1.0 + (std::f64::consts::PI * gone).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let all: Vec<f64> = (0..12).map(|step| course(step, 12, 4)).collect();
        assert_eq!(all[..5], [0.25, 0.5, 0.75, 1.0, 1.0]);
        assert!(
            (all[8] - 0.5).abs() < 1e-12
                && all[11] < 0.05
                && all.is_sorted_by(|a, b| *a <= *b || *a > 0.0)
        );
        assert!(course(12, 12, 4) < 1e-12);
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let mut gradients = vec![vec![3.0f32, 0.0], vec![4.0]];
        assert_eq!(clip(&mut gradients, 0.0), 5.0);
        assert_eq!(clip(&mut gradients, 1.0), 5.0);
        assert!((gradients[0][0] - 0.6).abs() < 1e-5 && (gradients[1][0] - 0.8).abs() < 1e-5);
    }

    /// How many threads there are changes nothing.
    #[test]
    fn threads_take_the_same_step() {
        let numbers = |n: usize| {
            (0..n)
                .map(|at| (at % 17) as f32 - 8.0)
                .collect::<Vec<f32>>()
        };
        let sizes = [700_000, 3, 90_000, 400_000, 1];
        let taken = [1, 3, 8].map(|threads| {
            let mut parameters: Vec<Parameter> = sizes
                .iter()
                .map(|size| Parameter {
                    name: String::new(),
                    shape: (1, *size),
                    values: numbers(*size),
                })
                .collect();
            let mut optimizer = AdamW::new(&parameters);
            let gradients: Vec<Vec<f32>> = sizes.iter().map(|size| numbers(*size)).collect();
            for _ in 0..2 {
                optimizer.step(&mut parameters, &gradients, 0.1, 0.5, threads);
            }
            assert!(
                parameters
                    .iter()
                    .all(|one| one.values != numbers(one.values.len()))
            );
            (parameters, optimizer)
        });
        assert!(taken[0] == taken[1] && taken[1] == taken[2]);
    }

    /// Two steps by hand, as torch.optim.AdamW(lr=0.1, weight_decay=0.5) takes them.
    #[test]
    fn steps_are_those_of_the_paper() {
        let mut parameters = vec![Parameter {
            name: "a".into(),
            shape: (1, 2),
            values: vec![1.0, -2.0],
        }];
        let mut optimizer = AdamW::new(&parameters);
        optimizer.step(&mut parameters, &[vec![0.5, -0.25]], 0.1, 0.5, 1);
        // The first step goes by the rate against the sign: 1 · 0.95 − 0.1 and −2 · 0.95 + 0.1.
        assert!(
            (parameters[0].values[0] - 0.85).abs() < 1e-6
                && (parameters[0].values[1] + 1.8).abs() < 1e-6
        );
        optimizer.step(&mut parameters, &[vec![-0.5, -0.25]], 0.1, 0.5, 1);
        // Means 0.05 · 0.9 − 0.05 = −0.005 over 0.19; squares stay 0.25: 0.8075 + 0.1 · 0.0263158 / 0.5.
        assert!(
            (parameters[0].values[0] - 0.812_763_2).abs() < 1e-6,
            "{}",
            parameters[0].values[0]
        );
    }
}
