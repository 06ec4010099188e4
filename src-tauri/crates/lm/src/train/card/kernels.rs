//! The kernels of `kernels.cu`: compiled by the driver's compiler when a training begins, launched on the device's own stream.
#![expect(
    unsafe_code,
    reason = "a launch takes addresses; each method here checks the shapes they stand for"
)]

use std::sync::OnceLock;

use candle_core::cuda_backend::cudarc::driver::{DevicePtr, LaunchConfig, PushKernelArg};
use candle_core::cuda_backend::cudarc::nvrtc::{CompileOptions, compile_ptx_with_opts};
use candle_core::cuda_backend::{CudaStorage, CudaStorageSlice, WrapErr};
use candle_core::{
    CpuStorage, CudaDevice, CustomOp1, DType, Device, Layout as Strides, Result, Shape, Storage,
    Tensor,
};

use crate::engine::{Activation, Pairs};

use super::attention::{Attention, Heads};
use super::plain::{Found, Norm};

/// Threads of a block, as the source has them.
const THREADS: u32 = 256;

/// Kernels for one type of number.
pub struct Kernels {
    device: CudaDevice,
    code: &'static str,
    /// Of the module, which the device keeps.
    name: &'static str,
    dtype: DType,
    /// Anything on the device, for candle to find it by.
    anchor: Tensor,
}

