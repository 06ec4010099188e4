//! The inner loops: products with packed weights and attention, written once over [`Lanes`] and compiled for each
//! instruction set; the best one of the machine is chosen at run time.
//!
//! This is the only module with `unsafe` code besides the mapping of a file. There are five kinds of it, and each block
//! says which one it is:
//! 1. an intrinsic in a method of a set of lanes. A value of such a type exists only where [`Tier::available`] has seen the
//!    instructions, or in a function compiled for them that is called by [`Tier::run`] alone;
//! 2. the call of a function compiled for an instruction set, after the same look;
//! 3. in [`threads`], a borrowed function handed to threads that are waited for before the borrow ends;
//! 4. in [`dense`], matrices handed to the crate gemm by their pointers, after a look at their sizes;
//! 5. in [`tiles`], numbers of a matrix that threads have shared out among them, by their place, after a look that it is
//!    inside.

mod attend;
mod dense;
mod format;
mod lanes;
#[cfg(target_arch = "aarch64")]
mod neon;
mod product;
mod screen;
mod threads;
mod tiles;
mod unpack;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use attend::{Asked, Memory, attend, tanh};
pub use dense::{Put, View, product};
pub use format::takes_rounded;
pub use lanes::Lanes;
pub use product::{Input, Product, multiply};
pub use screen::best;
pub use threads::Threads;
pub use tiles::{Arithmetic, Right, Term, tiled};
pub use unpack::panel_values;

/// An instruction set that the loops are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Plain Rust, the twin that the others are tested against.
    Scalar,
    /// AVX2 with FMA and F16C.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2 with the dot products of AVX-VNNI.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX-512 with VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// NEON, which every 64-bit ARM has.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// Work that is compiled for each instruction set.
pub trait Work {
    /// Does the work with these lanes. Must be `#[inline(always)]`, and so must be all it calls in its loops.
    fn run<L: Lanes>(self, lanes: L);
}

impl Tier {
    /// Every set this program knows on this kind of processor, the best last.
    pub const ALL: &[Tier] = &[
        Tier::Scalar,
        #[cfg(target_arch = "x86_64")]
        Tier::Avx2,
        #[cfg(target_arch = "x86_64")]
        Tier::AvxVnni,
        #[cfg(target_arch = "x86_64")]
        Tier::Avx512,
        #[cfg(target_arch = "aarch64")]
        Tier::Neon,
    ];

    /// Whether this machine has the instructions.
    pub fn available(self) -> bool {
        match self {
            Tier::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 => x86::has_avx2(),
            #[cfg(target_arch = "x86_64")]
            Tier::AvxVnni => x86::has_avx_vnni(),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => x86::has_avx512(),
            #[cfg(target_arch = "aarch64")]
            Tier::Neon => true,
        }
    }

    /// The best set of this machine. `MOQI_LM_TIER` names another one, for measuring: `scalar`, `avx2`, `avxvnni`,
    /// `avx512`, `neon`; a name this machine cannot follow is passed over.
    pub fn best() -> Tier {
        static BEST: std::sync::OnceLock<Tier> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| {
            let available = || Tier::ALL.iter().copied().filter(|tier| tier.available());
            let wanted = std::env::var("MOQI_LM_TIER").unwrap_or_default();
            available()
                .find(|tier| tier.name() == wanted)
                .or_else(|| available().next_back())
                .unwrap_or(Tier::Scalar)
        })
    }

    /// Whether products of floats rounded to their upper halves are faster than those of whole ones.
    pub fn has_brains(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => x86::has_brains(),
            _ => false,
        }
    }

    /// [`Tier::run`], with the instructions for upper halves of floats where there are some.
    pub fn run_brains(self, work: impl Work) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 if x86::has_brains() => x86::run_brains(work),
            _ => self.run(work),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Tier::AvxVnni => "avxvnni",
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Tier::Neon => "neon",
        }
    }

    /// Does work in a function compiled for this set.
    ///
    /// # Panics
    /// Where the machine does not have it, which [`Tier::best`] never gives.
    pub fn run(self, work: impl Work) {
        match self {
            Tier::Scalar => work.run(lanes::Scalar),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 | Tier::AvxVnni | Tier::Avx512 => x86::run(self, work),
            #[cfg(target_arch = "aarch64")]
            Tier::Neon => neon::run(work),
        }
    }
}
