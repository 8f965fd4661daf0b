//! `conformance lint`: what is wrong with scenarios, and what is probably a mistake.
//!
//! Errors are the reader's. Warnings: an attack without a twin, a twin that differs in too much, an attack that nothing
//! must notice, names that nothing uses. Whether labels and expectations agree with the definitions of the detections is
//! the oracle's to say: it is handed in as [`OracleCheck`], so that this module reads and the oracle judges.

mod twins;
mod unused;

use std::fmt;
use std::path::{Path, PathBuf};

use simulator::scenario::yaml::{Node, Span};
use simulator::scenario::{Document, Position, Problems, ScenarioError, ScenarioErrors};

use super::{Found, Script};

/// Asks the oracle of one scenario: is every `must` derivable, every benign label silent, is an edge within 2 % of a
/// threshold whose parameter is not written, can every fault bite.
pub type OracleCheck = fn(&Script) -> Vec<Remark>;

/// Something to say of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Error or warning.
    pub gravity: Gravity,
    /// Where.
    pub at: Position,
    /// How many characters.
    pub length: u32,
    /// What.
    pub message: String,
}

impl Remark {
    /// A warning.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, at: span.at, length: span.length, message: message.into() }
    }

    /// An error.
    pub fn error(at: Position, message: impl Into<String>) -> Self {
        Self { gravity: Gravity::Error, at, length: 1, message: message.into() }
    }
}

/// Whether a remark fails the lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// Probably a mistake.
    Warning,
    /// Wrong.
    Error,
}

/// What was found, file by file.
#[derive(Clone, Debug, Default)]
pub struct LintReport {
    /// Every scenario that was looked at, in order of id.
    pub files: Vec<Linted>,
}

/// What was found in one file.
#[derive(Clone, Debug)]
pub struct Linted {
    /// The scenario's id.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// Why it cannot be read, if it cannot.
    pub unreadable: Option<ScenarioErrors>,
    /// What is remarked of it, in order of place, each with the line it stands on.
    pub remarks: Vec<(Remark, ScenarioError)>,
}

impl LintReport {
    /// Number of errors.
    pub fn errors(&self) -> usize {
        let of = |file: &Linted| {
            let remarks = file.remarks.iter().filter(|(remark, _)| remark.gravity == Gravity::Error).count();
            remarks + file.unreadable.as_ref().map_or(0, |errors| errors.errors.len() + errors.untold)
        };
        self.files.iter().map(of).sum()
    }

    /// Number of warnings.
    pub fn warnings(&self) -> usize {
        let of = |file: &Linted| file.remarks.iter().filter(|(remark, _)| remark.gravity == Gravity::Warning).count();
        self.files.iter().map(of).sum()
    }
}

impl fmt::Display for LintReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            if let Some(errors) = &file.unreadable {
                writeln!(f, "{errors}")?;
            }
            for (_, remark) in &file.remarks {
                writeln!(f, "{remark}")?;
            }
        }
        let (files, errors, warnings) = (self.files.len(), self.errors(), self.warnings());
        let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let counts = [plural(files, "scenario"), plural(errors, "error"), plural(warnings, "warning")];
        writeln!(f, "{}", counts.join(", "))
    }
}

/// A scenario that could be read, with its tree.
pub(super) struct Subject {
    script: Script,
    root: Node,
}

/// Reads scenarios and says what is wrong with them.
pub fn lint(found: &[Found], oracle: OracleCheck) -> LintReport {
    LintReport { files: found.iter().map(|found| lint_one(found, oracle)).collect() }
}

fn lint_one(found: &Found, oracle: OracleCheck) -> Linted {
    let mut linted = Linted { id: found.id.clone(), path: found.path.clone(), unreadable: None, remarks: Vec::new() };
    let subject = match found.read().and_then(|script| subject(script, &found.path)) {
        Ok(subject) => subject,
        Err(errors) => {
            linted.unreadable = Some(errors);
            return linted;
        }
    };
    let mut remarks = unused::remarks(&subject);
    remarks.extend(twins::remarks(&subject, &found.path));
    remarks.extend(oracle(&subject.script));
    remarks.sort_by_key(|remark| remark.at);
    let lines: Vec<&str> = subject.script.text.lines().collect();
    let tell = |remark: Remark| {
        let word = if remark.gravity == Gravity::Warning { "warning: " } else { "" };
        let told = ScenarioError {
            file: found.path.display().to_string(),
            position: Some(remark.at),
            length: remark.length,
            message: format!("{word}{}", remark.message),
            suggestion: None,
            source_line: (remark.at.line as usize).checked_sub(1).and_then(|i| lines.get(i)).map(|l| (*l).to_owned()),
        };
        (remark, told)
    };
    linted.remarks = remarks.into_iter().map(tell).collect();
    linted
}

fn subject(script: Script, path: &Path) -> Result<Subject, ScenarioErrors> {
    let (document, problems) = Document::open(path, Problems::default())?;
    document.errors(problems)?;
    Ok(Subject { script, root: document.root })
}

#[cfg(test)]
mod tests;
