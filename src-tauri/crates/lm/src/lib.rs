//! The model: load a base, write, score, tune.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use moqi_lm::{Base, Event, Message, Role, Sampling};
//!
//! let base = Base::load("model.gguf".as_ref())?;
//! let prompt = base.chat(&[Message::new(Role::User, "Draft a confidentiality clause.")])?;
//! let written = base.session()?.generate(&prompt, &Sampling::default(), &mut |event| {
//!     if let Event::Token { text, .. } = event {
//!         eprint!("{text}");
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! eprintln!("\n{} tokens, {:?}", written.tokens, written.stop);
//! # Ok::<(), moqi_lm::Error>(())
//! ```
//!
//! Invariants:
//! - It knows no contracts, no database, no window and no network. No tensor leaves it.
//! - A file is hostile until it is checked: it can be refused, but it cannot cause a panic or a large allocation.
//! - One parameter is report and brake: `&mut dyn FnMut(Event) -> ControlFlow<()>`. A break is heeded within 100 ms.
//! - The same file, prompt, settings and seed give the same text on the same machine, however the memory was filled.
//! - The arithmetic runs on threads of its own and leaves a core to the window.

mod base;
mod block;
mod branches;
mod cache;
mod chat;
mod config;
mod device;
mod engine;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gguf;
mod kernels;
mod lanes;
mod load;
mod lookup;
mod model;
mod pack;
mod random;
mod repetition;
mod rope;
mod safetensors;
mod sampling;
mod score;
mod session;
mod stream;
mod tokenizer;
mod train;
mod transformer;

pub use base::{Base, BaseInfo, Options};
pub use branches::Continuation;
pub use chat::{Message, Role};
pub use device::Place;
pub use error::{Error, Result};
pub use sampling::Sampling;
pub use score::{Ranked, Scores};
pub use session::{Event, Generated, Session, Snapshot, Stop};
pub use train::{
    Adapter, Ended, Example, Examples, LowRank, Measured, Method, Precision, Target, TrainConfig,
    TrainEvent, Trained, mean_loss, measure, measure_each, need, steps, train,
};
