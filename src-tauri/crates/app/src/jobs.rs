//! A job queue: long work runs on one thread, one job at a time, interactive work first. A job that takes hours lets those
//! go first that come meanwhile, see [`Turn`]. Everything that works with a model stands in one queue; what only waits for
//! the network stands in another, so that neither holds up the other.
//!
//! Every job ends exactly once, as [`Ended::Done`], [`Ended::Failed`] or [`Ended::Cancelled`]; a panic in a job is a
//! failure of that job and the thread lives on. The thread owns what jobs share, the loaded model.

use std::any::Any;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Code, Error, Result};

/// Names a job while it is queued or running.
pub type JobId = u64;

/// How a job ended.
#[derive(Debug)]
pub enum Ended {
    /// It did what it was asked.
    Done,
    /// It could not.
    Failed(Error),
    /// It was cancelled, while waiting or while running.
    Cancelled,
}

/// Who waits for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A person looks at the screen.
    Interactive,
    /// Nobody waits.
    Background,
    /// It takes minutes to hours, and everything else goes first.
    Long,
}

/// The brake a job looks at: long functions report and ask in one call.
#[derive(Debug, Clone, Default)]
pub struct Brake(Arc<AtomicBool>);

impl Brake {
    /// True once somebody cancelled.
    pub fn pulled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// `Break` once somebody cancelled; what a reporting closure returns.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.pulled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Cancels.
    pub fn pull(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Takes it back, before the next piece of work.
    pub fn release(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

type Work<S> = Box<dyn FnOnce(&mut S, &Brake, &Turn<S>) -> Result<()> + Send>;
type OnEnd = Box<dyn FnOnce(Ended) + Send>;

struct Job<S> {
    id: JobId,
    priority: Priority,
    brake: Brake,
    work: Work<S>,
    ended: OnEnd,
}

struct Queue<S> {
    waiting: VecDeque<Job<S>>,
    /// The job that runs, and behind it those that let it go first.
    running: Vec<(JobId, Brake)>,
    last: JobId,
    closed: bool,
}

struct Shared<S> {
    queue: Mutex<Queue<S>>,
    changed: Condvar,
}

impl<S> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, Queue<S>> {
        // No code of ours panics while it holds this lock, and the queue is whole after every statement.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a running job can do for those that wait.
pub struct Turn<S> {
    shared: Arc<Shared<S>>,
    priority: Priority,
}

impl<S> Turn<S> {
    /// Runs all waiting jobs that go before this one, to their ends.
    pub fn others(&self, state: &mut S) {
        while let Some(job) = self.next() {
            execute(&self.shared, job, state);
        }
    }

    /// Whether a job waits that goes before this one.
    pub fn wanted(&self) -> bool {
        let queue = self.shared.lock();
        !queue.closed
            && queue
                .waiting
                .front()
                .is_some_and(|job| job.priority < self.priority)
    }

    fn next(&self) -> Option<Job<S>> {
        let mut queue = self.shared.lock();
        let first = queue.waiting.front()?;
        let before = !queue.closed && first.priority < self.priority;
        let job = before.then(|| queue.waiting.pop_front()).flatten()?;
        queue.running.push((job.id, job.brake.clone()));
        Some(job)
    }
}

/// The queue and its thread; dropping it cancels what runs and waits for the thread.
pub struct Jobs<S: Send + 'static> {
    shared: Arc<Shared<S>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl<S: Send + 'static> Jobs<S> {
    /// Starts the thread with what its jobs share.
    pub fn new(state: S) -> Self {
        Self::numbered_from(0, state)
    }

    /// As [`Jobs::new`], with numbers of jobs that come after `last`.
    pub fn numbered_from(last: JobId, state: S) -> Self {
        let queue = Queue {
            waiting: VecDeque::new(),
            running: Vec::new(),
            last,
            closed: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            changed: Condvar::new(),
        });
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("moqi-jobs".into())
            .spawn(move || {
                give_way();
                run(&for_thread, state);
            })
            .expect("the system can start one thread");
        Jobs {
            shared,
            thread: Some(thread),
        }
    }

    /// Queues a job; `ended` is called exactly once, on the job thread or on the thread that cancels it.
    pub fn start(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut S, &Brake) -> Result<()> + Send + 'static,
        ended: impl FnOnce(Ended) + Send + 'static,
    ) -> JobId {
        let work = |state: &mut S, brake: &Brake, _: &Turn<S>| work(state, brake);
        self.start_long(priority, work, ended)
    }

    /// As [`Jobs::start`], for work that lets others go first.
    pub fn start_long(
        &self,
        priority: Priority,
        work: impl FnOnce(&mut S, &Brake, &Turn<S>) -> Result<()> + Send + 'static,
        ended: impl FnOnce(Ended) + Send + 'static,
    ) -> JobId {
        let mut queue = self.shared.lock();
        queue.last += 1;
        let id = queue.last;
        let job = Job {
            id,
            priority,
            brake: Brake::default(),
            work: Box::new(work),
            ended: Box::new(ended),
        };
        let at = queue
            .waiting
            .iter()
            .position(|other| other.priority > priority)
            .unwrap_or(queue.waiting.len());
        queue.waiting.insert(at, job);
        drop(queue);
        self.shared.changed.notify_one();
        id
    }

    /// Cancels a job; one that has ended, or never was, is left alone.
    pub fn cancel(&self, id: JobId) {
        let mut queue = self.shared.lock();
        if let Some((_, brake)) = queue.running.iter().find(|(running, _)| *running == id) {
            brake.pull();
            return;
        }
        let found = queue.waiting.iter().position(|job| job.id == id);
        let job = found.and_then(|at| queue.waiting.remove(at));
        drop(queue);
        if let Some(job) = job {
            (job.ended)(Ended::Cancelled);
        }
    }

    /// Jobs that wait or run.
    #[cfg(test)]
    fn open(&self) -> usize {
        let queue = self.shared.lock();
        queue.waiting.len() + queue.running.len()
    }
}

impl<S: Send + 'static> Drop for Jobs<S> {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        for (_, brake) in &queue.running {
            brake.pull();
        }
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        for job in waiting {
            (job.ended)(Ended::Cancelled);
        }
        self.shared.changed.notify_one();
        // A job may hold what holds the queue: then this is its thread, which does not wait for itself.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// Lets the window go first where processors are few: with a model writing on one of two cores it drew a tenth fewer
