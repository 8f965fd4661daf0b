//! What a run leaves for its readers: people at a terminal, CI systems, and other programs.
//!
//! | part | for |
//! |---|---|
//! | [`terminal`] | whoever started the run: what to mend first, then skips and counts |
//! | [`causes`] | scenarios that did not pass, by what is behind them |
//! | [`json`] | programs; stable, versioned |
//! | [`junit`] | CI systems that show tests |
//! | [`github`] | annotations on the lines of scenarios |
//! | [`merge`] | reports of parts, joined |
//! | [`markdown`] | the summary page of a CI job |
//! | [`html`] | people with a browser; [`story`] is what its pictures show |
//! | [`blocks`] | the three blocks of a finding, as all but JSON show them |
//! | [`redact`] | putting names in place of what differs between two runs |
//! | [`paint`] | colour, or none |
//!
//! All of them are functions from a [`RunReport`] to text. Scenarios are told in order of their ids, so that two runs
//! with one seed differ in their wall-clock times only, however many jobs they had.

pub mod blocks;
pub mod causes;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod paint;
pub mod redact;
pub mod story;
pub mod terminal;

#[cfg(test)]
pub(crate) mod example;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::printable;
use crate::runner::select::Shard;
use crate::scenario::Level;
use crate::snapshot;
use crate::stack::{is_name, no_name};
use crate::verdict::{Finding, Judgement, Verdict};

pub use paint::Paint;

/// Most findings of one check in one scenario that are shown to people. JSON has them all.
pub const SHOWN: usize = 5;

/// What is told of findings about no scenario: an id, the area of their checks, a title.
pub const ABOUT_NONE: [(&str, &str, &str); 2] = [
    ("known.yaml", "known/", "failures that are known and belong to no scenario"),
    ("snapshots", "snapshot/", "snapshots that belong to no scenario"),
];

/// A run of one stack through some scenarios.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// Which program judged ([`crate::VERSION`]): two of them may not judge alike.
    pub version: String,
    /// Name of the stack.
    pub stack: String,
    /// Seed given for the whole run. None: each scenario had its own.
    pub seed: Option<u64>,
    /// The words of the command that a repetition needs beside scenario and seed: `--stack`, `./mine`.
    pub repeat: Vec<String>,
    /// Which part of all it was, if only one was to be run.
    pub shard: Option<Shard>,
    /// What was judged, in any order.
    pub scenarios: Vec<ScenarioReport>,
    /// How long the run took by the wall clock.
    pub wall: Duration,
}

/// One scenario of a run.
#[derive(Clone, Debug)]
pub struct ScenarioReport {
    /// Its file, as it was named to the run.
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// Whether it decides the exit status.
    pub level: Level,
    /// What was found.
    pub judgement: Judgement,
    /// How long it took by the wall clock.
    pub wall: Duration,
}

/// How many scenarios ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Passed.
    pub pass: usize,
    /// Undecided.
    pub inconclusive: usize,
    /// The stack's fault.
    pub fail: usize,
    /// Ours.
    pub error: usize,
    /// Not judged.
    pub skipped: usize,
}

impl Summary {
    /// The worst verdict; none if nothing was judged, and that is not green.
    pub fn worst(self) -> Option<Verdict> {
        let counts = [
            (self.error, Verdict::Error),
            (self.fail, Verdict::Fail),
            (self.inconclusive, Verdict::Inconclusive),
            (self.pass, Verdict::Pass),
        ];
        counts.into_iter().find(|(count, _)| *count > 0).map(|(_, verdict)| verdict)
    }
}

impl RunReport {
    /// How many scenarios ended how.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for scenario in &self.scenarios {
            let count = match (&scenario.judgement.skipped, scenario.judgement.verdict) {
                (Some(_), _) => &mut summary.skipped,
                (None, Verdict::Pass) => &mut summary.pass,
                (None, Verdict::Inconclusive) => &mut summary.inconclusive,
                (None, Verdict::Fail) => &mut summary.fail,
                (None, Verdict::Error) => &mut summary.error,
            };
            *count += 1;
        }
        summary
    }

    /// Every scenario in order of its id.
    pub fn in_order(&self) -> Vec<&ScenarioReport> {
        let mut scenarios: Vec<_> = self.scenarios.iter().collect();
        scenarios.sort_by_key(|s| &s.judgement.id);
        scenarios
    }

    /// Those that did not pass, worst first.
    pub fn troubled(&self) -> Vec<&ScenarioReport> {
        let mut scenarios = self.in_order();
        scenarios.retain(|s| s.judgement.skipped.is_none() && s.judgement.verdict != Verdict::Pass);
        scenarios.sort_by_key(|s| Reverse(s.judgement.verdict));
        scenarios
    }

    /// The scenarios of which nothing is wrong but that no results of theirs have been accepted yet.
    pub fn lacking_only_results(&self) -> Vec<&ScenarioReport> {
        let mut scenarios = self.troubled();
        scenarios.retain(|s| {
            let findings = &s.judgement.findings;
            !findings.is_empty() && findings.iter().all(|f| f.check == snapshot::MISSING)
        });
        scenarios
    }

    /// The command by which accepted results are read one by one.
    pub fn review(&self) -> String {
        let place = self.repeat.iter().skip_while(|word| *word != "--snapshots").take(2);
        let words: Vec<String> =
            ["conformance", "review"].map(str::to_owned).into_iter().chain(place.map(|word| quoted(word))).collect();
        words.join(" ")
    }

    /// The command that repeats one scenario.
    pub fn repeat(&self, scenario: &ScenarioReport) -> String {
        let path = scenario.path.display().to_string();
        let mut words = vec!["conformance".to_owned(), "run".to_owned(), path];
        words.extend(self.repeat.iter().cloned());
        if let Some(seed) = self.seed {
            words.extend(["--seed".to_owned(), seed.to_string()]);
        }
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }
}

