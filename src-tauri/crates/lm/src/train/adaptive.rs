//! AdaLoRA's budget: which parts of the updates are worth their place (Zhang et al. 2023).
//!
//! A part is a triplet: a row of A, an entry of λ and a column of B. Its worth is that of λ and the means of those of the
//! two others, where the worth of a number is the smoothed product of itself with its gradient, times how much that varies.
//! While training goes on, as many triplets keep a λ as the budget of the step has room for; those cut may come back.

use super::low_rank::Update;
use super::method::Method;
use super::places::Learnt;

/// How slowly importance and its variation follow.
const BETA: f32 = 0.85;
/// Parts of the steps over which nothing is cut, in the beginning, and in the end.
const WARM: f64 = 0.1;
const COOL: f64 = 0.3;

/// Room for the importance of every parameter and how much it varies; none for other methods.
pub fn importance(learnt: &Learnt) -> Vec<Vec<f32>> {
    let zeros = || {
        learnt
            .parameters
            .iter()
            .map(|parameter| vec![0f32; parameter.values.len()])
    };
    match learnt.method {
        Method::AdaLora { .. } => zeros().chain(zeros()).collect(),
        _ => Vec::new(),
    }
}

/// Adds the gradient of what keeps the rows of A and the columns of B apart: `orthogonal · (|A·Aᵀ − 1|² + |Bᵀ·B − 1|²)`.
pub fn keep_apart(learnt: &Learnt, gradients: &mut [Vec<f32>]) {
    let Method::AdaLora { orthogonal, .. } = learnt.method else {
        return;
    };
    for update in updates(learnt) {
        for (place, by_columns) in [(update.a, false), (update.b, true)] {
            let (rows, columns) = learnt.parameters[place].shape;
            let values = &learnt.parameters[place].values;
            let (count, length) = if by_columns {
                (columns, rows)
            } else {
                (rows, columns)
            };
            let at = |n: usize, k: usize| {
                if by_columns {
                    k * columns + n
                } else {
                    n * columns + k
                }
            };
            let mut gram = vec![0f32; count * count];
            for i in 0..count {
                for j in 0..count {
                    let sum: f32 = (0..length)
                        .map(|k| values[at(i, k)] * values[at(j, k)])
                        .sum();
                    gram[i * count + j] = sum - if i == j { 1.0 } else { 0.0 };
                }
            }
            let gradient = &mut gradients[place];
            for i in 0..count {
                for k in 0..length {
                    let sum: f32 = (0..count)
                        .map(|j| gram[i * count + j] * values[at(j, k)])
                        .sum();
                    gradient[at(i, k)] += 4.0 * orthogonal * sum;
                }
            }
        }
    }
}

/// Triplets that keep their λ in a step: all in the beginning, then fewer by a cube, then as many as are wanted in the end.
pub fn budget(all: usize, wanted: usize, step: usize, steps: usize) -> usize {
    let (first, last) = (WARM * steps as f64, (1.0 - COOL) * steps as f64);
    let gone = ((step as f64 - first) / (last - first).max(1.0)).clamp(0.0, 1.0);
    let more = (all - wanted) as f64 * (1.0 - gone).powi(3);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let more = more.round() as usize;
    wanted + more
}

/// After a step: smooths the importance with the gradients the step was taken with, and cuts what the budget has no room
/// for.
pub fn cut(
    learnt: &mut Learnt,
    importance: &mut [Vec<f32>],
    gradients: &[Vec<f32>],
    step: usize,
    steps: usize,
) {
    let Method::AdaLora { target_rank, .. } = learnt.method else {
        return;
    };
    let count = learnt.parameters.len();
    let (means, spreads) = importance.split_at_mut(count);
    for ((parameter, gradient), (mean, spread)) in learnt
        .parameters
        .iter()
        .zip(gradients)
        .zip(means.iter_mut().zip(spreads.iter_mut()))
    {
        for n in 0..parameter.values.len() {
            let now = (parameter.values[n] * gradient[n]).abs();
            mean[n] = BETA * mean[n] + (1.0 - BETA) * now;
            spread[n] = BETA * spread[n] + (1.0 - BETA) * (now - mean[n]).abs();
        }
    }
    let worth = |place: usize, n: usize| means[place][n] * spreads[place][n];
    let mut triplets: Vec<(f32, usize, usize)> = Vec::new();
    for update in updates(learnt) {
        let Some(lambda) = update.lambda else {
            continue;
        };
        let (rank, inputs) = learnt.parameters[update.a].shape;
        let outputs = learnt.parameters[update.b].shape.0;
        for n in 0..rank {
            let a: f32 = (0..inputs).map(|k| worth(update.a, n * inputs + k)).sum();
            let b: f32 = (0..outputs).map(|k| worth(update.b, k * rank + n)).sum();
            let all = worth(lambda, n) + a / inputs as f32 + b / outputs as f32;
            triplets.push((all, lambda, n));
        }
    }
    let updates = updates(learnt).len();
    let keep = budget(
        triplets.len(),
        (updates * target_rank).min(triplets.len()),
        step,
        steps,
    );
    // The place breaks ties, so that the same numbers are cut every time.
    triplets.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, lambda, n) in triplets.split_off(keep.min(triplets.len())) {
        learnt.parameters[lambda].values[n] = 0.0;
    }
}

fn updates(learnt: &Learnt) -> Vec<Update> {
    let all = learnt.layers.iter().flat_map(|places| &places.updates);
    all.flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_falls_from_all_to_what_is_wanted() {
        let all: Vec<usize> = (0..=100).map(|step| budget(96, 32, step, 100)).collect();
        assert_eq!((all[0], all[10], all[70], all[100]), (96, 96, 32, 32));
        assert!(all.is_sorted_by(|a, b| a >= b));
    }
}
