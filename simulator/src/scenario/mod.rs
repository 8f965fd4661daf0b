//! Scenario YAML: what somebody wrote, read into values that know their line and column.
//!
//! | step | file | does |
//! |---|---|---|
//! | text to tree | `yaml` | positions of every key and value; refuses what the language has no use for |
//! | the language as data | `table`, `tables` | keys, words, defaults, bounds: for reader, suggestions and JSON Schema alike |
//! | tree to scenario | `names`, `fields`, `read` | names first, then every entry; collects all that is wrong |
//! | complaints | `problem`, `suggest`, `words`, `slips` | file, line, column, snippet, what was probably meant |
//!
//! The simulator reads the world, the script and the faults. Keys and kinds of fault that belong to its caller are
//! named by the caller ([`Foreign`]), skipped unread, and read by the caller from the same [`Document`].

pub mod fields;
pub mod names;
pub mod suggest;
pub mod table;
pub mod tables;
pub mod words;
pub mod yaml;

mod model;
mod problem;
mod read;
mod slips;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use model::*;
pub use names::Names;
pub use problem::{Problems, ScenarioError, ScenarioErrors};
pub use read::{read_begins, read_document, read_lasts, read_route};
pub use tables::BUILT_FAULTS as FAULT_KINDS;

use yaml::Node;

/// What the caller reads of a scenario: skipped unread here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Foreign {
    /// Keys of the top level.
    pub keys: &'static [&'static str],
    /// Kinds of fault.
    pub faults: &'static [&'static str],
}

/// A file as text and as tree, for all who read of it.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, as messages name it.
    pub file: String,
    /// What is written.
    pub text: String,
    /// The same with a position for every key and value.
    pub root: Node,
}

impl Document {
    /// Reads a file. What cannot be read, is too large, not UTF-8 or not YAML is an error.
    pub fn open(path: &Path, problems: Problems) -> Result<(Self, Problems), ScenarioErrors> {
        let file = path.display().to_string();
        match read_bytes(path) {
            Ok(bytes) => Self::from_bytes(&file, &bytes, problems),
            Err(error) => {
                problems.whole(format!("cannot be read: {}", why_unread(path, &error)));
                Err(problems.into_errors(&file, ""))
            }
        }
    }

    /// The same for bytes that are at hand; `file` is what messages call them.
    pub fn from_bytes(file: &str, bytes: &[u8], problems: Problems) -> Result<(Self, Problems), ScenarioErrors> {
        let Some(text) = yaml::decode(bytes, &problems) else {
            let shown = &bytes[..bytes.len().min(yaml::MAX_BYTES)];
            return Err(problems.into_errors(file, &String::from_utf8_lossy(shown)));
        };
        match yaml::parse(text, &problems) {
            Some(root) => Ok((Self { file: file.to_owned(), text: text.to_owned(), root }, problems)),
            None => Err(problems.into_errors(file, text)),
        }
    }

    /// What was found wrong in this file, if anything.
    pub fn errors(&self, problems: Problems) -> Result<(), ScenarioErrors> {
        if problems.is_empty() { Ok(()) } else { Err(problems.into_errors(&self.file, &self.text)) }
    }
}

fn why_unread(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ if path.is_dir() => "it is a folder, and a scenario is a file".to_owned(),
        _ => error.to_string(),
    }
}

/// At most one byte more than is allowed: a file that is too large is refused without being held.
fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(yaml::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a scenario file.
pub fn read(path: &Path, foreign: &Foreign) -> Result<Scenario, ScenarioErrors> {
    let (document, problems) = Document::open(path, Problems::default())?;
    finish(&document, foreign, problems)
}

/// Reads a scenario from text; `name` is what messages call it.
pub fn read_text(name: &str, text: &str, foreign: &Foreign) -> Result<Scenario, ScenarioErrors> {
    let (document, problems) = Document::from_bytes(name, text.as_bytes(), Problems::default())?;
    finish(&document, foreign, problems)
}

fn finish(document: &Document, foreign: &Foreign, problems: Problems) -> Result<Scenario, ScenarioErrors> {
    let names = Names::collect(&document.root, &problems);
    let scenario = read_document(document, &names, foreign, &problems);
    document.errors(problems)?;
    Ok(scenario.expect("a file without problems has been read to the end"))
}
