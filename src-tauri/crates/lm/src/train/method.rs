//! The ways to tune, and their settings.

use super::parameters::Target;

/// A way to tune a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// Low-rank updates of products: `W + alpha / rank · B · A` (Hu et al. 2021).
    Lora(LowRank),
    /// Low-rank updates with a learnt length of each row (Liu et al. 2024).
    Dora(LowRank),
    /// Low-rank updates `B · diag(λ) · A` whose ranks are cut where they matter least (Zhang et al. 2023).
    AdaLora {
        /// The updates; the rank is the one training begins with.
        updates: LowRank,
        /// The mean rank that is left in the end.
        target_rank: usize,
        /// Weight of what keeps the rows of A and the columns of B apart.
        orthogonal: f32,
    },
    /// Small layers with a gate behind attention and behind the feed-forward part (Houlsby et al. 2019).
    Bottleneck {
        /// Numbers inside.
        size: usize,
    },
    /// Learnt keys and values before every text (Li and Liang 2021).
    Prefix {
        /// How many in each layer.
        tokens: usize,
    },
    /// All products and norms; for small models.
    Full,
}

impl Method {
    /// Whether a graphics card learns this; the other methods want the model on the processor.
    pub fn on_card(&self) -> bool {
        matches!(self, Method::Lora(_))
    }
}

/// Settings of low-rank updates.
#[derive(Debug, Clone, PartialEq)]
pub struct LowRank {
    /// Rank of an update.
    pub rank: usize,
    /// The update is multiplied by alpha / rank.
    pub alpha: f32,
    /// Part of the inputs that an update does not see in a step, 0 to below 1.
    pub dropout: f32,
    /// The products that are updated.
    pub targets: Vec<Target>,
}

impl Default for LowRank {
    fn default() -> Self {
        LowRank {
            rank: 8,
            alpha: 16.0,
            dropout: 0.0,
            targets: Target::ALL.to_vec(),
        }
    }
}

impl LowRank {
    /// What an update is multiplied by.
    pub fn scale(&self) -> f32 {
        self.alpha / self.rank.max(1) as f32
    }
}

/// The numbers that products with the base are computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Floats of 32 bits.
    #[default]
    Single,
    /// Both sides of the products with the base rounded to the upper halves of such floats (bf16), and sums in whole ones:
    /// faster where the processor has AVX512-BF16. Elsewhere it is [`Precision::Single`].
    Mixed,
}

/// How a model is tuned.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainConfig {
    /// What is learnt.
    pub method: Method,
    /// The learning rate at its height.
    pub learning_rate: f64,
    /// Rounds over all examples; not looked at where `steps` is given.
    pub epochs: f64,
    /// Steps to take.
    pub steps: Option<usize>,
    /// Tokens that go through the model together.
    pub batch_tokens: usize,
    /// Batches whose gradients are summed up for one step.
    pub accumulation: usize,
    /// Tokens of an example at most; longer ones are cut.
    pub length: usize,
    /// Part of the steps over which the learning rate rises.
    pub warmup: f64,
    /// Weight decay of AdamW.
    pub weight_decay: f64,
    /// Longest gradient; 0 for no limit.
    pub clip: f64,
    /// Steps between two looks at the validation part; 0 looks at the end of each round over the examples.
    pub validate_every: usize,
    /// Looks in a row without a better loss after which training stops; 0 goes on to the end.
    pub patience: usize,
    /// Size of the noise on embeddings (NEFTune); 0 for none, 5 is usual.
    pub noise: f32,
    /// Length of the push against the embeddings that a second gradient of each batch is taken at (FGM, Miyato et al.
    /// 2017); 0 for none, 1 is usual. Takes twice the time.
    pub adversarial: f32,
    /// The same seed gives the same numbers, bit by bit, on the same machine.
    pub seed: u64,
    /// Bytes that may be taken to keep what layers computed, so that it is not computed again on the way back. The numbers do
    /// not depend on it.
    pub keep_bytes: usize,
    /// Threads of the arithmetic.
    pub threads: usize,
    /// Seconds between two states written to the disk.
    pub save_seconds: f64,
    /// The numbers of the products with the base.
    pub precision: Precision,
}

impl Default for TrainConfig {
    fn default() -> Self {
        TrainConfig {
            method: Method::Lora(LowRank::default()),
            learning_rate: 3e-4,
            epochs: 3.0,
            steps: None,
            batch_tokens: 1024,
            accumulation: 1,
            length: 1024,
            warmup: 0.05,
            weight_decay: 0.01,
            clip: 1.0,
            validate_every: 0,
            patience: 2,
            noise: 0.0,
            adversarial: 0.0,
            seed: 0,
            keep_bytes: 512 << 20,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            save_seconds: 60.0,
            precision: Precision::default(),
        }
    }
}
