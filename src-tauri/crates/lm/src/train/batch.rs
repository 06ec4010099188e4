//! Examples, and how they are packed into the steps of a training.

use crate::random::Random;

/// No next token is wanted here.
pub const NOTHING: u32 = u32::MAX;

/// What is to be learnt from: a text, and from which token on the model shall write it itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Example {
    /// The whole text.
    pub tokens: Vec<u32>,
    /// The first token that is learnt; those before it are the task. At least 1: the first token follows nothing.
    pub from: usize,
}

impl Example {
    /// Tokens that are learnt.
    pub fn wanted(&self) -> usize {
        self.tokens.len().saturating_sub(self.from.max(1))
    }

    /// The same with at most `length` tokens: the beginning of the task goes first, then the end of what is wanted.
    #[must_use]
    pub fn cut(&self, length: usize) -> Example {
        let mut cut = self.clone();
        let surplus = cut.tokens.len().saturating_sub(length);
        // A quarter of the room is left to the task at least, where it needs that.
        let task = cut
            .from
            .min(cut.from.saturating_sub(surplus).max(length / 4));
        cut.tokens.drain(..cut.from - task);
        cut.from = task;
        cut.tokens.truncate(length);
        cut
    }
}

/// Texts that go through the model together, one after another; none sees another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// All tokens (T).
    pub tokens: Vec<u32>,
    /// The token wanted after each (T), or [`NOTHING`].
    pub targets: Vec<u32>,
    /// Lengths of the texts; their sum is T.
    pub texts: Vec<usize>,
}

impl Batch {
    /// A batch of examples.
    pub fn of<'a>(examples: impl IntoIterator<Item = &'a Example>) -> Batch {
        let mut batch = Batch::default();
        for example in examples {
            // After the last token nothing is wanted, so it is not read.
            let Some((_, read)) = example
                .tokens
                .split_last()
                .filter(|(_, read)| !read.is_empty())
            else {
                continue;
            };
            batch.tokens.extend_from_slice(read);
            batch.texts.push(read.len());
            batch.targets.extend((1..example.tokens.len()).map(|next| {
                if next >= example.from {
                    example.tokens[next]
                } else {
                    NOTHING
                }
            }));
        }
        batch
    }

    /// Tokens that are learnt.
    pub fn wanted(&self) -> usize {
        self.targets
            .iter()
            .filter(|target| **target != NOTHING)
            .count()
    }
}

/// Which examples are learnt from together, batch by batch, in one round over all of them: in an order of the seed, as many
/// together as `tokens` allow, at least one.
pub fn packed(examples: &[Example], tokens: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..examples.len()).collect();
    Random::new(seed).shuffle(&mut order);
    in_batches(examples, order, tokens)
}

/// Neighbours packed together, in their order.
pub fn in_order(examples: &[Example], tokens: usize) -> Vec<Vec<usize>> {
    in_batches(examples, (0..examples.len()).collect(), tokens)
}

fn in_batches(examples: &[Example], order: Vec<usize>, tokens: usize) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for index in order {
        let size = examples[index].tokens.len();
        match batches.last_mut().filter(|_| size <= room) {
            Some(batch) => {
                batch.push(index);
                room -= size;
            }
            None => {
                batches.push(vec![index]);
                room = tokens.saturating_sub(size);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_wants_what_its_examples_want_and_no_text_runs_into_the_next() {
        let example = |tokens: &[u32], from| Example {
            tokens: tokens.to_vec(),
            from,
        };
        let batch = Batch::of(&[
            example(&[1, 2, 3, 4], 2),
            example(&[9], 1),
            example(&[5, 6], 0),
        ]);
        assert_eq!(batch.tokens, [1, 2, 3, 5]);
        assert_eq!(batch.targets, [NOTHING, 3, 4, 6]);
        assert_eq!(
            (batch.texts, example(&[1, 2, 3, 4], 2).wanted()),
            (vec![3, 1], 2)
        );
    }

    #[test]
    fn cutting_takes_the_task_first_and_leaves_some_of_it() {
        let example = Example {
            tokens: (0..100).collect(),
            from: 60,
        };
        let cut = example.cut(80);
        assert_eq!((cut.tokens[0], cut.from, cut.tokens.len()), (20, 40, 80));
        let cut = example.cut(40);
        assert_eq!((cut.tokens[0], cut.from, cut.tokens.len()), (50, 10, 40));
        assert_eq!(example.cut(100), example);
        let short = Example {
            tokens: (0..100).collect(),
            from: 3,
        }
        .cut(40);
        assert_eq!(
            (short.tokens[0], short.from, short.tokens.len()),
            (0, 3, 40)
        );
    }

    #[test]
    fn every_example_is_packed_once_and_no_batch_is_too_long() {
        let examples: Vec<Example> = (1..60)
            .map(|n| Example {
                tokens: vec![0; n],
                from: 1,
            })
            .collect();
        let batches = packed(&examples, 64, 3);
        let mut all: Vec<usize> = batches.concat();
        all.sort_unstable();
        assert_eq!(all, (0..examples.len()).collect::<Vec<_>>());
        for batch in &batches {
            assert!(
                batch
                    .iter()
                    .map(|n| examples[*n].tokens.len())
                    .sum::<usize>()
                    <= 64
            );
        }
        assert_eq!(batches, packed(&examples, 64, 3));
        assert_ne!(batches, packed(&examples, 64, 4));
    }
}