/// What a kernel is given.
#[derive(Clone, Copy)]
enum Given<'a> {
    /// The address of a tensor without gaps.
    Tensor(&'a Tensor),
    /// The address of one, or none.
    Maybe(Option<&'a Tensor>),
    /// The address of what comes out.
    Out,
    Index(usize),
    Size(usize),
    Float(f64),
}

/// The same as the driver wants it.
enum Argument {
    Address(u64),
    Index(u32),
    Size(u64),
    Float(f32),
}

impl Kernels {
    /// Compiles them for a card of NVIDIA where the variable `MOQI_CARD_KERNELS` is 1; none for other devices, and where they
    /// cannot be compiled: then candle's operators do the same, in more launches. They are asked for, because they were
    /// compiled but have not run on a card yet: `tests/reference/lm/card.py` holds both ways against each other there.
    pub fn on(device: &Device, dtype: DType) -> Option<Kernels> {
        let Device::Cuda(card) = device else {
            return None;
        };
        if std::env::var("MOQI_CARD_KERNELS").as_deref() != Ok("1") {
            return None;
        }
        let name = match dtype {
            DType::BF16 => "moqi_bf16",
            DType::F32 => "moqi_f32",
            _ => return None,
        };
        // Once in a program: it takes longer than a step, and all cards here are of one kind.
        static NARROW: OnceLock<Option<String>> = OnceLock::new();
        static WIDE: OnceLock<Option<String>> = OnceLock::new();
        let compiled = match dtype {
            DType::F32 => &WIDE,
            _ => &NARROW,
        };
        let code = compiled.get_or_init(|| code(card, dtype)).as_deref()?;
        let kernels = Kernels {
            device: card.clone(),
            code,
            name,
            dtype,
            anchor: Tensor::zeros(1, DType::F32, device).ok()?,
        };
        // A driver older than the compiler cannot load what that made.
        let loaded = kernels
            .device
            .get_or_load_custom_func("rms_norm", name, code);
        loaded.is_ok().then_some(kernels)
    }

    /// Launches a kernel over a grid; what comes out has this shape, in the numbers of the products or in single precision.
    fn launch(
        &self,
        name: &'static str,
        given: &[Given<'_>],
        grid: (usize, usize),
        dtype: DType,
        shape: impl Into<Shape>,
    ) -> Result<Tensor> {
        let shape = shape.into();
        if shape.elem_count() == 0 || grid.0 == 0 || grid.1 == 0 {
            return Tensor::zeros(shape, dtype, self.anchor.device());
        }
        self.anchor.apply_op1_no_bwd(&Launch {
            kernels: self,
            name,
            given,
            grid: (small(grid.0)?, small(grid.1)?),
            dtype,
            shape,
        })
    }

    /// Rows of a tensor, and how wide they are.
    fn rows(x: &Tensor) -> Result<(usize, usize)> {
        let width = x.dim(candle_core::D::Minus1)?;
        Ok((x.elem_count() / width.max(1), width))
    }

    /// See [`Norm::forward`].
    pub fn norm(&self, norm: &Norm, x: &Tensor) -> Result<Tensor> {
        use Given as G;
        let (rows, width) = Self::rows(x)?;
        same(norm.weights.elem_count(), width)?;
        let given = [
            G::Tensor(x),
            G::Tensor(&norm.weights),
            G::Out,
            G::Index(width),
            G::Float(norm.eps),
        ];
        self.launch("rms_norm", &given, (rows, 1), self.dtype, x.shape())
    }

    /// See [`Norm::backward`].
    pub fn norm_back(
        &self,
        norm: &Norm,
        x: &Tensor,
        dy: &Tensor,
        onto: Option<&Tensor>,
    ) -> Result<Tensor> {
        use Given as G;
        let (rows, width) = Self::rows(x)?;
        same(norm.weights.elem_count(), width)?;
        same(dy.elem_count(), x.elem_count())?;
        if let Some(onto) = onto {
            same(onto.elem_count(), x.elem_count())?;
        }
        let given = [
            G::Tensor(x),
            G::Tensor(dy),
            G::Tensor(&norm.weights),
            G::Maybe(onto),
            G::Out,
            G::Index(width),
            G::Float(norm.eps),
        ];
        self.launch("rms_norm_back", &given, (rows, 1), self.dtype, x.shape())
    }

    /// See [`Attention::heads`].
    pub fn heads(&self, attention: &Attention<'_>, all: &Tensor) -> Result<Heads> {
        use Given as G;
        let (layout, config) = (attention.layout, attention.config);
        let (asking, asked, head) = (config.heads, config.kv_heads, config.head);
        let (tokens, width) = all.dims2()?;
        same(width, (asking + 2 * asked) * head)?;
        let turns = attention.turns();
        same(turns.cos.elem_count(), tokens * head / 2)?;
        let places = layout.texts * layout.length;
        let (query_norm, key_norm) = attention.norms.map(|(q, k)| (q, k)).unzip();
        let given = [
            G::Tensor(all),
            G::Maybe(query_norm.map(|norm| &norm.weights)),
            G::Maybe(key_norm.map(|norm| &norm.weights)),
            G::Tensor(&turns.cos),
            G::Tensor(&turns.sin),
            G::Maybe(layout.from()),
            G::Out,
            G::Index(tokens),
            G::Index(layout.length),
            G::Index(places),
            G::Index(asking),
            G::Index(asked),
            G::Index(head / 2),
            G::Index(usize::from(turns.pairs == Pairs::Neighbours)),
            G::Float(query_norm.map_or(0.0, |norm| norm.eps)),
        ];
        let grid = (places, asking + 2 * asked);
        let size = places * (asking + 2 * asked) * head;
        let out = self.launch("heads", &given, grid, self.dtype, size)?;
        let count = layout.texts * asked;
        let mut first = 0;
        let mut part = |heads: usize| {
            let rows = heads / asked * layout.length;
            let part = out.narrow(0, first, count * rows * head)?;
            first += count * rows * head;
            part.reshape((count, rows, head))
        };
        Ok(Heads {
            query: part(asking)?,
            key: part(asked)?,
            value: part(asked)?,
        })
    }

    /// See [`Attention::heads_back`].
    pub fn heads_back(
        &self,
        attention: &Attention<'_>,
        all: &Tensor,
        back: &Heads,
    ) -> Result<Tensor> {
        use Given as G;
        let (layout, config) = (attention.layout, attention.config);
        let (asking, asked, head) = (config.heads, config.kv_heads, config.head);
        let (tokens, width) = all.dims2()?;
        same(width, (asking + 2 * asked) * head)?;
        let places = layout.texts * layout.length;
        same(back.query.elem_count(), places * asking * head)?;
        same(back.key.elem_count(), places * asked * head)?;
        same(back.value.elem_count(), places * asked * head)?;
        let turns = attention.turns();
        same(turns.cos.elem_count(), tokens * head / 2)?;
        let (query_norm, key_norm) = attention.norms.map(|(q, k)| (q, k)).unzip();
        let given = [
            G::Tensor(all),
            G::Tensor(&back.query),
            G::Tensor(&back.key),
            G::Tensor(&back.value),
            G::Maybe(query_norm.map(|norm| &norm.weights)),
            G::Maybe(key_norm.map(|norm| &norm.weights)),
            G::Tensor(&turns.cos),
            G::Tensor(&turns.sin),
            G::Maybe(layout.to()),
            G::Out,
            G::Index(layout.length),
            G::Index(asking),
            G::Index(asked),
            G::Index(head / 2),
            G::Index(usize::from(turns.pairs == Pairs::Neighbours)),
            G::Float(query_norm.map_or(0.0, |norm| norm.eps)),
        ];
        let grid = (tokens, asking + 2 * asked);
        self.launch("heads_back", &given, grid, self.dtype, (tokens, width))
    }

    /// Rows of the heads that ask (T, H·D) to places (N, G·L, D).
    pub fn apart(&self, attention: &Attention<'_>, x: &Tensor) -> Result<Tensor> {
        use Given as G;
        let (layout, config) = (attention.layout, attention.config);
        let (heads, groups, head) = (config.heads, config.kv_heads, config.head);
        let (tokens, width) = x.dims2()?;
        same(width, heads * head)?;
        let given = [
            G::Tensor(x),
            G::Maybe(layout.from()),
            G::Out,
            G::Index(tokens),
            G::Index(layout.length),
            G::Index(heads),
            G::Index(head),
        ];
        let grid = (layout.texts * layout.length, heads);
        let shape = (layout.texts * groups, heads / groups * layout.length, head);
        self.launch("apart", &given, grid, self.dtype, shape)
    }

    /// And back.
    pub fn together(&self, attention: &Attention<'_>, x: &Tensor) -> Result<Tensor> {
        use Given as G;
        let (layout, config) = (attention.layout, attention.config);
        let (heads, head, tokens) = (config.heads, config.head, layout.tokens);
        same(x.elem_count(), layout.texts * layout.length * heads * head)?;
        let given = [
            G::Tensor(x),
            G::Maybe(layout.to()),
            G::Out,
            G::Index(layout.length),
            G::Index(heads),
            G::Index(head),
        ];
        let shape = (tokens, heads * head);
        self.launch("together", &given, (tokens, heads), self.dtype, shape)
    }

    /// See [`super::plain::softmax`]; of scores (N, G·L, L).
    pub fn softmax(&self, attention: &Attention<'_>, scores: &Tensor) -> Result<Tensor> {
        use Given as G;
        let layout = attention.layout;
        let (rows, width) = Self::rows(scores)?;
        same(width, layout.length)?;
        let (scale, cap) = attention.scale_and_cap();
        let given = [
            G::Tensor(scores),
            G::Maybe(layout.begins()),
            G::Out,
            G::Index(width),
            G::Index(attention.window().unwrap_or(0)),
            G::Float(scale),
            G::Float(cap.unwrap_or(0.0)),
        ];
        self.launch("softmax", &given, (rows, 1), self.dtype, scores.shape())
    }

    /// See [`super::plain::softmax_back`].
    pub fn softmax_back(
        &self,
        weights: &Tensor,
        dweights: &Tensor,
        scores: Option<&Tensor>,
        scale: f64,
        cap: Option<f64>,
    ) -> Result<Tensor> {
        use Given as G;
        let (rows, width) = Self::rows(weights)?;
        same(dweights.elem_count(), weights.elem_count())?;
        let cap = match (cap, scores) {
            (Some(cap), Some(scores)) => {
                same(scores.elem_count(), weights.elem_count())?;
                cap
            }
            (None, _) => 0.0,
            (Some(_), None) => candle_core::bail!("a cap without scores"),
        };
        let given = [
            G::Tensor(weights),
            G::Tensor(dweights),
            G::Maybe(scores),
            G::Out,
            G::Index(width),
            G::Float(scale),
            G::Float(cap),
        ];
        let shape = weights.shape();
        self.launch("softmax_back", &given, (rows, 1), self.dtype, shape)
    }

    /// See [`super::plain::gate`].
    pub fn gate(&self, both: &Tensor, by: Activation) -> Result<Tensor> {
        use Given as G;
        let (rows, width) = both.dims2()?;
        let count = rows * (width / 2);
        let given = [
            G::Tensor(both),
            G::Out,
            G::Size(count),
            G::Index(width / 2),
            G::Index(usize::from(by == Activation::GeluTanh)),
        ];
        let shape = (rows, width / 2);
        self.launch("gate", &given, (blocks(count), 1), self.dtype, shape)
    }

    /// See [`super::plain::gate_back`].
    pub fn gate_back(&self, both: &Tensor, dy: &Tensor, by: Activation) -> Result<Tensor> {
        use Given as G;
        let (rows, width) = both.dims2()?;
        let count = rows * (width / 2);
        same(dy.elem_count(), count)?;
        let given = [
            G::Tensor(both),
            G::Tensor(dy),
            G::Out,
            G::Size(count),
            G::Index(width / 2),
            G::Index(usize::from(by == Activation::GeluTanh)),
        ];
        let shape = (rows, width);
        self.launch("gate_back", &given, (blocks(count), 1), self.dtype, shape)
    }

    /// See [`super::plain::cross_entropy`].
    pub fn cross_entropy(
        &self,
        scores: &Tensor,
        targets: &Tensor,
        cap: Option<f64>,
        weight: Option<f64>,
    ) -> Result<Found> {
        use Given as G;
        let (rows, width) = scores.dims2()?;
        same(targets.elem_count(), rows)?;
        let cap = cap.unwrap_or(0.0);
        let given = [
            G::Tensor(scores),
            G::Tensor(targets),
            G::Out,
            G::Index(width),
            G::Float(cap),
        ];
        let found = self.launch("losses", &given, (rows, 1), DType::F32, (rows, 4))?;
        let column = |n: usize| found.narrow(1, n, 1)?.squeeze(1)?.contiguous();
        let losses = column(0)?;
        let Some(weight) = weight else {
            return Ok(Found {
                losses,
                tops: Some(column(3)?.to_dtype(DType::U32)?),
                back: None,
            });
        };
        let given = [
            G::Tensor(scores),
            G::Tensor(targets),
            G::Tensor(&found),
            G::Out,
            G::Index(width),
            G::Float(cap),
            G::Float(weight),
        ];
        let back = self.launch("losses_back", &given, (rows, 1), self.dtype, (rows, width))?;
        Ok(Found {
            losses,
            tops: None,
            back: Some(back),
        })
    }
}

/// The kernels in the code the driver takes.
fn code(card: &CudaDevice, dtype: DType) -> Option<String> {
    let (major, minor) = card.cuda_stream().context().compute_capability().ok()?;
    let mut options = vec![format!("--gpu-architecture=compute_{major}{minor}")];
    if dtype == DType::F32 {
        options.push("-DWIDE".to_owned());
    }
    let options = CompileOptions {
        options,
        ..CompileOptions::default()
    };
    let compiled = compile_ptx_with_opts(include_str!("kernels.cu"), options);
    compiled.ok().map(|code| code.to_src())
}

/// Blocks for so many numbers: enough for any card, each of its threads does some more where there are more.
fn blocks(count: usize) -> usize {
    count.div_ceil(THREADS as usize).min(1 << 14)
}

fn small(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| candle_core::Error::Msg(format!("{number} is too large")))
}

fn same(one: usize, other: usize) -> Result<()> {
    if one != other {
        candle_core::bail!("{one} numbers where {other} are wanted");
    }
    Ok(())
}

/// A launch; an operator of candle, which has no other door to a tensor of one's own making.
struct Launch<'a> {
    kernels: &'a Kernels,
    name: &'static str,
    given: &'a [Given<'a>],
    grid: (u32, u32),
    dtype: DType,
    shape: Shape,
}

