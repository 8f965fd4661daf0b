//! Files and folders that somebody names: what lies there in place of what was meant.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// What `judge` and `score` read.
pub const RUN: &str = "the folder of a run, as `conformance run --run-dir DIR` leaves it";
/// What `merge` and `compare` read.
pub const REPORT: &str = "a report of `conformance run --report json=FILE`";

/// A path at which something else lies than was meant, or nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {found}; expected {expected}", path.display())]
pub struct Misnamed {
    path: PathBuf,
    found: String,
    expected: &'static str,
}

impl Misnamed {
    /// `found` is what lies at `path`, `expected` what should: fragments.
    pub fn new(path: &Path, found: impl Into<String>, expected: &'static str) -> Self {
        Self { path: path.to_owned(), found: found.into(), expected }
    }

    /// What an attempt to open or make it has met.
    pub fn met(path: &Path, error: &Error, expected: &'static str) -> Self {
        Self::new(path, found(path, error), expected)
    }
}

/// The text of a file.
pub fn text(path: &Path, expected: &'static str) -> Result<String, Misnamed> {
    std::fs::read_to_string(path).map_err(|error| Misnamed::met(path, &error, expected))
}

/// The value of a file that holds JSON.
pub fn json<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<T, Misnamed> {
    parse(path, &text(path, expected)?, expected)
}

/// The same of a text that was read from `path`.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str, expected: &'static str) -> Result<T, Misnamed> {
    use serde_json::error::Category;
    serde_json::from_str(text).map_err(|error| {
        let found = match error.classify() {
            Category::Eof if text.trim().is_empty() => "is empty".to_owned(),
            Category::Eof => format!("ends in the middle, at line {}", error.line()),
            Category::Syntax => format!("is no JSON: {error}"),
            Category::Data | Category::Io => format!("is JSON of another kind: {error}"),
        };
        Misnamed::new(path, found, expected)
    })
}

/// What lies where something could not be opened or made, or why it could not.
fn found(path: &Path, error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "is not there".to_owned(),
        ErrorKind::InvalidData => "is no text (not UTF-8)".to_owned(),
        ErrorKind::PermissionDenied => "is forbidden to this user".to_owned(),
        _ if path.is_dir() => "is a folder".to_owned(),
        _ if path.is_file() => "is a file".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "leads through a file".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Thing {
        name: String,
    }

    #[test]
    fn what_lies_there_is_said_beside_what_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder")).unwrap();
        #[rustfmt::skip]
        let files: [(&str, &[u8]); 6] = [
            ("binary", b"\xff\xfe\x00"), ("empty", b"\n"), ("cut", b"{\n\"name\": \"a"), ("prose", b"hello"),
            ("other", b"{ \"title\": 1 }"), ("sound", b"{ \"name\": \"a\" }"),
        ];
        for (name, bytes) in files {
            std::fs::write(at(name), bytes).unwrap();
        }
        #[rustfmt::skip]
        let cases = [
            ("nothing",   "is not there"),
            ("folder",    "is a folder"),
            ("sound/er",  "leads through a file"),
            ("binary",    "is no text (not UTF-8)"),
            ("empty",     "is empty"),
            ("cut",       "ends in the middle, at line 2"),
            ("prose",     "is no JSON: expected value at line 1 column 1"),
            ("other",     "is JSON of another kind: missing field `name` at line 1 column 14"),
        ];
        for (name, found) in cases {
            let error = json::<Thing>(&at(name), "a thing").unwrap_err().to_string();
            assert_eq!(error, format!("{}: {found}; expected a thing", at(name).display()), "{name}");
        }
        assert_eq!(json::<Thing>(&at("sound"), "a thing"), Ok(Thing { name: "a".to_owned() }));
    }
}
