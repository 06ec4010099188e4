//! Sums of products of every kind of matrix against sums of products of doubles.

use super::*;
use crate::pack::tests::{KINDS, random_bytes};
use crate::pack::unit;
use crate::random::Random;

fn numbers(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.unit() - 0.5).collect()
}

/// `out + Σ left · right` with right sides as rows of plain numbers, and the sum of the sizes of what is added.
fn wanted(out: &[f32], width: usize, terms: &[(&[f32], Vec<f32>)]) -> Vec<(f64, f64)> {
    let start = |x: &f32| (f64::from(*x), f64::from(x.abs()));
    let mut sums: Vec<(f64, f64)> = out.iter().map(start).collect();
    for (left, right) in terms {
        let depth = right.len() / width;
        for (row, sums) in sums.chunks_exact_mut(width).enumerate() {
            for k in 0..depth {
                let x = f64::from(left[row * depth + k]);
                for (sum, w) in sums.iter_mut().zip(&right[k * width..]) {
                    let term = x * f64::from(*w);
                    *sum = (sum.0 + term, sum.1 + term.abs());
                }
            }
        }
    }
    sums
}

fn turned(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = values.len() / columns;
    (0..values.len())
        .map(|n| values[n % rows * columns + n / rows])
        .collect()
}

#[test]
fn sums_of_products_are_what_they_say_with_every_set_of_lanes_and_number_of_threads() {
    let mut random = Random::new(3);
    for kind in KINDS {
        let whole = unit(kind).0;
        // Several pieces of the depth, strips that are not full, panels that are not.
        for (outputs, inputs, rows) in [
            (1, whole, 1),
            (200, whole, 7),
            (37, whole * 9, 13),
            (1600, whole, 5),
            (96, whole, 530),
        ] {
            let bytes = random_bytes(kind, outputs, inputs, 7);
            let weights = Packed::new(kind, &bytes, outputs, inputs).unwrap();
            let values = weights.values();
            let (x, dy) = (
                numbers(&mut random, rows * inputs),
                numbers(&mut random, rows * outputs),
            );
            let low = numbers(&mut random, rows * 5);
            let (a, b) = (
                numbers(&mut random, 5 * inputs),
                numbers(&mut random, outputs * 5),
            );
            let forward = [(&x[..], turned(&values, inputs)), (&low[..], turned(&b, 5))];
            let backward = [(&dy[..], values), (&low[..], a.clone())];
            let forward_terms = [
                (&x[..], Right::Turned(&weights)),
                (&low[..], Right::Plain(View::new(&b, 5).transposed())),
            ];
            let backward_terms = [
                (&dy[..], Right::Weights(&weights)),
                (&low[..], Right::Plain(View::new(&a, inputs))),
            ];
            for (width, terms, plain) in [
                (outputs, &forward_terms, &forward),
                (inputs, &backward_terms, &backward),
            ] {
                let before = numbers(&mut random, rows * width);
                for put in [Put::Over, Put::Onto] {
                    let start = match put {
                        Put::Over => vec![0.0; before.len()],
                        Put::Onto => before.clone(),
                    };
                    let wanted = wanted(&start, width, plain);
                    for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                        for mixed in [false, true] {
                            let arithmetic = Arithmetic { tier, mixed };
                            let by = |count| {
                                let threads = Threads::new(count).unwrap();
                                let mut out = before.clone();
                                tiled(&threads, arithmetic, &mut out, width, terms, put);
                                out
                            };
                            let found = by(1);
                            // Each side of a rounded product is off by 1 in 256 at most.
                            let most = if mixed { 8e-3 } else { 1e-5 };
                            let mut farthest = 0f64;
                            for (found, (wanted, size)) in found.iter().zip(&wanted) {
                                let off = (f64::from(*found) - wanted).abs() / size;
                                farthest = farthest.max(off);
                            }
                            assert!(
                                farthest <= most,
                                "{arithmetic:?} {kind:?} {outputs}x{inputs}: off by {farthest}"
                            );
                            assert!(found == by(3), "{arithmetic:?} {kind:?}: threads matter");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_sum_of_nothing_is_nothing() {
    let threads = Threads::new(2).unwrap();
    let arithmetic = Arithmetic {
        tier: Tier::best(),
        mixed: false,
    };
    let mut out = [1.0f32; 6];
    tiled(&threads, arithmetic, &mut out, 3, &[], Put::Onto);
    assert_eq!(out, [1.0; 6]);
    tiled(&threads, arithmetic, &mut out, 3, &[], Put::Over);
    assert_eq!(out, [0.0; 6]);
    tiled(&threads, arithmetic, &mut out[..0], 3, &[], Put::Over);
}
