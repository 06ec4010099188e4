//! Weights as they are kept while the model runs: the same numbers as in the file, in the order the inner loops read them.
//!
//! Sixteen rows lie side by side in a panel, so that a register holds one number of each. Along a row the numbers of a
//! unit (32, or 256 in the types that have such blocks) make a block of a panel:
//!
//! | types | a block of sixteen rows |
//! |---|---|
//! | Q4_0, Q5_0, Q8_0 | scales (f16 × 16), then the group |
//! | Q4_1, Q5_1 | scales, minima (f16 × 16 each), then the group |
//! | Q4_K, Q5_K | scales, scales of minima (f16 × 16 each), then 8 × (scales, minima (u8 × 16 each), group) |
//! | Q6_K | scales (f16 × 16), then 8 × (scales of the first and second 16 numbers (i8 × 16 each), group) |
//! | F16, BF16, F32 | for each of 32 columns the numbers of sixteen rows |
//!
//! A group is 32 numbers of sixteen rows, in pairs of neighbours: 4 × 64 bytes of lower four bits (a word of 16 bits for
//! each row and member of a pair, with the bits of four pairs from low to high); then for Q5 64 bytes of fifth bits (the
//! word has a bit for each of the 16 pairs), for Q6 2 × 64 bytes of upper two bits (eight pairs in a word). Q8 has 16 ×
//! 32 bytes, the pairs of sixteen rows. What is missing in the last panel is zero.
//!
//! Q8_0 can also lie in two parts: blocks with the upper four bits of the numbers (scales, then a group of four bits; a
//! number is 16 · upper + lower − 128), and apart from them for each block a group of the lower four bits. So half the
//! memory is enough to tell which rows of a head can matter; see [`crate::kernels::best`].

use crate::block::{Kind, decode, half, six_bits};

/// Numbers that share a scale, and rows of a panel times two.
pub const GROUP: usize = 32;
/// Rows of a panel.
pub const PANEL: usize = 16;

/// A matrix of weights in panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// Rows: outputs of the layer.
    pub rows: usize,
    /// Numbers in a row: inputs of the layer; a multiple of 32.
    pub columns: usize,
    /// The type in the file, whose values are kept exactly.
    pub kind: Kind,
    /// The panels, one after another.
    pub data: Vec<u8>,
    /// The lower bits of a matrix in two parts, panel by panel; empty in others.
    pub lower: Vec<u8>,
}

/// Bytes of the first and of the second part of a block in two parts.
pub const PARTS: (usize, usize) = (32 + 256, 256);

/// Where a panel is put: its place in [`Packed::data`] and in [`Packed::lower`].
pub type Place<'a> = (&'a mut [u8], &'a mut [u8]);

/// Numbers of a row in a block of a panel, and bytes of such a block.
pub fn unit(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Q4_0 => (32, 32 + 256),
        Kind::Q4_1 => (32, 64 + 256),
        Kind::Q5_0 => (32, 32 + 256 + 64),
        Kind::Q5_1 => (32, 64 + 256 + 64),
        Kind::Q8_0 => (32, 32 + 512),
        Kind::Q4K => (256, 64 + 8 * (32 + 256)),
        Kind::Q5K => (256, 64 + 8 * (32 + 256 + 64)),
        Kind::Q6K => (256, 32 + 8 * (32 + 256 + 128)),
        Kind::F16 | Kind::Bf16 => (32, 32 * 32),
        Kind::F32 => (32, 32 * 64),
    }
}

impl Packed {
    /// Packs a matrix of a file. `bytes` holds exactly `rows · columns` numbers of this kind; `None` where a row is no
    /// whole number of groups, or of blocks.
    pub fn new(kind: Kind, bytes: &[u8], rows: usize, columns: usize) -> Option<Packed> {
        let mut packed = Packed::empty(kind, rows, columns)?;
        for (panel, place) in packed.places().into_iter().enumerate() {
            pack_panel(kind, bytes, rows, columns, panel, place);
        }
        Some(packed)
    }

