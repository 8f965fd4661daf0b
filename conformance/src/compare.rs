//! Several stacks side by side: what each check found in each, from the reports of their runs.
//!
//! A report is read in the form that `run --report json` writes; of each, [`Kept`] is what matters here, small enough to
//! be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::named::{self, Misnamed};
use crate::report::markdown::{code, escaped};
use crate::report::{Summary, stack_name};
use crate::stack::known::Known;
use crate::verdict::{KnownFailure, Verdict};

/// What is kept of a stack's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The stack: its file is called after it.
    #[serde(deserialize_with = "stack_name")]
    pub stack: String,
    /// How many scenarios came to which end.
    pub summary: Summary,
    /// Scenarios in which something was found.
    pub scenarios: Vec<Scenario>,
    /// What the stack's `known.yaml` knows and the run has not shown: it hangs on how fast the machine is.
    #[serde(skip)]
    pub unmet: Vec<KnownFailure>,
}

/// A scenario in which something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Its id.
    pub id: String,
    /// Its known failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownFailure>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Found>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The check.
    pub check: String,
    /// How bad it is.
    pub verdict: Verdict,
}

impl Kept {
    /// Reads the report that lies at `path`, whole or already cut down.
    pub fn read(path: &Path) -> Result<Self, Misnamed> {
        Self::parse(path, &named::text(path, named::REPORT)?)
    }

    /// The same of a text that was read from `path`.
    fn parse(path: &Path, text: &str) -> Result<Self, Misnamed> {
        let mut kept: Self = named::parse(path, text, named::REPORT)?;
        kept.scenarios.retain(|scenario| !scenario.known.is_empty() || !scenario.findings.is_empty());
        Ok(kept)
    }

    /// The same beside what is known of the stack.
    pub fn beside(mut self, known: &Known) -> Self {
        let met = |failure: &KnownFailure| {
            let of = |scenario: &&Scenario| scenario.id == failure.scenario;
            self.scenarios.iter().find(of).is_some_and(|s| s.known.iter().any(|known| known.check == failure.check))
        };
        self.unmet = known.failures().filter(|failure| !met(failure)).cloned().collect();
        self
    }

    /// As it is committed.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are always JSON") + "\n"
    }

    /// How many scenarios each check failed in, how many of these are known, and how many more are known and were not met.
    fn counts(&self) -> BTreeMap<&str, Count> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for scenario in &self.scenarios {
            let found: BTreeSet<&str> = scenario.findings.iter().map(|found| found.check.as_str()).collect();
            found.into_iter().for_each(|check| counts.entry(check).or_default().found += 1);
            scenario.known.iter().for_each(|known| counts.entry(&known.check).or_default().known += 1);
        }
        self.unmet.iter().for_each(|unmet| counts.entry(&unmet.check).or_default().unmet += 1);
        counts
    }
}

/// In how many scenarios of a stack a check found something, or is known to.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    found: usize,
    known: usize,
    unmet: usize,
}

/// What stands above the tables.
const INTRODUCTION: &str = "\
# Stacks side by side

In how many scenarios a check found something, by stack; `known` are failures that stand in the stack's `known.yaml`, `not met`
those of them that this run did not show, because how fast the machine is decides. A check that is not named found nothing. A stack
is asked for what it claims and nothing else: `conformance stack capabilities` lists what can be claimed, and
[Bring a stack](bring-a-stack.md) how. Written by `conformance compare`.

";

/// The stacks as a page of Markdown: checks by stacks, and below it each failure with what is known of it.
pub fn markdown(stacks: &[Kept]) -> String {
    let mut rows = vec![
        row("", stacks.iter().map(|kept| escaped(&kept.stack))),
        row("---", stacks.iter().map(|_| "---:".to_owned())),
    ];
    type Of = fn(&Summary) -> usize;
    let ends: [(&str, Of); 4] = [
        ("scenarios judged", |s| s.pass + s.inconclusive + s.fail + s.error),
        ("passed, or failing as known", |s| s.pass),
        ("failed", |s| s.fail),
        ("not claimed, or needing virtual time", |s| s.skipped),
    ];
    rows.extend(ends.map(|(title, of)| row(title, stacks.iter().map(|kept| of(&kept.summary).to_string()))));
    let counts: Vec<_> = stacks.iter().map(Kept::counts).collect();
    let checks: BTreeSet<&str> = counts.iter().flat_map(|counts| counts.keys().copied()).collect();
    for check in checks {
        rows.push(row(&code(check), counts.iter().map(|counts| cell(counts.get(check).copied()))));
    }
    let details: Vec<String> = stacks.iter().flat_map(details).collect();
    let mut text = INTRODUCTION.to_owned() + &rows.concat();
    if !details.is_empty() {
        text += "\n| stack | scenario | check | why |\n| --- | --- | --- | --- |\n";
        text += &details.concat();
    }
    text
}