/// frames a second. The threads that a job starts inherit this on Linux. Where the system refuses, nothing is lost.
fn give_way() {
    use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};
    let low = ThreadPriorityValue::try_from(25).map(ThreadPriority::Crossplatform);
    let _ = low.map(set_current_thread_priority);
}

fn run<S>(shared: &Arc<Shared<S>>, mut state: S) {
    loop {
        let mut queue = shared.lock();
        let job = loop {
            if queue.closed {
                return;
            }
            match queue.waiting.pop_front() {
                Some(job) => break job,
                None => {
                    queue = shared
                        .changed
                        .wait(queue)
                        .unwrap_or_else(PoisonError::into_inner)
                }
            }
        };
        queue.running.push((job.id, job.brake.clone()));
        drop(queue);
        execute(shared, job, &mut state);
    }
}

/// Runs a job that stands last among the running ones, to its end.
fn execute<S>(shared: &Arc<Shared<S>>, job: Job<S>, state: &mut S) {
    let turn = Turn {
        shared: Arc::clone(shared),
        priority: job.priority,
    };
    let result = catch_unwind(AssertUnwindSafe(|| (job.work)(state, &job.brake, &turn)));
    shared.lock().running.pop();
    let ended = match result {
        Err(panic) => Ended::Failed(of_panic(&*panic)),
        Ok(_) if job.brake.pulled() => Ended::Cancelled,
        Ok(Ok(())) => Ended::Done,
        Ok(Err(error)) => Ended::Failed(error),
    };
    // A listener that panics must not take the thread with it.
    let _ = catch_unwind(AssertUnwindSafe(|| (job.ended)(ended)));
}