impl Launch<'_> {
    /// Where a tensor without gaps begins.
    fn address(&self, tensor: &Tensor) -> Result<u64> {
        let (storage, strides) = tensor.storage_and_layout();
        let Storage::Cuda(storage) = &*storage else {
            candle_core::bail!("{} is given a tensor that is not on the card", self.name);
        };
        if !strides.is_contiguous() {
            candle_core::bail!("{} is given a tensor with gaps", self.name);
        }
        let expected = [self.kernels.dtype, DType::F32, DType::U32];
        if !expected.contains(&tensor.dtype()) {
            candle_core::bail!("{} is given numbers of another type", self.name);
        }
        let start = strides.start_offset() * tensor.dtype().size_in_bytes();
        Ok(self.start(storage)? + start as u64)
    }

    fn start(&self, storage: &CudaStorage) -> Result<u64> {
        let stream = self.kernels.device.cuda_stream();
        Ok(match &storage.slice {
            CudaStorageSlice::BF16(slice) => slice.device_ptr(&stream).0,
            CudaStorageSlice::F32(slice) => slice.device_ptr(&stream).0,
            CudaStorageSlice::U32(slice) => slice.device_ptr(&stream).0,
            _ => candle_core::bail!("{} is given numbers of another type", self.name),
        })
    }
}