    /// Zeros, to be filled by [`pack_panel`]; `None` as for [`Packed::new`].
    pub fn empty(kind: Kind, rows: usize, columns: usize) -> Option<Packed> {
        let (numbers, _) = unit(kind);
        if columns == 0 || !columns.is_multiple_of(numbers) {
            return None;
        }
        let mut packed = Packed {
            rows,
            columns,
            kind,
            data: Vec::new(),
            lower: Vec::new(),
        };
        packed.data = vec![0; packed.panels() * packed.panel_bytes()];
        Some(packed)
    }

    /// The same in two parts, where the type can be; only before it is filled.
    pub fn in_two_parts(mut self) -> Packed {
        if self.kind == Kind::Q8_0 {
            let blocks = self.panels() * (self.columns / GROUP);
            self.data = vec![0; blocks * PARTS.0];
            self.lower = vec![0; blocks * PARTS.1];
        }
        self
    }

    /// Whether it lies in two parts.
    pub fn is_split(&self) -> bool {
        !self.lower.is_empty()
    }

    /// The places of all panels, to be filled.
    pub fn places(&mut self) -> Vec<Place<'_>> {
        let (size, lower) = (self.panel_bytes(), self.lower_bytes());
        let mut rest = self.lower.as_mut_slice();
        let panels = self.data.chunks_exact_mut(size.max(1));
        panels
            .map(|data| (data, rest.split_off_mut(..lower).unwrap_or_default()))
            .collect()
    }

    /// Panels of sixteen rows, the last of them perhaps not full.
    pub fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL)
    }

    /// Bytes of a panel, without its lower bits if they lie apart.
    pub fn panel_bytes(&self) -> usize {
        match unit(self.kind) {
            (numbers, _) if self.is_split() => self.columns / numbers * PARTS.0,
            (numbers, bytes) => self.columns / numbers * bytes,
        }
    }

    /// Bytes of the lower bits of a panel that lie apart.
    fn lower_bytes(&self) -> usize {
        if self.is_split() {
            self.columns / GROUP * PARTS.1
        } else {
            0
        }
    }

    /// A panel, and its lower bits where they lie apart.
    #[inline(always)]
    pub fn panel(&self, panel: usize) -> (&[u8], &[u8]) {
        let (size, lower) = (self.panel_bytes(), self.lower_bytes());
        (
            &self.data[panel * size..][..size],
            &self.lower[panel * lower..][..lower],
        )
    }

    /// Writes the values of one row.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        let (numbers, bytes) = unit(self.kind);
        let (panel, lower) = self.panel(row / PANEL);
        let lane = row % PANEL;
        if self.is_split() {
            let blocks = panel.chunks_exact(PARTS.0).zip(lower.chunks_exact(PARTS.1));
            for ((upper, lower), out) in blocks.zip(out.chunks_exact_mut(GROUP)) {
                let scale = half(u16::from_le_bytes([upper[2 * lane], upper[2 * lane + 1]]));
                for (n, out) in out.iter_mut().enumerate() {
                    // As those of Q4_0, whose zero is 8, and of Q4_1, whose zero is 0.
                    let upper = number(Kind::Q4_0, &upper[32..], lane, n);
                    let lower = number(Kind::Q4_1, lower, lane, n);
                    *out = scale * f32::from(16 * upper + lower);
                }
            }
            return;
        }
        for (block, out) in panel.chunks_exact(bytes).zip(out.chunks_exact_mut(numbers)) {
            unpack(self.kind, block, lane, out);
        }
    }

    /// All values, row by row.
    #[cfg(test)]
    pub fn values(&self) -> Vec<f32> {
        let mut values = vec![0f32; self.rows * self.columns];
        for (row, out) in values.chunks_exact_mut(self.columns).enumerate() {
            self.row(row, out);
        }
        values
    }

    /// Bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        self.data.len() + self.lower.len()
    }
}