/// A panic as a failure. Its words name code, never document text, by the house rule for `expect`.
pub fn of_panic(panic: &(dyn Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Error::new(
        Code::Internal,
        format!("程序内部出错：{words}。"),
        format!("Something failed inside the program: {words}."),
    )
    .hint(
        "文件没有受影响，可以继续工作。",
        "Your documents are not affected; you can go on working.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// A queue whose shared state is a log, and a channel of endings.
    struct Scene {
        jobs: Jobs<Vec<&'static str>>,
        sender: mpsc::Sender<(&'static str, Ended)>,
        endings: mpsc::Receiver<(&'static str, Ended)>,
    }

    impl Scene {
        fn new() -> Self {
            let (sender, endings) = mpsc::channel();
            Scene {
                jobs: Jobs::new(Vec::new()),
                sender,
                endings,
            }
        }

        fn start(
            &self,
            name: &'static str,
            priority: Priority,
            work: impl FnOnce(&mut Vec<&'static str>, &Brake) -> Result<()> + Send + 'static,
        ) -> JobId {
            let sender = self.sender.clone();
            self.jobs.start(priority, work, move |ended| {
                sender.send((name, ended)).unwrap()
            })
        }

        fn next(&self) -> (&'static str, Ended) {
            self.endings.recv_timeout(Duration::from_secs(20)).unwrap()
        }
    }

    fn until_pulled(_: &mut Vec<&'static str>, brake: &Brake) -> Result<()> {
        while !brake.pulled() {
            std::thread::yield_now();
        }
        Ok(())
    }

    #[test]
    fn interactive_work_goes_first_and_in_order() {
        let scene = Scene::new();
        let first = scene.start("blocker", Priority::Background, until_pulled);
        for (name, priority) in [
            ("b1", Priority::Background),
            ("i1", Priority::Interactive),
            ("b2", Priority::Background),
            ("i2", Priority::Interactive),
        ] {
            scene.start(name, priority, move |log, _| {
                log.push(name);
                Ok(())
            });
        }
        scene.jobs.cancel(first);
        let order: Vec<_> = (0..5).map(|_| scene.next().0).collect();
        assert_eq!(order, ["blocker", "i1", "i2", "b1", "b2"]);
    }

    #[test]
    fn a_cancelled_job_ends_once_whether_it_waits_or_runs() {
        let scene = Scene::new();
        let running = scene.start("running", Priority::Interactive, until_pulled);
        let waiting = scene.start("waiting", Priority::Interactive, |_, _| {
            panic!("it must never run")
        });
        scene.jobs.cancel(waiting);
        scene.jobs.cancel(waiting);
        assert!(matches!(scene.next(), ("waiting", Ended::Cancelled)));
        scene.jobs.cancel(running);
        assert!(matches!(scene.next(), ("running", Ended::Cancelled)));
        scene.jobs.cancel(running);
        assert!(
            scene
                .endings
                .recv_timeout(Duration::from_millis(50))
                .is_err(),
            "a second ending"
        );
        assert_eq!(scene.jobs.open(), 0);
    }

    #[test]
    fn a_panic_fails_the_job_and_the_thread_lives() {
        let scene = Scene::new();
        scene.start("panics", Priority::Interactive, |_, _| {
            panic!("index out of words")
        });
        match scene.next() {
            ("panics", Ended::Failed(error)) => {
                assert_eq!(error.code, Code::Internal);
                assert!(error.message.en.contains("index out of words"));
            }
            other => panic!("{other:?}"),
        }
        scene.start("next", Priority::Interactive, |_, _| Ok(()));
        assert!(matches!(scene.next(), ("next", Ended::Done)));
    }

    #[test]
    fn a_long_job_lets_others_go_first_and_each_ends_once() {
        let scene = Scene::new();
        let (ready, begun) = mpsc::channel();
        let sender = scene.sender.clone();
        let long = scene.jobs.start_long(
            Priority::Long,
            move |log: &mut Vec<&'static str>, brake, turn| {
                ready.send(()).unwrap();
                while !brake.pulled() {
                    if turn.wanted() {
                        log.push("before");
                        turn.others(log);
                        log.push("after");
                    }
                    std::thread::yield_now();
                }
                assert_eq!(log.iter().filter(|word| **word == "other").count(), 2);
                Ok(())
            },
            move |ended| sender.send(("long", ended)).unwrap(),
        );
        begun.recv_timeout(Duration::from_secs(20)).unwrap();
        // One of the same kind waits for its end.
        scene.start("second", Priority::Long, |_, _| Ok(()));
        let word = |log: &mut Vec<&'static str>, _: &Brake| {
            log.push("other");
            Ok(())
        };
        scene.start("background", Priority::Background, word);
        assert!(matches!(scene.next(), ("background", Ended::Done)));
        scene.start("interactive", Priority::Interactive, word);
        assert!(matches!(scene.next(), ("interactive", Ended::Done)));
        let stuck = scene.start("cancelled", Priority::Interactive, until_pulled);
        scene.jobs.cancel(stuck);
        assert!(matches!(scene.next(), ("cancelled", Ended::Cancelled)));
        scene.start("panics", Priority::Interactive, |_, _| panic!("inside"));
        assert!(matches!(scene.next(), ("panics", Ended::Failed(_))));
        scene.jobs.cancel(long);
        assert!(matches!(scene.next(), ("long", Ended::Cancelled)));
        assert!(matches!(scene.next(), ("second", Ended::Done)));
    }

    #[test]
    fn dropping_the_queue_ends_every_job() {
        let Scene {
            jobs,
            sender,
            endings,
        } = Scene::new();
        for _ in 0..3 {
            let sender = sender.clone();
            jobs.start(Priority::Background, until_pulled, move |ended| {
                sender.send(("", ended)).unwrap()
            });
        }
        drop(jobs);
        drop(sender);
        assert_eq!(
            endings
                .iter()
                .filter(|(_, ended)| matches!(ended, Ended::Cancelled))
                .count(),
            3
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn jobs_and_their_threads_give_way_to_the_window() {
        /// How far this thread gives way.
        fn nice() -> i64 {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, after_the_name) = stat.rsplit_once(')').unwrap();
            let nice = after_the_name.split_whitespace().nth(16).unwrap();
            nice.parse().unwrap()
        }
        let scene = Scene::new();
        let (sender, found) = mpsc::channel();
        scene.start("polite", Priority::Interactive, move |_, _| {
            let helper = std::thread::spawn(nice).join().unwrap();
            sender.send((nice(), helper)).unwrap();
            Ok(())
        });
        let (own, helper) = found.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(own > 0 && helper == own, "{own} {helper}");
    }
}
