//! Tuning a model on examples: the base stays as it is, what is learnt is an adapter.
//!
//! All gradients are written out by hand over the packed weights of the model that drafts, so no second copy of it is
//! needed; tests hold them against slopes of the loss and against PyTorch and PEFT. A model on a graphics card is tuned there,
//! by gradients of its own ([`card`]).

mod adapter;
mod adaptive;
mod apply;
mod attention;
mod batch;
mod bottleneck;
mod card;
mod checkpoint;
mod head;
mod kept;
mod low_rank;
mod measure;
mod merge;
mod method;
mod need;
mod ops;
mod optimizer;
mod parameters;
mod pass;
mod peft;
mod places;
mod rows;
mod run;
mod teacher;
#[cfg(test)]
mod tests;

pub use adapter::Adapter;
pub use batch::Example;
pub use measure::{Measured, mean_loss, measure, measure_each};
pub use method::{LowRank, Method, Precision, TrainConfig};
pub use need::need;
pub use parameters::Target;
pub use run::{Ended, Examples, TrainEvent, Trained, steps, train};
