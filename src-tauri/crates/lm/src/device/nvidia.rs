//! What candle leaves to its callers on a card of NVIDIA: who keeps freed memory, and what is noted of every tensor.
#![expect(
    unsafe_code,
    reason = "the driver's pool of memory has no other door; see the argument at each block"
)]

use std::ffi::c_void;

use candle_core::CudaDevice;
use candle_core::cuda_backend::cudarc::driver::{result, sys};

/// Makes a card quick at small work, from the next tensor on: freed memory stays with the program, where it would otherwise go back to
/// the driver whenever a number is read, and nothing is noted for other streams: candle gives a context no second one. What
/// the driver refuses is left as it is.
pub fn prepare(device: &CudaDevice) {
    // SAFETY: candle puts all work of a thread on that thread's one stream; the notes are only read where a context has
    // made a second one (`is_in_multi_stream_mode`), which candle's `Device::new_cuda` does not.
    unsafe { device.disable_event_tracking() };
    let Some(pool) = pool(device) else { return };
    let mut all = u64::MAX;
    let name = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    // SAFETY: the pool is the device's own, and this attribute is a number of 64 bits, which is read during the call only.
    let _ = unsafe {
        result::mem_pool::set_attribute(pool, name, std::ptr::from_mut(&mut all).cast::<c_void>())
    };
}

/// Gives freed memory back to the driver, so that others have it.
pub fn give_back(device: &CudaDevice) {
    if device.cuda_stream().synchronize().is_err() {
        return;
    }
    if let Some(pool) = pool(device) {
        // SAFETY: the pool is the device's own; only memory that nobody holds is given back.
        let _ = unsafe { result::mem_pool::trim_to(pool, 0) };
    }
}

fn pool(device: &CudaDevice) -> Option<sys::CUmemoryPool> {
    let stream = device.cuda_stream();
    // SAFETY: the device is one the driver named when the context was made.
    unsafe { result::device::get_default_mem_pool(stream.context().cu_device()) }.ok()
}
