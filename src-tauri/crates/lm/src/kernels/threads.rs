//! The threads of the arithmetic: a pool that hands out a step in about a microsecond, because writing one token takes
//! two hundred steps. A thread without work looks for some for a moment, then lets others run, then sleeps.
#![expect(
    unsafe_code,
    reason = "a borrowed function is handed to threads that are waited for"
)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What a thread is handed: called with the number of the thread.
type Step<'a> = dyn Fn(usize) + Sync + 'a;

/// A pool. Dropping it ends its threads.
pub struct Threads {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
    /// Held by the one who has a step done.
    turn: Mutex<()>,
}

struct Shared {
    /// Counts the steps handed out; a change is the sign to begin.
    steps: AtomicUsize,
    /// The step, valid while `left` is not zero.
    step: Mutex<Option<&'static Step<'static>>>,
    /// Helpers that have not finished the step.
    left: AtomicUsize,
    /// Helpers that sleep.
    asleep: AtomicUsize,
    failed: AtomicBool,
    ends: AtomicBool,
    bed: Mutex<()>,
    wake: Condvar,
}

/// Looks for work before a thread lets others run, and times it lets them run before it sleeps.
const LOOKS: u32 = 2_000;
const YIELDS: u32 = 100;

impl Threads {
    /// A pool of `count` threads, the caller's own among them; at least one.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn new(count: usize) -> std::io::Result<Threads> {
        let shared = Arc::new(Shared {
            steps: AtomicUsize::new(0),
            step: Mutex::new(None),
            left: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            ends: AtomicBool::new(false),
            bed: Mutex::new(()),
            wake: Condvar::new(),
        });
        let mut threads = Threads {
            shared: shared.clone(),
            helpers: Vec::new(),
            turn: Mutex::new(()),
        };
        for number in 1..count {
            let shared = shared.clone();
            threads.helpers.push(
                std::thread::Builder::new()
                    .name(format!("lm-{number}"))
                    .spawn(move || shared.help(number))?,
            );
        }
        Ok(threads)
    }

    /// Threads in it.
    pub fn count(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `step` once on every thread, with the number of the thread, and waits for all.
    ///
    /// # Panics
    /// Where the step panics on any of them, after all have ended.
    pub fn run(&self, step: &Step<'_>) {
        if self.helpers.is_empty() {
            return step(0);
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = &*self.shared;
        // SAFETY: kind 3: only the lifetime is changed. The helpers call it between the store to `steps` below and
        // their decrement of `left`, and this function does not return, and does not unwind, before `left` is zero.
        let long = unsafe { std::mem::transmute::<&Step<'_>, &'static Step<'static>>(step) };
        *shared.step.lock().unwrap_or_else(PoisonError::into_inner) = Some(long);
        shared.left.store(self.helpers.len(), Ordering::Relaxed);
        shared.steps.fetch_add(1, Ordering::SeqCst);
        if shared.asleep.load(Ordering::SeqCst) > 0 {
            let _bed = shared.bed.lock().unwrap_or_else(PoisonError::into_inner);
            shared.wake.notify_all();
        }
        let own = catch_unwind(AssertUnwindSafe(|| step(0)));
        let mut looks = 0;
        while shared.left.load(Ordering::Acquire) > 0 {
            looks += 1;
            if looks < LOOKS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        *shared.step.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let failed = shared.failed.swap(false, Ordering::Relaxed);
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        assert!(!failed, "a thread of the arithmetic failed");
    }

    /// Calls `each` with 0..count. Each thread has a run of neighbours to itself, so that what lies side by side in memory
    /// is read by one processor in order; a thread that is through with its run helps with those of the others.
    pub fn each(&self, count: usize, each: &(dyn Fn(usize) + Sync)) {
        if count <= 1 || self.helpers.is_empty() {
            return (0..count).for_each(each);
        }
        let length = count.div_ceil(self.count());
        let runs: Vec<(AtomicUsize, usize)> = (0..count)
            .step_by(length)
            .map(|first| (AtomicUsize::new(first), count.min(first + length)))
            .collect();
        self.run(&|number| {
            for turn in 0..runs.len() {
                let (next, end) = &runs[(number + turn) % runs.len()];
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= *end {
                        break;
                    }
                    each(index);
                }
            }
        });
    }

    /// Like [`Threads::each`], with the parts of a slice, each `size` long but the last.
    pub fn parts<T: Send>(
        &self,
        slice: &mut [T],
        size: usize,
        each: &(dyn Fn(usize, &mut [T]) + Sync),
    ) {
        let parts: Vec<Mutex<&mut [T]>> = slice.chunks_mut(size.max(1)).map(Mutex::new).collect();
        self.each(parts.len(), &|index| {
            let mut part = parts[index].lock().unwrap_or_else(PoisonError::into_inner);
            each(index, &mut part);
        });
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        self.shared.steps.fetch_add(1, Ordering::SeqCst);
        {
            let _bed = self
                .shared
                .bed
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            self.shared.wake.notify_all();
        }
        for helper in self.helpers.drain(..) {
            // A helper catches every panic, so there is none to hear of.
            let _ = helper.join();
        }
    }
}

impl Shared {
    fn help(&self, number: usize) {
        let mut seen = 0;
        loop {
            seen = self.wait(seen);
            if self.ends.load(Ordering::SeqCst) {
                return;
            }
            let step = *self.step.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(step) = step
                && catch_unwind(AssertUnwindSafe(|| step(number))).is_err()
            {
                self.failed.store(true, Ordering::Relaxed);
            }
            self.left.fetch_sub(1, Ordering::Release);
        }
    }

    /// Waits for a step after the one seen, and gives its number.
    fn wait(&self, seen: usize) -> usize {
        for look in 0..LOOKS + YIELDS {
            let now = self.steps.load(Ordering::SeqCst);
            if now != seen {
                return now;
            }
            if look < LOOKS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        // Whoever hands out a step after this look sees that somebody sleeps.
        let now = loop {
            let now = self.steps.load(Ordering::SeqCst);
            if now != seen {
                break now;
            }
            bed = self.wake.wait(bed).unwrap_or_else(PoisonError::into_inner);
        };
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_however_many_threads() {
        for count in [1, 2, 5] {
            let threads = Threads::new(count).unwrap();
            threads.parts(&mut [0u8; 0], 7, &|_, _| panic!("there is no part"));
            for round in 0..300 {
                let mut numbers = vec![0usize; 1000];
                threads.parts(&mut numbers, 7, &|part, numbers| {
                    for (n, number) in numbers.iter_mut().enumerate() {
                        *number += part * 7 + n + round;
                    }
                });
                assert!(numbers.iter().enumerate().all(|(n, x)| *x == n + round));
                if round % 100 == 0 {
                    // Long enough for all to fall asleep.
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            }
        }
    }

    #[test]
    fn it_serves_several_callers_and_outlives_a_panic() {
        let threads = Threads::new(3).unwrap();
        for bad in 0..3 {
            let failed = catch_unwind(AssertUnwindSafe(|| {
                threads.run(&|number| assert!(number != bad, "on purpose"));
            }));
            assert!(failed.is_err());
        }
        let sum = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        threads.each(5, &|n| {
                            sum.fetch_add(n, Ordering::Relaxed);
                        });
                    }
                });
            }
        });
        assert_eq!(sum.into_inner(), 4 * 200 * 10);
    }
}
