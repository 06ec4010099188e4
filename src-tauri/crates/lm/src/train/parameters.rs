//! What is learnt: named matrices of plain floats, their gradients, and where in the model they belong.

use crate::config::Config;

/// A matrix that is learnt.
#[derive(Clone, PartialEq)]
pub struct Parameter {
    /// Its name, unique in its adapter.
    pub name: String,
    /// Rows and columns; a vector has one column.
    pub shape: (usize, usize),
    /// Its numbers, row by row.
    pub values: Vec<f32>,
}

impl std::fmt::Debug for Parameter {
    /// Name and shape; nobody reads a million numbers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.name, self.shape)
    }
}

impl Parameter {
    /// A matrix of zeros.
    pub fn zeros(name: String, rows: usize, columns: usize) -> Parameter {
        Parameter {
            name,
            shape: (rows, columns),
            values: vec![0.0; rows * columns],
        }
    }
}

/// The products of a layer, by the names of Hugging Face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// `q_proj`
    Query,
    /// `k_proj`
    Key,
    /// `v_proj`
    Value,
    /// `o_proj`
    Output,
    /// `gate_proj`
    Gate,
    /// `up_proj`
    Up,
    /// `down_proj`
    Down,
}

impl Target {
    /// All of them, in the order they are computed in.
    pub const ALL: [Target; 7] = [
        Target::Query,
        Target::Key,
        Target::Value,
        Target::Output,
        Target::Gate,
        Target::Up,
        Target::Down,
    ];

    /// The name of Hugging Face.
    pub fn name(self) -> &'static str {
        match self {
            Target::Query => "q_proj",
            Target::Key => "k_proj",
            Target::Value => "v_proj",
            Target::Output => "o_proj",
            Target::Gate => "gate_proj",
            Target::Up => "up_proj",
            Target::Down => "down_proj",
        }
    }

    /// The target of a name.
    pub fn of(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// The part of a layer it belongs to.
    pub fn module(self) -> &'static str {
        match self {
            Target::Query | Target::Key | Target::Value | Target::Output => "self_attn",
            Target::Gate | Target::Up | Target::Down => "mlp",
        }
    }

    /// Outputs and inputs.
    pub fn shape(self, config: &Config) -> (usize, usize) {
        let (query, key) = (config.heads * config.head, config.kv_heads * config.head);
        match self {
            Target::Query => (query, config.width),
            Target::Key | Target::Value => (key, config.width),
            Target::Output => (config.width, query),
            Target::Gate | Target::Up => (config.inner, config.width),
            Target::Down => (config.width, config.inner),
        }
    }
}
