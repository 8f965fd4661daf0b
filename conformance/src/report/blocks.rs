//! A finding in three blocks: what the scenario did, what the stack did, and what was expected against what was seen.
//!
//! A finding that hangs on nothing in the story (a snapshot, a fault that met nobody) has no first block.

use std::path::Path;

use crate::printable;
use crate::verdict::{Finding, Verdict};

use super::{RunReport, ScenarioReport, Shown};

/// A line of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub role: Role,
    /// What it says, without indentation.
    pub text: String,
}

/// What a line of a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Id of the check.
    Check(Verdict),
    /// Heading of a block.
    Heading,
    /// Row of a block.
    Row,
    /// Row that was owed.
    Expected,
    /// Row that was seen.
    Observed,
    /// How many more there are.
    More,
}

impl Role {
    /// How far a line is moved in, in steps.
    pub fn depth(self) -> usize {
        match self {
            Self::Check(_) | Self::More => 0,
            Self::Heading | Self::Expected | Self::Observed => 1,
            Self::Row => 2,
        }
    }
}

/// The lines of one finding; `path` is the scenario's file.
pub fn lines(finding: &Finding, path: &Path) -> Vec<Line> {
    let mut lines = Lines(Vec::new());
    let check = match finding.verdict {
        Verdict::Fail => finding.check.clone(),
        other => format!("{} ({})", finding.check, other.word()),
    };
    lines.push(Role::Check(finding.verdict), &check);
    lines.block("what the scenario did", &finding.story);
    if finding.evidence.is_empty() && !finding.story.is_empty() {
        lines.push(Role::Heading, "what the stack did: nothing that bears on it");
    }
    lines.block("what the stack did", &finding.evidence);
    let place = || printable::line(&path.to_string_lossy()).into_owned();
    let place = finding.line.map(|line| format!(" ({}:{line})", place())).unwrap_or_default();
    lines.say(Role::Expected, &format!("expected: {}{place}", finding.expected));
    lines.say(Role::Observed, &format!("observed: {}", finding.observed));
    lines.0
}

/// The lines of everything found in a scenario, folded.
pub fn of_scenario(scenario: &ScenarioReport) -> Vec<Line> {
    let folded = scenario.folded();
    folded
        .iter()
        .flat_map(|shown| match shown {
            Shown::Finding(finding) => lines(finding, &scenario.path),
            Shown::More { check, more } => {
                vec![Line { role: Role::More, text: format!("and {more} more {}", printable::line(check)) }]
            }
        })
        .collect()
}

/// Everything found in a scenario as plain text, with the command that repeats it.
pub fn text(run: &RunReport, scenario: &ScenarioReport) -> String {
    let lines = of_scenario(scenario);
    let mut text: String =
        lines.iter().map(|l| format!("{:indent$}{}\n", "", l.text, indent = l.role.depth() * 2)).collect();
    text.push_str(&format!("repeat: {}", run.repeat(scenario)));
    text
}

struct Lines(Vec<Line>);

impl Lines {
    fn push(&mut self, role: Role, text: &str) {
        self.0.push(Line { role, text: printable::line(text).into_owned() });
    }

    fn block(&mut self, heading: &str, rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        self.push(Role::Heading, heading);
        rows.iter().flat_map(|row| row.lines()).for_each(|row| self.push(Role::Row, row));
    }

    /// A sentence; further lines of it become rows.
    fn say(&mut self, role: Role, text: &str) {
        for (index, line) in text.lines().enumerate() {
            self.push(if index == 0 { role } else { Role::Row }, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::missing_alert;
    use super::*;

    fn texts(finding: &Finding) -> Vec<String> {
        lines(finding, Path::new("scenarios/a.yaml")).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_stack_that_did_nothing_about_the_story_is_told_so() {
        let finding = Finding { evidence: Vec::new(), ..missing_alert() };
        assert!(texts(&finding).contains(&"what the stack did: nothing that bears on it".to_owned()));
    }

    #[test]
    fn a_finding_without_a_story_has_no_empty_blocks() {
        let finding = Finding { story: Vec::new(), evidence: Vec::new(), line: None, ..missing_alert() };
        assert_eq!(texts(&finding).len(), 3);
    }

    #[test]
    fn codes_for_the_terminal_are_spelled_out() {
        let finding = Finding { observed: "\u{1b}[2Jgone".to_owned(), ..missing_alert() };
        assert_eq!(texts(&finding).pop().unwrap(), r"observed: \u{1b}[2Jgone");
    }

    #[test]
    fn a_sentence_of_several_lines_keeps_its_indentation() {
        let finding = Finding { observed: "one\ntwo".to_owned(), ..missing_alert() };
        let last = lines(&finding, Path::new("a.yaml")).pop().unwrap();
        assert_eq!((last.role, last.text.as_str()), (Role::Row, "two"));
    }
}
