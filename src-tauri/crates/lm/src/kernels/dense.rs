//! Products of matrices of plain floats: what training takes besides the products with packed weights.
//!
//! The arithmetic is the crate gemm's, which chooses the instructions at run time. Here stands what makes it safe to call.
#![expect(unsafe_code, reason = "gemm takes pointers")]

/// A matrix that somebody else holds: the number at (row, column) lies at `row · row_step + column · column_step`.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> View<'a> {
    /// Rows of `columns` numbers, one after another; what is left over after whole rows is not looked at.
    pub fn new(numbers: &'a [f32], columns: usize) -> View<'a> {
        View::part(numbers, columns, columns)
    }

    /// The first `columns` numbers of rows that are `step` apart.
    pub fn part(numbers: &'a [f32], step: usize, columns: usize) -> View<'a> {
        let rows = if columns == 0 || numbers.len() < columns {
            0
        } else {
            (numbers.len() - columns) / step + 1
        };
        View {
            numbers,
            rows,
            columns,
            row_step: step,
            column_step: 1,
        }
    }

    /// Rows and columns exchanged.
    pub fn transposed(self) -> View<'a> {
        View {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }

    /// Rows `from..from + count`.
    pub fn rows(self, from: usize, count: usize) -> View<'a> {
        assert!(from + count <= self.rows, "rows beyond the matrix");
        View {
            numbers: self.numbers.get(from * self.row_step..).unwrap_or(&[]),
            rows: count,
            ..self
        }
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Sixteen numbers of a row from `column`, with zeros for those that the matrix does not have.
    #[inline(always)]
    pub(super) fn copy(&self, row: usize, column: usize, to: &mut [f32; 16]) {
        let count = to.len().min(self.columns - column);
        let start = row * self.row_step + column * self.column_step;
        if self.column_step == 1 {
            match self.numbers[start..][..count].first_chunk() {
                Some(all) => *to = *all,
                None => {
                    *to = [0.0; 16];
                    to[..count].copy_from_slice(&self.numbers[start..][..count]);
                }
            }
            return;
        }
        *to = [0.0; 16];
        for (n, to) in to[..count].iter_mut().enumerate() {
            *to = self.numbers[start + n * self.column_step];
        }
    }

    /// Numbers from the first to the last, both counted.
    fn reach(&self) -> usize {
        match (self.rows, self.columns) {
            (0, _) | (_, 0) => 0,
            (rows, columns) => (rows - 1) * self.row_step + (columns - 1) * self.column_step + 1,
        }
    }
}

/// What becomes of the numbers that stand where a product goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// They are overwritten.
    Over,
    /// The product is added to them.
    Onto,
}

/// `out = scale · a · b`, or that added to it. `out` has rows of as many numbers as `b` has columns, `step` apart.
///
/// # Panics
/// Where the shapes do not fit.
pub fn product(out: &mut [f32], step: usize, a: View<'_>, b: View<'_>, scale: f32, put: Put) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(k, b.rows, "a product of matrices that do not fit");
    if m == 0 || n == 0 {
        return;
    }
    assert!(
        step >= n && out.len() >= (m - 1) * step + n,
        "no room for a product"
    );
    assert!(a.numbers.len() >= a.reach() && b.numbers.len() >= b.reach());
    if k == 0 {
        if put == Put::Over {
            out.chunks_mut(step)
                .take(m)
                .for_each(|row| row[..n].fill(0.0));
        }
        return;
    }
    let signed = |step: usize| step.cast_signed();
    // SAFETY: kind 4: the asserts above hold every index of the three matrices inside their slices, `out` is borrowed
    // alone, and the rows of `out` do not overlap because `step` is at least `n`.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            signed(step),
            put == Put::Onto,
            a.numbers.as_ptr(),
            signed(a.column_step),
            signed(a.row_step),
            b.numbers.as_ptr(),
            signed(b.column_step),
            signed(b.row_step),
            if put == Put::Onto { 1.0 } else { 0.0 },
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn numbers(random: &mut Random, count: usize) -> Vec<f32> {
        (0..count).map(|_| random.unit() - 0.5).collect()
    }

    fn at(view: &View<'_>, row: usize, column: usize) -> f32 {
        view.numbers[row * view.row_step + column * view.column_step]
    }

    #[test]
    fn products_are_sums_of_products_however_the_matrices_lie() {
        let mut random = Random::new(5);
        for (m, n, k) in [(1, 1, 1), (3, 5, 7), (17, 33, 64), (40, 8, 100)] {
            for (a_turned, b_turned) in [(false, false), (true, false), (false, true), (true, true)]
            {
                let (a, b) = (
                    numbers(&mut random, (m + 1) * (k + 3)),
                    numbers(&mut random, (n + 4) * (k + 2)),
                );
                let a = match a_turned {
                    false => View::part(&a[..(m * (k + 3)).saturating_sub(3)], k + 3, k),
                    true => {
                        View::part(&a[..(k * (m + 1)).saturating_sub(1)], m + 1, m).transposed()
                    }
                };
                let b = match b_turned {
                    false => View::part(&b[..(k * (n + 4)).saturating_sub(4)], n + 4, n),
                    true => {
                        View::part(&b[..(n * (k + 2)).saturating_sub(2)], k + 2, k).transposed()
                    }
                };
                assert_eq!((a.rows, a.columns, b.rows, b.columns), (m, k, k, n));
                let before = numbers(&mut random, m * (n + 2));
                for put in [Put::Over, Put::Onto] {
                    let mut out = before.clone();
                    product(&mut out, n + 2, a, b, 0.5, put);
                    for row in 0..m {
                        for column in 0..n + 2 {
                            let old = before[row * (n + 2) + column];
                            let sum: f32 = (0..k)
                                .map(|i| at(&a, row, i) * at(&b, i, column.min(n - 1)))
                                .sum();
                            let wanted = match put {
                                _ if column >= n => old,
                                Put::Over => 0.5 * sum,
                                Put::Onto => old + 0.5 * sum,
                            };
                            let found = out[row * (n + 2) + column];
                            assert!((found - wanted).abs() < 1e-4, "{found} for {wanted}");
                        }
                    }
                }
            }
        }
    }
}
