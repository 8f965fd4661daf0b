//! What is wrong with a file that describes a stack: where, what, and the line itself.

use std::fmt;
use std::path::{Path, PathBuf};

use simulator::scenario::yaml::why_not_yaml;

use crate::printable;

/// A manifest or `known.yaml` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    path: PathBuf,
    place: Option<Place>,
    message: String,
}

/// Where in the file, with the text of that line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    line: usize,
    column: usize,
    text: String,
}

impl ManifestError {
    /// Something about the file as a whole: missing, unreadable.
    pub(super) fn whole(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), place: None, message: message.into() }
    }

    /// Something at a line and column, both from 1.
    pub(super) fn at(path: &Path, text: &str, (line, column): (usize, usize), message: impl Into<String>) -> Self {
        let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
        let place = Place { line: line.max(1), column: column.max(1), text: source };
        Self { path: path.to_owned(), place: Some(place), message: message.into() }
    }

    /// What the YAML reader objected to.
    pub(super) fn yaml(path: &Path, text: &str, error: &serde_saphyr::Error) -> Self {
        if let Some((span, message)) = why_not_yaml(text) {
            return Self::at(path, text, (span.at.line as usize, span.at.column as usize), message);
        }
        let error = error.without_snippet();
        let rendered = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
        let Some(location) = error.location() else { return Self::whole(path, rendered) };
        let suffix = format!(" at line {}, column {}", location.line(), location.column());
        let message = rendered.strip_suffix(&suffix).unwrap_or(&rendered).to_owned();
        Self::at(path, text, position(location), message)
    }
}

/// Line and column of a location, from 1.
pub(super) fn position(location: serde_saphyr::Location) -> (usize, usize) {
    let count = |n: u64| usize::try_from(n).unwrap_or(1);
    (count(location.line()), count(location.column()))
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.to_string_lossy();
        let (path, message) = (printable::line(&path), printable::line(&self.message));
        let Some(Place { line, column, text }) = &self.place else {
            return write!(f, "{path}   {message}");
        };
        writeln!(f, "{path}:{line}:{column}   {message}")?;
        writeln!(f, "  {line:>4} | {}", printable::line(text))?;
        write!(f, "       | {:>column$}", "^")
    }
}

impl std::error::Error for ManifestError {}
