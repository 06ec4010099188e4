//! Where a model runs: on the processor, or on a graphics card where the program was built for one.

#[cfg(feature = "cuda")]
mod nvidia;

use candle_core::{DType, Device};

use crate::config::Config;
use crate::gguf::Header;

/// The choice of a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// A graphics card where there is one with enough memory, else the processor.
    #[default]
    Automatic,
    /// The processor.
    Processor,
    /// A graphics card, or nothing.
    Card,
}

/// Why a graphics card was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// There is none that this build of the program can use; what the driver says.
    None(String),
    /// The model does not fit: bytes it needs, bytes that are free.
    Full(u64, u64),
}

/// Bytes that a model needs on a card: its weights, a text of 4,096 tokens and the numbers in between.
pub fn need(header: &Header, config: &Config) -> u64 {
    // The table of the tokens stays with the processor, unless it is the head too.
    let tied = !header.tensors.contains_key("output.weight");
    let weights = header
        .tensors
        .iter()
        .filter(|(name, _)| tied || name.as_str() != "token_embd.weight")
        .map(|(_, info)| info.length as u64)
        .sum::<u64>();
    let tokens = config.context.min(4096) as u64;
    let size = (2 * 4 * config.layers * config.kv_heads * config.head) as u64;
    weights + tokens * size + (512 << 20)
}

/// A graphics card with as many free bytes as needed.
pub fn card(need: u64) -> Result<Device, Reason> {
    let found = if cfg!(feature = "metal") {
        Device::new_metal(0)
    } else {
        Device::new_cuda(0)
    };
    let device = found.map_err(|error| Reason::None(error.to_string()))?;
    #[cfg(feature = "cuda")]
    if let Device::Cuda(card) = &device {
        nvidia::prepare(card);
        // What an unloaded model left in the pool is free for this one.
        nvidia::give_back(card);
    }
    match free(&device) {
        Some(free) if free < need => Err(Reason::Full(need, free)),
        _ => Ok(device),
    }
}

/// The name of a kind of device, for people.
pub fn name(device: &Device) -> &'static str {
    match device {
        Device::Cpu => "CPU",
        Device::Cuda(_) => "CUDA",
        Device::Metal(_) => "Metal",
    }
}

/// Free bytes on a device, where it tells.
pub fn free(device: &Device) -> Option<u64> {
    match device {
        #[cfg(feature = "cuda")]
        Device::Cuda(_) => {
            let (free, _) =
                candle_core::cuda_backend::cudarc::driver::result::mem_get_info().ok()?;
            Some(free as u64)
        }
        #[cfg(feature = "metal")]
        Device::Metal(device) => {
            let device = device.device();
            let most = device.recommended_max_working_set_size() as u64;
            Some(most.saturating_sub(device.current_allocated_size() as u64))
        }
        _ => None,
    }
}

/// Gives memory that nobody holds any more back to others, and waits until all is done.
pub fn give_back(device: &Device) {
    match device {
        #[cfg(feature = "cuda")]
        Device::Cuda(card) => nvidia::give_back(card),
        // What was not done is seen by the next one who reads a number.
        other => drop(other.synchronize()),
    }
}

/// The numbers that products are trained with on a device: bf16 where it has them.
pub fn numbers(device: &Device) -> DType {
    match device {
        #[cfg(feature = "cuda")]
        Device::Cuda(card) => {
            let context = card.cuda_stream().context().clone();
            match context.compute_capability() {
                // The kernels for bf16 are left out for older ones.
                Ok((major, _)) if major < 8 => DType::F32,
                _ => DType::BF16,
            }
        }
        other if other.supports_bf16() => DType::BF16,
        _ => DType::F32,
    }
}
