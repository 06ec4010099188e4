//! Figures that a program prints as JSON, and their medians.

use std::process::{Command, Stdio};

use crate::shell::Stop;

/// Runs a command and takes the numbers of these names out of the JSON it prints.
pub fn figures<const N: usize>(
    mut command: Command,
    names: [&str; N],
) -> Result<[Option<f64>; N], Stop> {
    let words = format!("{command:?}");
    let short: String = words.chars().take(120).collect();
    let output = command
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Stop(format!("{short}: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(Stop(format!("{short} ended with {}", output.status)));
    }
    Ok(names.map(|name| {
        let start = text.find(&format!("\"{name}\""))? + name.len() + 2;
        let rest = text[start..].trim_start_matches([':', ' ']);
        let end = rest.find([',', '}', '\n']).unwrap_or(rest.len());
        rest[..end].trim().parse().ok()
    }))
}

/// The middle one; none where there is none.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
