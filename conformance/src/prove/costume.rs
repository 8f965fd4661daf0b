//! The reference stack's folder, changed for one trial: lines of its configuration and of its manifest.

use std::path::Path;

use super::variants::Change;
use crate::stack::{Manifest, ManifestError, manifest};

/// The template of the reference stack's configuration.
const CONFIG: &str = "templates/config.yaml";

/// Why a folder could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CostumeError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The manifest does not have the line that is to be changed.
    #[error("the manifest of the reference stack has no `{0}`")]
    NoSuchLine(&'static str),
    /// The manifest is wrong after the change.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Copies the stack of `from` to `to`, with these changes.
pub fn dress(from: &Path, to: &Path, changes: &[Change]) -> Result<Manifest, CostumeError> {
    let mut manifest = read(&from.join(manifest::FILE_NAME))?;
    let mut config = read(&from.join(CONFIG))?;
    for change in changes {
        match change {
            Change::Config(lines) => config.push_str(&format!("{lines}\n")),
            Change::Bug(id) => config.push_str(&format!("bug: {id}\n")),
            Change::Declares(key, value) => manifest = declaring(&manifest, key, value)?,
        }
    }
    write(&to.join(manifest::FILE_NAME), &manifest)?;
    write(&to.join(CONFIG), &config)?;
    Ok(Manifest::read(to)?)
}

/// The manifest with another value of one line below `declares`.
fn declaring(manifest: &str, key: &'static str, value: &str) -> Result<String, CostumeError> {
    let (begins, mut found) = (format!("  {key}: "), false);
    let mut lines = Vec::new();
    for line in manifest.lines() {
        if line.starts_with(&begins) {
            found = true;
            lines.push(format!("{begins}{value}"));
        } else {
            lines.push(line.to_owned());
        }
    }
    if found { Ok(lines.join("\n") + "\n") } else { Err(CostumeError::NoSuchLine(key)) }
}

fn read(path: &Path) -> Result<String, CostumeError> {
    std::fs::read_to_string(path).map_err(|source| CostumeError::File { path: path.display().to_string(), source })
}

fn write(path: &Path, text: &str) -> Result<(), CostumeError> {
    let parent = path.parent().unwrap_or(path);
    let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(path, text));
    written.map_err(|source| CostumeError::File { path: path.display().to_string(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_declared_is_replaced_and_one_that_is_not_is_an_error() {
        let manifest = "name: x\ndeclares:\n  poll_every: 1h\n  look_back: 6h\n";
        let changed = declaring(manifest, "poll_every", "1m").unwrap();
        assert_eq!(changed, "name: x\ndeclares:\n  poll_every: 1m\n  look_back: 6h\n");
        assert!(declaring(manifest, "lateness", "1m").is_err());
    }
}