/// Bytes of a group in a type that has them, and how many of its planes are for upper bits.
fn group_bytes(kind: Kind) -> usize {
    match kind {
        Kind::Q5_0 | Kind::Q5_1 | Kind::Q5K => 256 + 64,
        Kind::Q6K => 256 + 128,
        Kind::Q8_0 => 512,
        _ => 256,
    }
}

/// Bytes of scales before the groups of a block, and before each group.
fn scale_bytes(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Q4K | Kind::Q5K => (64, 32),
        Kind::Q6K => (32, 32),
        Kind::Q4_1 | Kind::Q5_1 => (64, 0),
        _ => (32, 0),
    }
}

/// Fills one panel from the rows of a file.
pub fn pack_panel(
    kind: Kind,
    bytes: &[u8],
    rows: usize,
    columns: usize,
    panel: usize,
    place: Place<'_>,
) {
    pulp::Arch::new().dispatch(PackPanel {
        kind,
        bytes,
        rows,
        columns,
        panel,
        place,
    });
}

/// The work of [`pack_panel`]; a type of its own for the reason that stands at [`crate::lanes`].
struct PackPanel<'a> {
    kind: Kind,
    bytes: &'a [u8],
    rows: usize,
    columns: usize,
    panel: usize,
    place: Place<'a>,
}

impl pulp::NullaryFnOnce for PackPanel<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (numbers, bytes) = unit(self.kind);
        let (count, size) = self.kind.block();
        let row_bytes = self.columns / count * size;
        let unit_bytes = numbers / count * size;
        let first = self.panel * PANEL;
        let (data, lower) = self.place;
        for lane in 0..PANEL.min(self.rows - first) {
            let row = &self.bytes[(first + lane) * row_bytes..][..row_bytes];
            let blocks = row.chunks_exact(unit_bytes);
            if !lower.is_empty() {
                let out = data
                    .chunks_exact_mut(PARTS.0)
                    .zip(lower.chunks_exact_mut(PARTS.1));
                for (block, (upper, lower)) in blocks.zip(out) {
                    take_scales(&block[..2], lane, upper);
                    let numbers: &[u8; 32] = block[2..].first_chunk().expect("a whole block");
                    put_four(&numbers.map(|byte| byte >> 4 ^ 8), lane, &mut upper[32..]);
                    put_four(&numbers.map(|byte| byte & 15), lane, lower);
                }
                continue;
            }
            for (block, out) in blocks.zip(data.chunks_exact_mut(bytes)) {
                pack(self.kind, block, lane, out);
            }
        }
    }
}

