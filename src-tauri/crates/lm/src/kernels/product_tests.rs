//! The products against the exact ones, and every set of lanes against its scalar twin.

use super::*;
use crate::kernels::takes_rounded;
use crate::pack::tests::{KINDS, random_bytes, split};
use crate::pack::unit;
use crate::random::Random;

fn inputs(rows: usize, columns: usize) -> Vec<f32> {
    let mut random = Random::new(rows as u64);
    (0..rows * columns)
        .map(|_| random.unit() * 2.0 - 1.0)
        .collect()
}

fn product(threads: &Threads, tier: Tier, weights: &Packed, x: &[f32]) -> Vec<f32> {
    let input = Input::new(threads, x, weights.columns, true);
    let mut out = vec![0f32; input.rows() * weights.rows];
    let mut products = [Product {
        weights,
        out: &mut out,
    }];
    multiply(threads, tier, &input, &mut products);
    out
}

#[test]
fn every_kernel_is_near_the_exact_product() {
    let mut random = Random::new(11);
    let mut below = |most: u64| 1 + (random.next() % most) as usize;
    for kind in KINDS {
        let whole = unit(kind).0;
        for _ in 0..6 {
            let (rows, columns, count) = (below(70), whole * below(5), below(19));
            let bytes = random_bytes(kind, rows, columns, 7);
            let weights = Packed::new(kind, &bytes, rows, columns).unwrap();
            let (values, x) = (weights.values(), inputs(count, columns));
            let threads = Threads::new(1 + count % 3).unwrap();
            for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
                let found = product(&threads, tier, &weights, &x);
                for (t, x) in x.chunks_exact(columns).enumerate() {
                    for (row, w) in values.chunks_exact(columns).enumerate() {
                        let terms = || x.iter().zip(w).map(|(x, w)| f64::from(x * w));
                        // Inputs are rounded to 1/65534 of the largest near them.
                        let most = 1e-6
                            + terms().map(f64::abs).sum::<f64>() * 2e-5
                            + w.iter().map(|w| f64::from(w.abs())).sum::<f64>() * 1.6e-5;
                        let off = (terms().sum::<f64>() - f64::from(found[t * rows + row])).abs();
                        assert!(
                            off < most,
                            "{kind:?} {tier:?} {rows}x{columns} for {count}: off by {off}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_kernel_agrees_with_its_scalar_twin() {
    let threads = Threads::new(2).unwrap();
    for kind in KINDS {
        let (rows, columns, count) = (53, 512, 15);
        let bytes = random_bytes(kind, rows, columns, 9);
        let weights = Packed::new(kind, &bytes, rows, columns).unwrap();
        let x = inputs(count, columns);
        let (twin, values) = (
            product(&threads, Tier::Scalar, &weights, &x),
            weights.values(),
        );
        for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
            for (n, (a, b)) in product(&threads, tier, &weights, &x)
                .iter()
                .zip(&twin)
                .enumerate()
            {
                // Only the rounding of float sums differs: by parts of the sizes that are summed.
                let w = &values[n % rows * columns..][..columns];
                let x = &x[n / rows * columns..][..columns];
                let sizes: f32 = w.iter().zip(x).map(|(w, x)| (w * x).abs()).sum();
                assert!(
                    (a - b).abs() <= 2e-6 * sizes,
                    "{kind:?} {tier:?} number {n}: {a} and {b}"
                );
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_company() {
    let threads = Threads::new(2).unwrap();
    for kind in KINDS {
        let bytes = random_bytes(kind, 33, 256, 2);
        let weights = Packed::new(kind, &bytes, 33, 256).unwrap();
        let x = inputs(15, 256);
        for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
            let together = product(&threads, tier, &weights, &x);
            let alone: Vec<f32> = x
                .chunks_exact(256)
                .flat_map(|x| product(&threads, tier, &weights, x))
                .collect();
            assert_eq!(together, alone, "{kind:?} {tier:?}");
        }
    }
}

#[test]
fn two_parts_give_the_same_products() {
    let threads = Threads::new(2).unwrap();
    let bytes = random_bytes(Kind::Q8_0, 53, 96, 2);
    let whole = Packed::new(Kind::Q8_0, &bytes, 53, 96).unwrap();
    let split = split(&bytes, 53, 96);
    let x = inputs(11, 96);
    for tier in Tier::ALL.iter().copied().filter(|tier| tier.available()) {
        let [a, b] = [&whole, &split].map(|weights| product(&threads, tier, weights, &x));
        assert_eq!(a, b, "{tier:?}");
    }
}

#[test]
fn rounding_survives_zeros_and_what_is_no_number() {
    for odd in [0.0, f32::INFINITY, f32::NAN, 1e-40] {
        let group = round(&[odd; 32]);
        assert!(group.scale.is_finite() && group.sum.is_finite(), "{odd}");
    }
    let mut x = [0f32; 32];
    x[..4].copy_from_slice(&[-2.0, 1.0, 2.0, 0.5]);
    let group = round(&x);
    assert_eq!(
        group.pairs[..2],
        [-32767 & 0xffff | 16384 << 16, 32767 | 8192 << 16]
    );
    assert!((group.sum - 1.5).abs() < 1e-3 && group.scale == 2.0 / 32767.0);
}

#[test]
fn formats_know_their_sizes() {
    for kind in KINDS {
        let float = matches!(kind, Kind::F16 | Kind::Bf16 | Kind::F32);
        assert_eq!(takes_rounded(kind), !float, "{kind:?}");
    }
}