impl ScenarioReport {
    /// Whether it was judged and nothing was found.
    pub fn is_passed(&self) -> bool {
        self.judgement.skipped.is_none() && self.judgement.verdict == Verdict::Pass
    }

    /// Whether it stands for what is about no scenario: snapshots and known failures that belong to none.
    pub fn is_about_none(&self) -> bool {
        ABOUT_NONE.iter().any(|(id, ..)| *id == self.judgement.id)
    }

    /// Findings as people see them: of each check the first few, after the last of these how many more there are.
    pub fn folded(&self) -> Vec<Shown<'_>> {
        let findings = &self.judgement.findings;
        let mut checks = BTreeSet::new();
        let mut shown = Vec::new();
        for finding in findings.iter().filter(|f| checks.insert(f.check.as_str())) {
            let of_check = || findings.iter().filter(|f| f.check == finding.check);
            shown.extend(of_check().take(SHOWN).map(Shown::Finding));
            let more = of_check().count().saturating_sub(SHOWN);
            if more > 0 {
                shown.push(Shown::More { check: &finding.check, more });
            }
        }
        shown
    }
}

/// A finding, or that there are more.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// A finding.
    Finding(&'a Finding),
    /// There are more of one check.
    More {
        /// Which check.
        check: &'a str,
        /// How many more.
        more: usize,
    },
}

/// The stack's name in a report that is read back: it becomes part of paths, so it has to be one that a manifest may bear.
pub(crate) fn stack_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if is_name(&name) { Ok(name) } else { Err(D::Error::custom(format!("the stack: {}", no_name(&name)))) }
}

/// A word as a POSIX shell reads it, fit to be printed.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) && printable::line(word) == word {
        word.to_owned()
    } else if printable::line(word) == word {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        // What cannot be printed as it is can be spelled in octal.
        let spelled = |byte: u8| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' ' | b'!'..=b'~' if byte != b'[' && byte != b':' => char::from(byte).to_string(),
            byte => format!("\\{byte:03o}"),
        };
        format!("$'{}'", word.bytes().map(spelled).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_leave_skips_out_of_the_verdict() {
        let run = example::run();
        let expected = Summary { pass: 1, inconclusive: 1, fail: 1, error: 0, skipped: 1 };
        assert_eq!(run.summary(), expected);
        assert_eq!(run.summary().worst(), Some(Verdict::Fail));
    }

    #[test]
    fn a_run_that_only_skipped_has_no_verdict() {
        let mut run = example::run();
        run.scenarios.retain(|s| s.judgement.skipped.is_some());
        assert_eq!(run.summary().worst(), None);
    }

    #[test]
    fn a_word_that_cannot_be_printed_is_spelled_so_that_the_shell_reads_it() {
        #[rustfmt::skip]
        let cases = [
            ("a/b.yaml",          "a/b.yaml"),
            ("it's",              r"'it'\''s'"),
            ("x\n::error::b.yaml", r"$'x\012\072\072error\072\072b.yaml'"),
            ("it's\u{1b}[31m",    r"$'it\'s\033\13331m'"),
            ("::warning::",       r"$'\072\072warning\072\072'"),
        ];
        for (word, expected) in cases {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn the_command_can_be_pasted_into_a_shell() {
        let mut run = example::run();
        run.repeat.extend(["--snapshots".to_owned(), "it's elsewhere".to_owned()]);
        run.seed = None;
        let command = run.repeat(run.troubled()[0]);
        insta::assert_snapshot!(command, @r"conformance run scenarios/travel/london-madrid-84m.yaml --stack reference --snapshots 'it'\''s elsewhere'");
    }
}
