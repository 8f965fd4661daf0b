//! The folder of accepted texts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::check::found::found;
use crate::verdict::{Finding, Verdict};

use super::diff;
use super::file::{Stored, tidy};
use super::pages;

/// Most lines of a difference in a finding; the rest is in the pending file.
const DIFF_LINES: usize = 120;

/// Whether what a run meant may become what is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// It came to its end and its checks passed.
    Complete,
    /// It broke off, or its checks failed.
    Partial {
        /// Which: a fragment for people.
        why: String,
    },
}

impl Marker {
    fn refused(&self) -> Option<&str> {
        match self {
            Self::Complete => None,
            Self::Partial { why } => Some(why),
        }
    }
}

/// An accepted text could not be written or removed.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}", path = path.display())]
pub struct AcceptError {
    path: PathBuf,
    source: io::Error,
}

/// A folder of accepted texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// The folder `root`, whether it exists yet or not.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Holds texts against what is accepted. What differs is left beside it as `.snap.new`; what agrees takes away an
    /// older one.
    pub fn compare(&self, scenario: &str, stack: &str, rendered: &[(&str, String)], marker: &Marker) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut missing = Vec::new();
        for (name, text) in rendered {
            let path = self.path(scenario, stack, name);
            let new = stored(scenario, stack, name, text, marker);
            if !path.exists() {
                missing.push(format!("{}{}", self.shown(&path), propose(&path, &new)));
                continue;
            }
            match Stored::read(&path) {
                // A pending file that cannot be removed is asked about once more and hides nothing.
                Ok(old) if old.text == new.text => drop(remove(&pending(&path))),
                Ok(old) => findings.push(self.different(&path, &old.text, &new)),
                Err(reason) => findings.push(self.unreadable(&path, &reason, &new)),
            }
        }
        if !missing.is_empty() {
            let folder = self.shown(&self.folder(scenario, stack));
            let expected = format!("accepted results of {stack} in {folder}");
            let observed = format!("{} of {} missing", missing.len(), rendered.len());
            findings.push(found(pages::MISSING, Verdict::Fail, expected, observed).evidence(missing).done());
        }
        findings.extend(self.left_over(scenario, stack, rendered));
        findings
    }

    /// Makes texts of a complete run the accepted ones, takes pending ones away, and texts that are not rendered any more.
    /// Gives back the files that changed.
    pub fn accept(
        &self,
        scenario: &str,
        stack: &str,
        rendered: &[(&str, String)],
    ) -> Result<Vec<PathBuf>, AcceptError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| AcceptError { path, source }
        };
        let mut changed = Vec::new();
        for (name, text) in rendered {
            let path = self.path(scenario, stack, name);
            let new = stored(scenario, stack, name, text, &Marker::Complete);
            if Stored::read(&path).as_ref().map(|old| &old.text) != Ok(&new.text) {
                new.write(&path).map_err(at(&path))?;
                changed.push(path.clone());
            }
            remove(&pending(&path)).map_err(at(&path))?;
        }
        for path in self.not_rendered(scenario, stack, rendered) {
            remove(&path).map_err(at(&path))?;
            remove(&pending(&path)).map_err(at(&path))?;
            changed.push(path);
        }
        Ok(changed)
    }

    fn different(&self, path: &Path, old: &str, new: &Stored) -> Finding {
        let mut lines = diff::unified(old, &new.text);
        let count = |sign: char, head: &str| lines.iter().filter(|l| l.starts_with(sign) && *l != head).count();
        let observed = format!("{} line(s) gone, {} new", count('-', diff::OLD), count('+', diff::NEW));
        let more = lines.len().saturating_sub(DIFF_LINES);
        if more > 0 {
            lines.truncate(DIFF_LINES);
            lines.push(format!("… and {more} more line(s) of difference"));
        }
        let observed = format!("{observed}{}", propose(path, new));
        found(pages::DIFFERENT, Verdict::Fail, format!("what was accepted in {}", self.shown(path)), observed)
            .evidence(lines)
            .done()
    }

    fn unreadable(&self, path: &Path, reason: &str, new: &Stored) -> Finding {
        let observed = format!("it cannot be read: {reason}{}", propose(path, new));
        found(pages::DIFFERENT, Verdict::Fail, format!("what was accepted in {}", self.shown(path)), observed).done()
    }

    /// Texts of this scenario and stack that a run does not have any more.
    fn left_over(&self, scenario: &str, stack: &str, rendered: &[(&str, String)]) -> Option<Finding> {
        let files: Vec<String> = self.not_rendered(scenario, stack, rendered).iter().map(|p| self.shown(p)).collect();
        let expected = "every accepted text to be one that a run has";
        let observed = format!("a run of {scenario} with {stack} has none of: {}", files.join(", "));
        (!files.is_empty()).then(|| found(pages::ORPHANED, Verdict::Fail, expected, observed).done())
    }

    fn not_rendered(&self, scenario: &str, stack: &str, rendered: &[(&str, String)]) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder(scenario, stack)).into_iter().flatten().flatten();
        let snaps = entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "snap") && p.is_file());
        let is_rendered =
            |p: &PathBuf| rendered.iter().any(|(name, _)| p.file_stem().is_some_and(|stem| stem == *name));
        let mut files: Vec<PathBuf> = snaps.filter(|p| !is_rendered(p)).collect();
        files.sort();
        files
    }

    fn folder(&self, scenario: &str, stack: &str) -> PathBuf {
        self.root.join(scenario).join(stack)
    }

    fn path(&self, scenario: &str, stack: &str, name: &str) -> PathBuf {
        self.folder(scenario, stack).join(format!("{name}.snap"))
    }

    /// A path as findings show it: from the root's own name on, the same on every machine.
    pub(super) fn shown(&self, path: &Path) -> String {
        shown(&self.root, path)
    }
}

/// A path from the root's own name on.
pub(super) fn shown(root: &Path, path: &Path) -> String {
    let name = root.file_name().map(Path::new).unwrap_or(Path::new("snapshots"));
    path.strip_prefix(root).map_or_else(|_| path.to_owned(), |below| name.join(below)).display().to_string()
}

/// Where a text waits to be accepted.
pub(super) fn pending(path: &Path) -> PathBuf {
    path.with_extension("snap.new")
}

/// Removes a file; none there is well.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Leaves a text to be reviewed. A folder that cannot be written to takes nothing from the finding.
fn propose(path: &Path, new: &Stored) -> String {
    match new.write(&pending(path)) {
        Ok(()) => String::new(),
        Err(error) => format!(" (nothing to review: its .snap.new cannot be written: {error})"),
    }
}

fn stored(scenario: &str, stack: &str, name: &str, text: &str, marker: &Marker) -> Stored {
    Stored {
        text: tidy(text),
        source: format!("scenarios/{scenario}.yaml"),
        expression: format!("{name} of {stack}"),
        refused: marker.refused().map(str::to_owned),
    }
}
