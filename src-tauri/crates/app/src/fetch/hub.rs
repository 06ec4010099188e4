//! A file of a repository on a model hub, or on a mirror of it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hf_hub::Cache;
use hf_hub::api::Progress;
use hf_hub::api::sync::{ApiBuilder, ApiError};

use super::{SPOILED, bytes_below};
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::models::{Entry, cancelled, hash_of, same, settle};
use crate::scratch::Scratch;

/// The address of a hub; the default is the one that hf-hub knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hub(Option<String>);

impl Hub {
    /// Reads `https://mirror.firm.example` or `http://10.0.0.5:8080/hub`; nothing, or `default`, is the usual hub.
    ///
    /// # Errors
    /// Anything else: another scheme, a name with a password, a query.
    pub fn parse(typed: &str) -> Result<Hub> {
        let typed = typed.trim().trim_end_matches('/');
        if typed.is_empty() || typed == "default" {
            return Ok(Hub(None));
        }
        let read = typed.parse::<ureq::http::Uri>().ok().filter(|uri| {
            let host = uri.host().is_some_and(|host| !host.is_empty());
            let plain = uri
                .authority()
                .is_some_and(|authority| !authority.as_str().contains('@'));
            let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
            host && plain && scheme && uri.query().is_none() && !typed.contains('#')
        });
        match read {
            Some(_) => Ok(Hub(Some(typed.to_owned()))),
            None => {
                let shown: String = typed.chars().filter(|c| !c.is_control()).take(80).collect();
                Err(Error::input(
                    format!("“{shown}”不是模型站点的地址。"),
                    format!("“{shown}” is not the address of a model hub."),
                )
                .hint(
                    "请写完整地址，例如 https://mirror.example.com；留空则使用默认站点。",
                    "Write the whole address, such as https://mirror.example.com, or nothing for the usual hub.",
                ))
            }
        }
    }

