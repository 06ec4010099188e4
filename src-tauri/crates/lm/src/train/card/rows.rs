//! The work on rows of numbers: in one launch each where there are kernels for the card, else of candle's operators.

use candle_core::{DType, Device, Result, Tensor};

use crate::engine::Activation;

#[cfg(feature = "cuda")]
use super::kernels::Kernels;
use super::plain;
pub use super::plain::{Found, Norm, Turns};

/// Who does it.
#[derive(Clone, Default)]
pub struct Rows {
    #[cfg(feature = "cuda")]
    pub(super) kernels: Option<std::sync::Arc<Kernels>>,
}

/// Does it by the kernels of the card where there are some, else by the plain way.
macro_rules! quick {
    ($rows:expr, $kernels:ident => $quick:expr, $plain:expr) => {{
        #[cfg(feature = "cuda")]
        if let Some($kernels) = &$rows.kernels {
            return $quick;
        }
        #[cfg(not(feature = "cuda"))]
        let _ = &$rows;
        $plain
    }};
}
pub(super) use quick;

impl Rows {
    /// What a device has for numbers of this type.
    pub fn on(device: &Device, dtype: DType) -> Rows {
        #[cfg(feature = "cuda")]
        {
            let kernels = Kernels::on(device, dtype).map(std::sync::Arc::new);
            Rows { kernels }
        }
        #[cfg(not(feature = "cuda"))]
        {
            let _ = (device, dtype);
            Rows::default()
        }
    }

    /// Whether all is done of candle's operators.
    pub fn plain(&self) -> bool {
        quick!(self, _kernels => false, true)
    }

    /// See [`Norm::forward`].
    pub fn norm(&self, norm: &Norm, x: &Tensor) -> Result<Tensor> {
        quick!(self, kernels => kernels.norm(norm, x), norm.forward(x))
    }

    /// See [`Norm::backward`].
    pub fn norm_back(
        &self,
        norm: &Norm,
        x: &Tensor,
        dy: &Tensor,
        onto: Option<&Tensor>,
    ) -> Result<Tensor> {
        quick!(self, kernels => kernels.norm_back(norm, x, dy, onto), norm.backward(x, dy, onto))
    }

    /// See [`plain::gate`].
    pub fn gate(&self, both: &Tensor, by: Activation) -> Result<Tensor> {
        quick!(self, kernels => kernels.gate(both, by), plain::gate(both, by))
    }

    /// See [`plain::gate_back`].
    pub fn gate_back(&self, both: &Tensor, dy: &Tensor, by: Activation) -> Result<Tensor> {
        quick!(self, kernels => kernels.gate_back(both, dy, by), plain::gate_back(both, dy, by))
    }

    /// See [`plain::cross_entropy`].
    pub fn cross_entropy(
        &self,
        scores: &Tensor,
        targets: &Tensor,
        cap: Option<f64>,
        weight: Option<f64>,
    ) -> Result<Found> {
        quick!(
            self,
            kernels => kernels.cross_entropy(scores, targets, cap, weight),
            plain::cross_entropy(scores, targets, cap, weight)
        )
    }
}
