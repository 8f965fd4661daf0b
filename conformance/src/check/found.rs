//! Building findings.

use crate::verdict::{Finding, Verdict};

use super::Check;

/// A finding in the making.
#[derive(Debug)]
pub struct Found(Finding);

impl Check {
    /// A failure of the stack.
    pub fn fail(&self, expected: impl Into<String>, observed: impl Into<String>) -> Found {
        found(self.id, Verdict::Fail, expected, observed)
    }

    /// Something that makes the scenario undecided.
    pub fn inconclusive(&self, expected: impl Into<String>, observed: impl Into<String>) -> Found {
        found(self.id, Verdict::Inconclusive, expected, observed)
    }
}

/// A finding with this id.
pub fn found(id: &str, verdict: Verdict, expected: impl Into<String>, observed: impl Into<String>) -> Found {
    Found(Finding {
        check: id.to_owned(),
        verdict,
        expected: expected.into(),
        observed: observed.into(),
        story: Vec::new(),
        evidence: Vec::new(),
        line: None,
    })
}

impl Found {
    /// What the scenario did.
    #[must_use]
    pub fn story(mut self, rows: impl IntoIterator<Item = String>) -> Self {
        self.0.story.extend(rows);
        self
    }

    /// What the stack did.
    #[must_use]
    pub fn evidence(mut self, rows: impl IntoIterator<Item = String>) -> Self {
        self.0.evidence.extend(rows);
        self
    }

    /// The line of the scenario it hangs on.
    #[must_use]
    pub fn line(mut self, line: impl Into<Option<u32>>) -> Self {
        self.0.line = line.into();
        self
    }

    /// The finding.
    pub fn done(self) -> Finding {
        self.0
    }
}
