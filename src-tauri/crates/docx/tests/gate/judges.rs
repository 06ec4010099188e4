//! The judges outside: openxml-audit, docx-integrity and python-docx in a Python, and LibreOffice with pdftotext.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the judges in Python said of each file: by file and judge, whether it passed, and why not.
pub type Verdicts = BTreeMap<(String, String), (bool, String)>;

/// The Python of the folder that `MOQI_PYTHON_BIN` names; says what is skipped where it names none.
pub fn python() -> Option<PathBuf> {
    let Some(bin) = std::env::var_os("MOQI_PYTHON_BIN").filter(|bin| !bin.is_empty()) else {
        println!(
            "skipped: MOQI_PYTHON_BIN names no Python with openxml-audit, docx-integrity and python-docx"
        );
        return None;
    };
    Some(Path::new(&bin).join("python"))
}

/// Judges every .docx of a folder.
pub fn ask(python: &Path, folder: &Path) -> Verdicts {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gate/judge.py");
    let mut command = Command::new(python);
    let said = run(command.args(["-X", "utf8"]).arg(script).arg(folder));
    let mut all = Verdicts::new();
    for line in said.lines() {
        let words: Vec<&str> = line.split('\t').collect();
        let [file, judge, verdict, why] = words.as_slice() else {
            panic!("the judges said {line}");
        };
        let key = ((*file).to_owned(), (*judge).to_owned());
        all.insert(key, (*verdict == "ok", (*why).to_owned()));
    }
    all
}

/// Whether there is a LibreOffice and a reader of its PDF; says what is skipped where there is none.
pub fn office() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing = ["soffice", "pdftotext"]
        .into_iter()
        .find(|name| !std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    if let Some(name) = missing {
        println!("skipped: there is no {name} on the path");
    }
    missing.is_none()
}

/// Prints files with LibreOffice and gives the text of each, without spaces.
pub fn printed(files: &[PathBuf], folder: &Path) -> Vec<String> {
    let mut command = Command::new("soffice");
    command
        .arg(format!(
            "-env:UserInstallation=file://{}",
            folder.join("office").display()
        ))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder)
        .args(files);
    run(&mut command);
    let text = |file: &PathBuf| {
        let pdf = file.with_extension("pdf");
        let said = run(Command::new("pdftotext").arg("-layout").arg(pdf).arg("-"));
        said.split_whitespace().collect()
    };
    files.iter().map(text).collect()
}

/// What a program prints; it must succeed.
fn run(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{complaint}");
    said
}