impl CustomOp1 for Launch<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Strides) -> Result<(CpuStorage, Shape)> {
        candle_core::bail!("{} is for cards only", self.name)
    }

    fn cuda_fwd(&self, _: &CudaStorage, _: &Strides) -> Result<(CudaStorage, Shape)> {
        let device = &self.kernels.device;
        let count = self.shape.elem_count();
        // SAFETY: every kernel writes each number of what comes out before anything reads it on the same stream.
        let slice = unsafe {
            match self.dtype {
                DType::BF16 => CudaStorageSlice::BF16(device.alloc(count)?),
                DType::F32 => CudaStorageSlice::F32(device.alloc(count)?),
                _ => candle_core::bail!("{} makes no such numbers", self.name),
            }
        };
        let out = CudaStorage {
            slice,
            device: device.clone(),
        };
        let arguments = self.given.iter().map(|given| {
            Ok(match given {
                Given::Tensor(tensor) => Argument::Address(self.address(tensor)?),
                Given::Maybe(None) => Argument::Address(0),
                Given::Maybe(Some(tensor)) => Argument::Address(self.address(tensor)?),
                Given::Out => Argument::Address(self.start(&out)?),
                Given::Index(number) => Argument::Index(small(*number)?),
                Given::Size(number) => Argument::Size(*number as u64),
                #[expect(clippy::cast_possible_truncation, reason = "the kernels take floats")]
                Given::Float(number) => Argument::Float(*number as f32),
            })
        });
        let arguments: Vec<Argument> = arguments.collect::<Result<_>>()?;
        let code = self.kernels.code;
        let function = device.get_or_load_custom_func(self.name, self.kernels.name, code)?;
        let mut builder = function.builder();
        for argument in &arguments {
            match argument {
                Argument::Address(number) | Argument::Size(number) => builder.arg(number),
                Argument::Index(number) => builder.arg(number),
                Argument::Float(number) => builder.arg(number),
            };
        }
        let launch = LaunchConfig {
            grid_dim: (self.grid.0, self.grid.1, 1),
            block_dim: (THREADS, 1, 1),
            shared_mem_bytes: 0,
        };
        // SAFETY: the arguments are those of the kernel, in its order; their tensors have the sizes it goes by, which the
        // methods above have checked, and live until it is in the stream, which frees what it is given in turn.
        unsafe { builder.launch(launch) }.w()?;
        Ok((out, self.shape.clone()))
    }
}