    /// The address, where it is not the usual one.
    pub fn address(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// Where a file comes from.
pub(super) struct From<'a> {
    pub(super) hub: &'a Hub,
    pub(super) repo: &'a str,
    pub(super) file: &'a str,
}

/// Tries after the first, where a connection broke.
const RETRIES: u32 = 3;
/// A connection on which nothing comes for so long is given up.
const STALLED: Duration = Duration::from_secs(60);
/// How often a cancel is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// Fetches the file into `folder`, from where it broke off, checks it and installs it.
pub(super) fn fetch(
    home: &Home,
    entry: &Entry,
    from: &From<'_>,
    folder: &Path,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let held = download(from, folder, entry, report)?;
    // The cache of the hub points to a file named by the hash that the hub gave.
    let file = fs::canonicalize(&held).map_err(|error| Error::io(&held, error))?;
    let named = file.file_name().unwrap_or_default().to_string_lossy();
    let sha256 = |name: &str| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let given = sha256(&named).then(|| named.to_ascii_lowercase());
    let wanted = entry.sha256.clone().or(given);
    if let Err(error) = same(&entry.id, wanted.as_deref(), &hash_of(&file)?) {
        let mark = folder.join(SPOILED);
        fs::write(&mark, "").map_err(|error| Error::io(&mark, error))?;
        return Err(error);
    }
    crate::model::check_named(&file, from.file)?;
    let scratch = Scratch::below(&home.models())?;
    let making = scratch.path().join("model");
    fs::create_dir(&making).map_err(|error| Error::io(&making, error))?;
    let name = from.file.rsplit('/').next().unwrap_or(from.file);
    let path = making.join(name);
    fs::rename(&file, &path).map_err(|error| Error::io(&path, error))?;
    let written = fs::File::open(&path).and_then(|file| file.sync_all());
    written.map_err(|error| Error::io(&path, error))?;
    settle(home, &entry.id, &making)
}

fn download(
    from: &From<'_>,
    folder: &Path,
    entry: &Entry,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<PathBuf> {
    let mut tries = 0;
    let mut anew = false;
    let about = entry.size_bytes.max(entry.about_bytes);
    loop {
        let error = match once(from, folder, about, report)? {
            Ok(path) => return Ok(path),
            Err(error) => error,
        };
        if unusable(&error) && !anew {
            // The part is not the beginning of the file as it is now.
            anew = true;
            remove_parts(folder);
        } else if passing(&error) && tries < RETRIES {
            let pause = Instant::now() + Duration::from_secs(1 << tries);
            tries += 1;
            while Instant::now() < pause {
                let done = bytes_below(folder, 5);
                if !report(done, about.max(done)) {
                    return Err(cancelled());
                }
                std::thread::sleep(LOOK);
            }
        } else {
            return Err(trouble(from, &error));
        }
    }
}

/// What the thread that listens and the one that asked know of each other.
#[derive(Default)]
struct Seen {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

/// Counts for hf-hub. Its interface has no way to stop: a stop unwinds its thread, in which nothing else runs, and leaves
/// the part where it is. No hook hears of it.
struct Count(Arc<Seen>);

impl Count {
    fn stop_if_asked(&self) {
        if self.0.stop.load(Ordering::Relaxed) {
            std::panic::resume_unwind(Box::new("stopped"));
        }
    }
}

impl Progress for Count {
    fn init(&mut self, size: usize, _: &str) {
        self.stop_if_asked();
        self.0.total.store(size as u64, Ordering::Relaxed);
        self.0.done.store(0, Ordering::Relaxed);
    }

    fn update(&mut self, size: usize) {
        self.stop_if_asked();
        self.0.done.fetch_add(size as u64, Ordering::Relaxed);
    }

    fn finish(&mut self) {}
}

/// One connection.
fn once(
    from: &From<'_>,
    folder: &Path,
    about: u64,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<std::result::Result<PathBuf, ApiError>> {
    let seen = Arc::new(Seen::default());
    let token = std::env::var("HF_TOKEN")
        .ok()
        .filter(|token| !token.is_empty());
    let mut builder = ApiBuilder::from_cache(Cache::new(folder.to_path_buf()))
        .with_progress(false)
        .with_token(token)
        .with_retries(0);
    if let Some(address) = from.hub.address() {
        builder = builder.with_endpoint(address.to_owned());
    }
    let api = match builder.build() {
        Ok(api) => api.model(from.repo.to_owned()),
        Err(error) => return Ok(Err(error)),
    };
    let (file, count) = (from.file.to_owned(), Count(seen.clone()));
    let listener = std::thread::Builder::new()
        .name("model hub".into())
        .spawn(move || api.download_with_progress(&file, count))
        .map_err(|error| Error::io(folder, error))?;
    let mut last = (0, Instant::now());
    while !listener.is_finished() {
        let done = seen.done.load(Ordering::Relaxed);
        let total = seen.total.load(Ordering::Relaxed);
        if done != last.0 {
            last = (done, Instant::now());
        }
        let go_on = report(done, if total > 0 { total } else { about });
        let stalled = last.1.elapsed() > STALLED;
        if !go_on || stalled {
            seen.stop.store(true, Ordering::Relaxed);
            // A thread that waits for a dead connection ends with the next byte or with the program.
            let patience = Instant::now() + Duration::from_millis(200);
            while !listener.is_finished() && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(5));
            }
            return Err(if go_on { silent(from) } else { cancelled() });
        }
        std::thread::sleep(LOOK);
    }
    listener
        .join()
        .map_err(|_| {
            Error::new(
                Code::Internal,
                "获取模型时程序出错。",
                "The program failed while it fetched the model.",
            )
        })
        .inspect(|_| {
            let total = seen.total.load(Ordering::Relaxed);
            report(seen.done.load(Ordering::Relaxed).min(total), total);
        })
}

fn remove_parts(folder: &Path) {
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        if found.path().is_dir() {
            // What cannot be removed shows as the same error again.
            let _ = fs::remove_dir_all(found.path());
        }
    }
}

/// Whether the part that lies here cannot be gone on with.
fn unusable(error: &ApiError) -> bool {
    matches!(error, ApiError::InvalidResume) || status(error) == Some(416)
}

fn status(error: &ApiError) -> Option<u16> {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::StatusCode(code) => Some(code),
            _ => None,
        },
        _ => None,
    }
}

