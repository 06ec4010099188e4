//! What is learnt, on its way to the card and back: the factors of all low-rank updates in one block of numbers, and their
//! gradients in another of the same order.
//!
//! Updates of products that share their input are joined too: one A of all their rows, and one B that has each update's
//! numbers in a block of its own, and zeros beside it.

use candle_core::{DType, Device, Result, Tensor};

use crate::config::Config;
use crate::train::low_rank::Update;
use crate::train::parameters::Parameter;
use crate::train::places::Learnt;

use super::weights::Group;

/// The factors of the updates of one group of products.
pub struct Low {
    /// (R, inputs).
    pub a: Tensor,
    /// (outputs, R), with what scales them.
    pub b: Tensor,
    /// Part of the inputs that the updates do not see.
    pub dropout: f32,
}

/// The gradients of the factors of a group.
pub struct LowBack {
    pub a: Tensor,
    pub b: Tensor,
}

/// One update within its group.
struct Part<'a> {
    update: &'a Update,
    /// Its first output among those of the group.
    row: usize,
    /// Its first rank, and how many it has.
    first: usize,
    rank: usize,
}

/// The updates of a group.
struct Joint<'a> {
    parts: Vec<Part<'a>>,
    /// All ranks together (R).
    rank: usize,
    outputs: usize,
    inputs: usize,
}

/// Where all factors are in the block of numbers: layer by layer, in the order of [`Group::ALL`].
pub struct Plan<'a> {
    joints: Vec<Option<Joint<'a>>>,
    parameters: &'a [Parameter],
}

impl<'a> Plan<'a> {
    /// The plan of what is learnt, of which [`super::able`] has made sure that it is low-rank updates.
    pub fn new(learnt: &'a Learnt, config: &Config) -> Plan<'a> {
        let mut joints = Vec::new();
        for places in &learnt.layers {
            for group in Group::ALL {
                let (outputs, inputs) = group.shape(config);
                let (mut row, mut rank) = (0, 0);
                let mut parts = Vec::new();
                for target in group.targets() {
                    if let Some(update) = &places.updates[*target as usize] {
                        let own = learnt.parameters[update.a].shape.0;
                        parts.push(Part {
                            update,
                            row,
                            first: rank,
                            rank: own,
                        });
                        rank += own;
                    }
                    row += target.shape(config).0;
                }
                joints.push((!parts.is_empty()).then_some(Joint {
                    parts,
                    rank,
                    outputs,
                    inputs,
                }));
            }
        }
        Plan {
            joints,
            parameters: &learnt.parameters,
        }
    }

    fn size(&self) -> usize {
        let each = |joint: &Joint<'_>| joint.rank * (joint.inputs + joint.outputs);
        self.joints.iter().flatten().map(each).sum()
    }

    /// The factors on a card, layer by layer and group by group.
    pub fn upload(&self, device: &Device, dtype: DType) -> Result<Vec<Option<Low>>> {
        // A card refuses to work on nothing, as the bare base has it.
        if self.size() == 0 {
            return Ok(self.joints.iter().map(|_| None).collect());
        }
        let mut numbers = vec![0f32; self.size()];
        let mut rest = &mut numbers[..];
        for joint in self.joints.iter().flatten() {
            let (a, after) = rest.split_at_mut(joint.rank * joint.inputs);
            let (b, after) = after.split_at_mut(joint.outputs * joint.rank);
            rest = after;
            for part in &joint.parts {
                let from = &self.parameters[part.update.a].values;
                a[part.first * joint.inputs..][..from.len()].copy_from_slice(from);
                let from = self.parameters[part.update.b]
                    .values
                    .chunks_exact(part.rank);
                let to = b.chunks_exact_mut(joint.rank).skip(part.row);
                for (to, from) in to.zip(from) {
                    let to = to[part.first..][..part.rank].iter_mut().zip(from);
                    to.for_each(|(to, from)| *to = part.update.scale * from);
                }
            }
        }
        let size = numbers.len();
        let block = Tensor::from_vec(numbers, size, device)?.to_dtype(dtype)?;
        let mut first = 0;
        let mut take = |rows: usize, columns: usize| {
            let part = block
                .narrow(0, first, rows * columns)?
                .reshape((rows, columns));
            first += rows * columns;
            part
        };
        let each = |joint: &Option<Joint<'_>>| -> Result<Option<Low>> {
            let Some(joint) = joint else { return Ok(None) };
            Ok(Some(Low {
                a: take(joint.rank, joint.inputs)?,
                b: take(joint.outputs, joint.rank)?,
                dropout: joint.parts[0].update.dropout,
            }))
        };
        self.joints.iter().map(each).collect()
    }

    /// Adds gradients, in the order of the factors, to those of the parameters.
    pub fn download(&self, back: Vec<Option<LowBack>>, gradients: &mut [Vec<f32>]) -> Result<()> {
        let parts = back.into_iter().flatten().flat_map(|back| [back.a, back.b]);
        let parts: Vec<Tensor> = parts
            .map(|part| part.flatten_all())
            .collect::<Result<_>>()?;
        if parts.is_empty() {
            return Ok(());
        }
        let numbers: Vec<f32> = Tensor::cat(&parts, 0)?.to_dtype(DType::F32)?.to_vec1()?;
        if numbers.len() != self.size() {
            candle_core::bail!("{} gradients of {} numbers", numbers.len(), self.size());
        }
        let mut rest = &numbers[..];
        for joint in self.joints.iter().flatten() {
            let (a, after) = rest.split_at(joint.rank * joint.inputs);
            let (b, after) = after.split_at(joint.outputs * joint.rank);
            rest = after;
            for part in &joint.parts {
                let to = &mut gradients[part.update.a];
                let from = &a[part.first * joint.inputs..];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                let to = gradients[part.update.b].chunks_exact_mut(part.rank);
                let from = b.chunks_exact(joint.rank).skip(part.row);
                for (to, from) in to.zip(from) {
                    let to = to.iter_mut().zip(&from[part.first..]);
                    to.for_each(|(to, from)| *to += part.update.scale * from);
                }
            }
        }
        Ok(())
    }
}
