//! The likeliest rows against the products with all rows.

use super::super::{Product, multiply};
use super::*;
use crate::block::Kind;
use crate::pack::tests::{head, random_bytes, split};
use crate::random::Random;

fn tiers() -> impl Iterator<Item = Tier> {
    Tier::ALL.iter().copied().filter(|tier| tier.available())
}

fn inputs(count: usize, columns: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..count * columns)
        // A few large ones among small ones, as in real models.
        .map(|n| (random.unit() - 0.5) * if n % 29 == 0 { 20.0 } else { 1.0 })
        .collect()
}

/// The products with all rows.
fn all(threads: &Threads, tier: Tier, input: &Input<'_>, weights: &Packed) -> Vec<f32> {
    let mut out = vec![0f32; input.rows() * weights.rows];
    let out = &mut out;
    multiply(threads, tier, input, &mut [Product { weights, out }]);
    out.clone()
}

#[test]
fn the_likeliest_are_those_of_all_products() {
    let mut random = Random::new(21);
    let mut below = |most: u64| 1 + (random.next() % most) as usize;
    for round in 0..12 {
        let (rows, columns, count) = (6000 + below(3000), 32 * (4 + below(20)), below(11));
        let weights = head(rows, columns, round);
        let x = inputs(count, columns, round);
        let threads = Threads::new(1 + count % 3).unwrap();
        let input = Input::new(&threads, &x, columns, true);
        let wanted = below(10);
        let also: Vec<u32> = (0..below(9))
            .map(|_| (below(rows as u64) - 1) as u32)
            .collect();
        for tier in tiers() {
            let all = all(&threads, tier, &input, &weights);
            let best = best(&threads, tier, &input, &weights, wanted, &also);
            let best = best.expect("the likeliest stand out");
            assert_eq!(best.len(), count);
            for (best, all) in best.iter().zip(all.chunks_exact(rows)) {
                assert!(best.is_sorted_by_key(|(id, _)| *id) && best.len() < rows / 8);
                // The same numbers, bit for bit.
                assert!(best.iter().all(|(id, score)| all[*id as usize] == *score));
                let given = |id: u32| best.binary_search_by_key(&id, |(id, _)| *id).is_ok();
                let mut order: Vec<u32> =
                    (0..rows as u32).filter(|id| !also.contains(id)).collect();
                order.sort_by(|a, b| all[*b as usize].total_cmp(&all[*a as usize]));
                for id in order[..wanted].iter().chain(&also) {
                    assert!(given(*id), "{tier:?} {rows}x{columns}: {id} is missing");
                }
            }
        }
    }
}

#[test]
fn every_set_of_lanes_weighs_like_its_scalar_twin() {
    let (columns, rows) = (224, 9);
    let weights = split(&random_bytes(Kind::Q8_0, 16, columns, 4), 16, columns);
    let x = inputs(rows, columns, 3);
    let rough: Vec<Rough> = x.as_chunks::<GROUP>().0.iter().map(Rough::new).collect();
    let weigh = |tier: Tier| {
        let mut seen = vec![Seen::default(); rows];
        tier.run(Weigh {
            weights: &weights,
            rows,
            rough: &rough,
            first: 0,
            seen: &mut seen,
        });
        seen
    };
    let twin = weigh(Tier::Scalar);
    for tier in tiers() {
        for (a, b) in weigh(tier).iter().zip(&twin) {
            let near = |a: f32, b: f32| (a - b).abs() < 1e-4 * b.abs().max(1.0);
            assert!(
                near(a.likely, b.likely) && near(a.at_most, b.at_most),
                "{tier:?}: {a:?} {b:?}"
            );
        }
    }
}

/// What the comment on [`SURE`] rests on: the lower bits add what the variance says.
#[test]
fn the_lower_bits_spread_as_far_as_is_said() {
    let (rows, columns) = (16 * 600, 256);
    let weights = split(&random_bytes(Kind::Q8_0, rows, columns, 8), rows, columns);
    let threads = Threads::new(2).unwrap();
    let x = inputs(1, columns, 5);
    let input = Input::new(&threads, &x, columns, true);
    let all = all(&threads, Tier::best(), &input, &weights);
    let rough: Vec<Rough> = x.as_chunks::<GROUP>().0.iter().map(Rough::new).collect();
    let mut squares = 0.0;
    let mut largest = 0f32;
    for (panel, exact) in all.chunks_exact(PANEL).enumerate() {
        let ([sums], [spreads]) = weigh::<_, 1>(
            super::super::lanes::Scalar,
            weights.panel(panel).0,
            &rough,
            false,
        );
        for ((exact, sum), spread) in exact.iter().zip(sums).zip(spreads) {
            let widths = (exact - sum) / spread.sqrt();
            squares += widths * widths / rows as f32;
            largest = largest.max(widths.abs());
        }
    }
    assert!((0.8..1.1).contains(&squares.sqrt()), "{}", squares.sqrt());
    assert!(largest < SURE, "{largest}");
}

#[test]
fn it_gives_up_where_nothing_stands_out() {
    let (rows, columns) = (530, 64);
    let weights = split(&random_bytes(Kind::Q8_0, rows, columns, 1), rows, columns);
    let threads = Threads::new(2).unwrap();
    for tier in tiers() {
        for x in [0.0, f32::NAN, f32::INFINITY] {
            let x = vec![x; columns];
            let input = Input::new(&threads, &x, columns, true);
            assert!(best(&threads, tier, &input, &weights, 3, &[529]).is_none());
        }
    }
    let none = Input::new(&threads, &[], columns, true);
    let best = best(&threads, Tier::best(), &none, &weights, 3, &[]);
    assert!(best.is_some_and(|rows| rows.is_empty()));
}

#[test]
fn a_scale_that_is_no_number_does_no_harm() {
    let (rows, columns) = (8000, 64);
    let mut weights = head(rows, columns, 2);
    // The first block of row 5 becomes infinite.
    weights.data[2 * 5..][..2].copy_from_slice(&0x7c00u16.to_le_bytes());
    let threads = Threads::new(2).unwrap();
    let x = inputs(1, columns, 2);
    let input = Input::new(&threads, &x, columns, true);
    for tier in tiers() {
        let all = all(&threads, tier, &input, &weights);
        let best = best(&threads, tier, &input, &weights, 3, &[]);
        let best = best.expect("the likeliest stand out");
        let same = |(id, score): &(u32, f32)| score.to_bits() == all[*id as usize].to_bits();
        assert!(best[0].len() >= 3 && best[0].iter().all(same));
        // NEON reads the scale as a large number.
        assert!(all[5].is_finite() || best[0].iter().any(|(id, _)| *id == 5));
    }
}