/// Puts one row's block of the file into its lane of a block of a panel.
#[inline(always)]
fn pack(kind: Kind, block: &[u8], lane: usize, out: &mut [u8]) {
    match kind {
        Kind::F32 => {
            for (four, out) in block.chunks_exact(4).zip(out.chunks_exact_mut(64)) {
                out[4 * lane..][..4].copy_from_slice(four);
            }
        }
        Kind::F16 | Kind::Bf16 => {
            for (two, out) in block.chunks_exact(2).zip(out.chunks_exact_mut(32)) {
                out[2 * lane..][..2].copy_from_slice(two);
            }
        }
        Kind::Q8_0 => {
            out[2 * lane..][..2].copy_from_slice(&block[..2]);
            for (two, out) in block[2..]
                .chunks_exact(2)
                .zip(out[32..].chunks_exact_mut(32))
            {
                out[2 * lane..][..2].copy_from_slice(two);
            }
        }
        Kind::Q4_0 | Kind::Q4_1 => {
            let (scales, _) = scale_bytes(kind);
            take_scales(&block[..scales / 16], lane, out);
            let low: &[u8; 16] = block[scales / 16..].first_chunk().expect("a whole block");
            put_four(&halves(low), lane, &mut out[scales..]);
        }
        Kind::Q5_0 | Kind::Q5_1 => {
            let (scales, _) = scale_bytes(kind);
            take_scales(&block[..scales / 16], lane, out);
            let high = &block[scales / 16..][..4];
            let high = u32::from_le_bytes([high[0], high[1], high[2], high[3]]);
            let low: &[u8; 16] = block[scales / 16 + 4..]
                .first_chunk()
                .expect("a whole block");
            put_four(&halves(low), lane, &mut out[scales..]);
            put_fifth(|n| high >> n & 1, lane, &mut out[scales + 256..]);
        }
        Kind::Q4K | Kind::Q5K => {
            take_scales(&block[..4], lane, out);
            let size = 32 + group_bytes(kind);
            let low = if kind == Kind::Q4K { 16 } else { 48 };
            for (part, out) in out[64..].chunks_exact_mut(size).enumerate() {
                let (scale, min) = six_bits(&block[4..16], part);
                (out[lane], out[16 + lane]) = (scale, min);
                let from: &[u8; 32] = block[low + part / 2 * 32..].first_chunk().expect("whole");
                let numbers = from.map(|byte| byte >> (part % 2 * 4) & 15);
                put_four(&numbers, lane, &mut out[32..]);
                if kind == Kind::Q5K {
                    let high = &block[16..48];
                    put_fifth(
                        |n| u32::from(high[n] >> part & 1),
                        lane,
                        &mut out[32 + 256..],
                    );
                }
            }
        }
        Kind::Q6K => {
            out[2 * lane..][..2].copy_from_slice(&block[208..210]);
            let size = 32 + group_bytes(kind);
            for (part, out) in out[32..].chunks_exact_mut(size).enumerate() {
                let (side, group) = (part / 4, part % 4);
                out[lane] = block[192 + 2 * part];
                out[16 + lane] = block[193 + 2 * part];
                let low: &[u8; 32] = block[side * 64 + group % 2 * 32..]
                    .first_chunk()
                    .expect("whole");
                let numbers = low.map(|byte| byte >> (group / 2 * 4) & 15);
                put_four(&numbers, lane, &mut out[32..]);
                let high: &[u8; 32] = block[128 + side * 32..].first_chunk().expect("whole");
                put_upper_two(
                    |n| u16::from(high[n] >> (group * 2) & 3),
                    lane,
                    &mut out[32 + 256..],
                );
            }
        }
    }
}

/// The scale, and the minimum where there is one.
#[inline(always)]
fn take_scales(from: &[u8], lane: usize, out: &mut [u8]) {
    for (two, out) in from.chunks_exact(2).zip(out.chunks_exact_mut(32)) {
        out[2 * lane..][..2].copy_from_slice(two);
    }
}

/// 32 numbers of which byte `n` holds number `n` below and `n + 16` above.
#[inline(always)]
fn halves(low: &[u8; 16]) -> [u8; 32] {
    std::array::from_fn(|n| {
        if n < 16 {
            low[n] & 15
        } else {
            low[n - 16] >> 4
        }
    })
}

#[inline(always)]
fn put_four(numbers: &[u8; 32], lane: usize, out: &mut [u8]) {
    let (eights, _) = numbers.as_chunks::<8>();
    for (eight, out) in eights.iter().zip(out.chunks_exact_mut(64)) {
        // The word of the first member of the pairs, then that of the second.
        let eight = u64::from_le_bytes(*eight);
        let word = every_other(eight) | every_other(eight >> 8) << 16;
        out[4 * lane..][..4].copy_from_slice(&word.to_le_bytes());
    }
}

/// The lower four bits of the first, third, fifth and seventh byte side by side.
#[inline(always)]
fn every_other(eight: u64) -> u32 {
    let four = eight & 0x000f_000f_000f_000f;
    let two = four | four >> 12;
    (two & 0xff) as u32 | (two >> 24 & 0xff00) as u32
}

