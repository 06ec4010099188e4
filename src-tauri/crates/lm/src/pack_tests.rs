//! Packed weights against those of the file.

use super::*;

/// Every type, with the sizes of rows that it is tested with.
pub const KINDS: [Kind; 11] = [
    Kind::F32,
    Kind::F16,
    Kind::Bf16,
    Kind::Q4_0,
    Kind::Q4_1,
    Kind::Q5_0,
    Kind::Q5_1,
    Kind::Q8_0,
    Kind::Q4K,
    Kind::Q5K,
    Kind::Q6K,
];

/// The bytes of a file's matrix with random bits, and scales that are small numbers.
pub fn random_bytes(kind: Kind, rows: usize, columns: usize, seed: u64) -> Vec<u8> {
    let mut random = crate::random::Random::new(seed);
    let (count, size) = kind.block();
    let mut bytes: Vec<u8> = (0..rows * columns / count * size)
        .map(|_| random.next().to_le_bytes()[3])
        .collect();
    for block in bytes.chunks_exact_mut(size) {
        let mut scale = |at: usize| {
            // 2^-4 to 2^-1, of either sign.
            let bits =
                0x2c00 + (random.next() % 0xc00) as u16 + ((random.next() % 2) as u16) * 0x8000;
            block[at..at + 2].copy_from_slice(&bits.to_le_bytes());
        };
        match kind {
            Kind::F32 => block.copy_from_slice(&(random.unit() - 0.5).to_le_bytes()),
            Kind::Bf16 => block.copy_from_slice(&(random.unit() - 0.5).to_le_bytes()[2..]),
            Kind::F16 | Kind::Q4_0 | Kind::Q5_0 | Kind::Q8_0 => scale(0),
            Kind::Q6K => scale(208),
            _ => [0, 2].into_iter().for_each(&mut scale),
        }
    }
    bytes
}

#[test]
fn every_type_keeps_its_values() {
    for kind in KINDS {
        for (rows, columns) in [(1, 256), (16, 512), (37, 768)] {
            let bytes = random_bytes(kind, rows, columns, 3);
            let mut wanted = vec![0f32; rows * columns];
            decode(kind, &bytes, &mut wanted);
            let packed = Packed::new(kind, &bytes, rows, columns).unwrap();
            for (n, (found, wanted)) in packed.values().iter().zip(&wanted).enumerate() {
                let off = (found - wanted).abs();
                assert!(
                    off <= 1e-6 * wanted.abs().max(1.0),
                    "{kind:?} number {n}: {found} for {wanted}"
                );
            }
        }
    }
}

/// A matrix of Q8_0 in two parts.
pub fn split(bytes: &[u8], rows: usize, columns: usize) -> Packed {
    let packed = Packed::empty(Kind::Q8_0, rows, columns).unwrap();
    let mut packed = packed.in_two_parts();
    for (panel, place) in packed.places().into_iter().enumerate() {
        pack_panel(Kind::Q8_0, bytes, rows, columns, panel, place);
    }
    packed
}

/// A head in two parts whose likeliest tokens stand out: one row in twenty is eight times as large as others.
pub fn head(rows: usize, columns: usize, seed: u64) -> Packed {
    let mut bytes = random_bytes(Kind::Q8_0, rows, columns, seed);
    let size = columns / GROUP * 34;
    for (row, bytes) in bytes.chunks_exact_mut(size).enumerate() {
        for block in bytes.chunks_exact_mut(34).filter(|_| row % 20 != 0) {
            let scale = half(u16::from_le_bytes([block[0], block[1]])) / 8.0;
            block[..2].copy_from_slice(&crate::block::to_half(scale).to_le_bytes());
        }
    }
    split(&bytes, rows, columns)
}

#[test]
fn two_parts_keep_the_same_values() {
    let (rows, columns) = (37, 96);
    let bytes = random_bytes(Kind::Q8_0, rows, columns, 5);
    let whole = Packed::new(Kind::Q8_0, &bytes, rows, columns).unwrap();
    let split = split(&bytes, rows, columns);
    assert!(split.is_split() && split.bytes() == whole.bytes());
    assert_eq!(split.values(), whole.values());
    let other = Packed::empty(Kind::Q4_0, rows, columns).unwrap();
    assert!(!other.in_two_parts().is_split());
}

#[test]
fn it_takes_as_much_memory_as_the_file() {
    for kind in KINDS {
        let bytes = random_bytes(kind, 32, 256, 1);
        let packed = Packed::new(kind, &bytes, 32, 256).unwrap();
        // The scales of Q4_K and Q5_K have 6 bits in the file and 8 here.
        let most = if matches!(kind, Kind::Q4K | Kind::Q5K) {
            bytes.len() * 104 / 100
        } else {
            bytes.len()
        };
        assert!(
            packed.bytes() <= most,
            "{kind:?}: {} for {}",
            packed.bytes(),
            bytes.len()
        );
    }
}

#[test]
fn a_row_of_broken_groups_is_refused() {
    assert!(Packed::new(Kind::F32, &[0; 4 * 40], 1, 40).is_none());
    assert!(Packed::new(Kind::Q4K, &[], 0, 96).is_none());
}