/// Cells are Markdown already.
fn row(title: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = std::iter::once(title.to_owned()).chain(cells).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// In how many scenarios a check found something.
fn cell(count: Option<Count>) -> String {
    let Count { found, known, unmet } = count.unwrap_or_default();
    let parts = [(found, ""), (known, " known"), (unmet, " known, not met")];
    let parts: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n}{what}")).collect();
    parts.join("; ")
}

fn details(kept: &Kept) -> Vec<String> {
    let of = |scenario: &Scenario| -> Vec<String> {
        let known = scenario.known.iter().map(|known| (known.check.clone(), known.why.clone()));
        let found = scenario.findings.iter().map(|found| (found.check.clone(), "not known yet".to_owned()));
        let mut all: Vec<(String, String)> = known.chain(found).collect();
        all.sort();
        all.dedup();
        all.into_iter()
            .map(|(check, why)| {
                row(&escaped(&kept.stack), [escaped(&scenario.id), code(&check), escaped(&why)].into_iter())
            })
            .collect()
    };
    let unmet = kept.unmet.iter().map(|KnownFailure { scenario, check, why, .. }| {
        let why = format!("{} (not met in this run)", escaped(why));
        row(&escaped(&kept.stack), [escaped(scenario), code(check), why].into_iter())
    });
    kept.scenarios.iter().flat_map(of).chain(unmet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `run --report json` writes it, as far as it is read.
    const REPORT: &str = r#"{
        "version": 1, "stack": "mine", "wall_ms": 12,
        "summary": { "pass": 2, "inconclusive": 0, "fail": 1, "error": 0, "skipped": 4 },
        "scenarios": [
            { "id": "a/quiet", "wall_ms": 1, "verdict": "pass", "findings": [] },
            { "id": "b/circle", "verdict": "pass", "not_judged": ["x: nobody asked"], "findings": [],
              "known": [{ "scenario": "b/circle", "check": "page/cursor-loop", "title": "a loop", "why": "it never looks back", "until": "2027-06-30" }] },
            { "id": "c/lost", "verdict": "fail", "findings": [{ "check": "ingest/lost-event", "verdict": "fail", "line": 3 }] },
            { "id": "d/other", "verdict": "pass", "skipped": "not claimed: x.y", "findings": [] }
        ]
    }"#;

    #[test]
    fn a_report_is_cut_down_to_what_was_found_and_reads_the_same_afterwards() {
        let kept = Kept::parse(Path::new("mine.json"), REPORT).unwrap();
        let ids: Vec<&str> = kept.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
        assert_eq!(ids, ["b/circle", "c/lost"]);
        assert_eq!(Kept::parse(Path::new("mine.json"), &kept.text()).unwrap(), kept);
    }

    #[test]
    fn a_name_that_leads_out_of_the_folder_is_refused() {
        let escaped = REPORT.replace(r#""stack": "mine""#, r#""stack": "../../escaped""#);
        let refused = Kept::parse(Path::new("mine.json"), &escaped).unwrap_err().to_string();
        assert!(refused.contains("the stack: `../../escaped` is not a name"), "{refused}");
    }

    #[test]
    fn what_stands_in_a_cell_does_not_end_it() {
        let text = REPORT.replace("it never looks back", "a | b <img> `c`").replace("b/circle", "b/my_circle");
        let table = markdown(&[Kept::parse(Path::new("mine.json"), &text).unwrap()]);
        assert!(table.contains(r"| mine | b/my\_circle | `page/cursor-loop` | a \| b &lt;img&gt; \`c\` |"), "{table}");
    }

    #[test]
    fn checks_stand_beside_one_another_and_every_failure_has_its_reason() {
        let mine = Kept::parse(Path::new("mine.json"), REPORT).unwrap();
        let circle = mine.scenarios[0].known[0].clone();
        let unmet = KnownFailure { why: "on a fast machine".to_owned(), ..circle };
        let sound = Kept { stack: "sound".to_owned(), scenarios: Vec::new(), unmet: vec![unmet], ..mine.clone() };
        insta::assert_snapshot!(markdown(&[sound, mine]).replace(INTRODUCTION, ""), @"
        |  | sound | mine |
        | --- | ---: | ---: |
        | scenarios judged | 3 | 3 |
        | passed, or failing as known | 2 | 2 |
        | failed | 1 | 1 |
        | not claimed, or needing virtual time | 4 | 4 |
        | `ingest/lost-event` |  | 1 |
        | `page/cursor-loop` | 1 known, not met | 1 known |

        | stack | scenario | check | why |
        | --- | --- | --- | --- |
        | sound | b/circle | `page/cursor-loop` | on a fast machine (not met in this run) |
        | mine | b/circle | `page/cursor-loop` | it never looks back |
        | mine | c/lost | `ingest/lost-event` | not known yet |
        ");
    }
}
