//! A small layer with a gate behind a part of a layer: `y + U · relu(D · y + d) + u`.

use crate::kernels::{Put, View};
use crate::random::Random;

use super::ops::Ops;
use super::parameters::Parameter;

/// Where its matrices are, in a list of parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Bottleneck {
    /// D: (inside, width).
    pub down: usize,
    /// d: (inside, 1).
    pub down_bias: usize,
    /// U: (width, inside).
    pub up: usize,
    /// u: (width, 1).
    pub up_bias: usize,
}

impl Bottleneck {
    /// A layer that changes nothing yet: D is random, the rest zero.
    pub fn new(
        parameters: &mut Vec<Parameter>,
        name: &str,
        width: usize,
        inside: usize,
        random: &mut Random,
    ) -> Bottleneck {
        let first = parameters.len();
        let bound = 1.0 / (width as f32).sqrt();
        let mut down = Parameter::zeros(format!("{name}.down.weight"), inside, width);
        down.values
            .iter_mut()
            .for_each(|x| *x = (2.0 * random.unit() - 1.0) * bound);
        parameters.push(down);
        parameters.push(Parameter::zeros(format!("{name}.down.bias"), inside, 1));
        parameters.push(Parameter::zeros(format!("{name}.up.weight"), width, inside));
        parameters.push(Parameter::zeros(format!("{name}.up.bias"), width, 1));
        Bottleneck {
            down: first,
            down_bias: first + 1,
            up: first + 2,
            up_bias: first + 3,
        }
    }

    /// What is added to `y`, and the numbers inside.
    pub fn forward(&self, ops: &Ops, parameters: &[Parameter], y: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (inside, width) = parameters[self.down].shape;
        let tokens = y.len() / width;
        let mut inner = rows_of(&parameters[self.down_bias].values, tokens);
        let down = View::new(&parameters[self.down].values, width).transposed();
        ops.product(
            &mut inner,
            inside,
            View::new(y, width),
            down,
            1.0,
            Put::Onto,
        );
        inner.iter_mut().for_each(|x| *x = x.max(0.0));
        let mut out = rows_of(&parameters[self.up_bias].values, tokens);
        let up = View::new(&parameters[self.up].values, inside).transposed();
        ops.product(
            &mut out,
            width,
            View::new(&inner, inside),
            up,
            1.0,
            Put::Onto,
        );
        (out, inner)
    }

    /// Adds the gradients of the matrices to `gradients`, and to `dy`, the gradient of the sum of `y` and what is added to
    /// it, that which goes through the small layer.
    pub fn backward(
        &self,
        ops: &Ops,
        parameters: &[Parameter],
        y: &[f32],
        dy: &mut [f32],
        gradients: &mut [Vec<f32>],
    ) {
        let (inside, width) = parameters[self.down].shape;
        let (_, inner) = self.forward(ops, parameters, y);
        let turned = View::new(dy, width).transposed();
        ops.product(
            &mut gradients[self.up],
            inside,
            turned,
            View::new(&inner, inside),
            1.0,
            Put::Onto,
        );
        sum_rows(dy, &mut gradients[self.up_bias]);
        let mut back = vec![0f32; inner.len()];
        let up = View::new(&parameters[self.up].values, inside);
        ops.product(&mut back, inside, View::new(dy, width), up, 1.0, Put::Over);
        for (back, inner) in back.iter_mut().zip(&inner) {
            if *inner <= 0.0 {
                *back = 0.0;
            }
        }
        let turned = View::new(&back, inside).transposed();
        ops.product(
            &mut gradients[self.down],
            width,
            turned,
            View::new(y, width),
            1.0,
            Put::Onto,
        );
        sum_rows(&back, &mut gradients[self.down_bias]);
        let down = View::new(&parameters[self.down].values, width);
        ops.product(dy, width, View::new(&back, inside), down, 1.0, Put::Onto);
    }
}

fn rows_of(row: &[f32], count: usize) -> Vec<f32> {
    row.iter()
        .copied()
        .cycle()
        .take(row.len() * count)
        .collect()
}

fn sum_rows(rows: &[f32], out: &mut [f32]) {
    for row in rows.chunks_exact(out.len()) {
        out.iter_mut().zip(row).for_each(|(out, x)| *out += x);
    }
}