/// Whether another try may go better.
fn passing(error: &ApiError) -> bool {
    match error {
        ApiError::RequestError(error) => match **error {
            ureq::Error::StatusCode(code) => code == 429 || code >= 500,
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => false,
            ureq::Error::Io(ref error) => error.kind() != ErrorKind::ConnectionRefused,
            _ => true,
        },
        ApiError::IoError(error) => !full(error),
        _ => false,
    }
}

fn full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::PermissionDenied
    )
}

fn place(from: &From<'_>) -> (String, String) {
    match from.hub.address() {
        Some(address) => (address.to_owned(), address.to_owned()),
        None => ("默认模型站点".into(), "the usual model hub".into()),
    }
}

fn silent(from: &From<'_>) -> Error {
    let (zh, en) = place(from);
    let seconds = STALLED.as_secs();
    kept(Error::new(
        Code::Disk,
        format!("{zh}已有 {seconds} 秒没有传来数据。"),
        format!("Nothing came from {en} for {seconds} seconds."),
    ))
}

fn kept(error: Error) -> Error {
    error.hint(
        "已传来的部分会保留，稍后再获取时从中断处继续。",
        "What has come is kept; fetch it again later and it goes on from there.",
    )
}

fn trouble(from: &From<'_>, error: &ApiError) -> Error {
    let (zh, en) = place(from);
    let From { repo, file, .. } = from;
    let made = |zh, en| Error::new(Code::Disk, zh, en);
    let made = match (status(error), error) {
        (Some(404), _) => made(
            format!("{zh}上没有 {repo} 的 {file}。"),
            format!("{file} of {repo} is not on {en}."),
        )
        .hint(
            "请检查所设的站点地址，或自行下载后添加本地文件。",
            "Check the address of the hub, or download the file and add it.",
        ),
        (Some(code @ (401 | 403)), _) => made(
            format!("{zh}不允许获取 {repo}（{code}）。"),
            format!("{en} does not let this program fetch {repo} ({code})."),
        )
        .hint(
            "如站点需要登录，请在环境变量 HF_TOKEN 中给出访问令牌。",
            "Where the hub asks for a login, give its token in the environment variable HF_TOKEN.",
        ),
        (Some(code), _) => kept(made(
            format!("{zh}回应了错误 {code}。"),
            format!("{en} answered with error {code}."),
        )),
        (None, ApiError::IoError(error)) if full(error) => kept(made(
            "磁盘已满或不可写，无法保存模型。".into(),
            "The disk is full or cannot be written to; the model cannot be kept.".into(),
        )),
        (None, ApiError::LockAcquisition(_)) => kept(made(
            "上一次获取尚未完全停止。".into(),
            "The fetch before this one has not quite stopped yet.".into(),
        )),
        (None, ApiError::MissingHeader(_) | ApiError::InvalidHeader(_) | ApiError::ParseIntError(_)) => made(
            format!("{zh}没有像模型站点那样回应。"),
            format!("{en} did not answer as a model hub does."),
        )
        .hint(
            "请检查所设的站点地址。",
            "Check the address of the hub.",
        ),
        _ => made(
            format!("无法连接{zh}，或连接中断：{error}。"),
            format!("{en} cannot be reached, or the connection broke: {error}."),
        )
        .hint(
            "请检查网络；也可设置镜像地址（moqi models hub 地址），或添加本地文件。已传来的部分会保留。",
            "Check the network, set a mirror (moqi models hub ADDRESS), or add a local file. What has come is kept.",
        ),
    };
    made.caused_by(std::io::Error::other(error.to_string()))
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