#[inline(always)]
fn put_fifth(bit: impl Fn(usize) -> u32, lane: usize, out: &mut [u8]) {
    let word = (0..16).fold(0u32, |word, pair| {
        word | bit(2 * pair) << pair | bit(2 * pair + 1) << (16 + pair)
    });
    out[4 * lane..][..4].copy_from_slice(&word.to_le_bytes());
}

#[inline(always)]
fn put_upper_two(bits: impl Fn(usize) -> u16, lane: usize, out: &mut [u8]) {
    for (half, out) in out[..128].chunks_exact_mut(64).enumerate() {
        let word = |member: usize| {
            (0..8).fold(0u16, |word, pair| {
                word | bits(16 * half + 2 * pair + member) << (2 * pair)
            })
        };
        out[4 * lane..][..2].copy_from_slice(&word(0).to_le_bytes());
        out[4 * lane + 2..][..2].copy_from_slice(&word(1).to_le_bytes());
    }
}

/// The values of one lane of a block of a panel.
fn unpack(kind: Kind, block: &[u8], lane: usize, out: &mut [f32]) {
    match kind {
        Kind::F32 | Kind::F16 | Kind::Bf16 => {
            let (_, size) = kind.block();
            for (block, out) in block.chunks_exact(16 * size).zip(out) {
                decode(
                    kind,
                    &block[lane * size..][..size],
                    std::slice::from_mut(out),
                );
            }
        }
        _ => {
            let word =
                |at: usize| u16::from_le_bytes([block[at + 2 * lane], block[at + 2 * lane + 1]]);
            let (head, each) = scale_bytes(kind);
            let size = each + group_bytes(kind);
            for (part, out) in out.chunks_exact_mut(GROUP).enumerate() {
                let start = head + part * size;
                let byte = |at: usize| block[start + at + lane];
                // Scale and minimum of the first and the second 16 numbers.
                let (scales, min) = match kind {
                    Kind::Q4_1 | Kind::Q5_1 => ([half(word(0)); 2], half(word(32))),
                    Kind::Q4K | Kind::Q5K => (
                        [half(word(0)) * f32::from(byte(0)); 2],
                        -half(word(32)) * f32::from(byte(16)),
                    ),
                    Kind::Q6K => (
                        [0, 16].map(|at| half(word(0)) * f32::from(byte(at).cast_signed())),
                        0.0,
                    ),
                    _ => ([half(word(0)); 2], 0.0),
                };
                let group = &block[start + each..][..group_bytes(kind)];
                for (n, out) in out.iter_mut().enumerate() {
                    *out = scales[n / 16] * f32::from(number(kind, group, lane, n)) + min;
                }
            }
        }
    }
}

/// Number `n` of a lane of a group, less what stands for zero.
fn number(kind: Kind, group: &[u8], lane: usize, n: usize) -> i16 {
    let (pair, member) = (n / 2, n % 2);
    if kind == Kind::Q8_0 {
        return i16::from(group[32 * pair + 2 * lane + member].cast_signed());
    }
    let word = |plane: usize| {
        let at = 64 * plane + 4 * lane + 2 * member;
        u16::from_le_bytes([group[at], group[at + 1]])
    };
    let low = word(pair / 4) >> (pair % 4 * 4) & 15;
    let (high, zero) = match kind {
        Kind::Q5_0 => (word(4) >> pair & 1, 16),
        Kind::Q5_1 | Kind::Q5K => (word(4) >> pair & 1, 0),
        Kind::Q6K => (word(4 + pair / 8) >> (pair % 8 * 2) & 3, 32),
        Kind::Q4_0 => (0, 8),
        _ => (0, 0),
    };
    (low | high << 4).cast_signed() - zero
}

#[cfg(test)]
#[path = "pack_tests.rs"]
pub(crate) mod tests;
