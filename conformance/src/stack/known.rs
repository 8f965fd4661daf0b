//! `known.yaml`: failures that somebody has looked at and will live with until a date.
//!
//! ```yaml
//! - { scenario: late/miro-two-days, check: ingest/lost-event, reason: look-back is one day, until: 2026-09-30 }
//! ```
//! `seen: sometimes` marks a failure that hangs on how fast the machine is; what such a scenario left is held against no
//! snapshot. A failure named here does not fail the run. An entry whose date is over, or whose scenario was judged without
//! that failure, or does not exist any more, is stale, and a stale entry fails: the list can only shrink.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::manifest::read_text;
use super::problem::{ManifestError, position};
use crate::explain;
use crate::verdict::{Finding, Judgement, KnownFailure, Verdict, date};

/// Name of the file within a stack's folder.
pub const FILE_NAME: &str = "known.yaml";

/// The check that finds stale entries.
pub const STALE: &str = "known/stale";

/// Its page, for `conformance explain`.
pub const STALE_PAGE: &str = "\
A stack's `known.yaml` names failures that somebody has looked at and lives with until a date: scenario, check, reason, \
until. A failure that is named does not fail the run. An entry is stale when its date is over, when its scenario was \
judged and the check found nothing (an entry with `seen: sometimes` may rest, and what its scenario leaves is held against \
no snapshot), or when a run of every scenario knows none of that name. A stale entry fails, so that the list can only \
shrink. What to do: take the entry out; where the failure is still there and its date is over, mend the stack or decide \
again.

Source: docs/src/bring-a-stack.md (what is known; a stale entry fails).";

/// Known failures of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    failure: KnownFailure,
    seen: Seen,
}

/// An entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scenario: String,
    check: String,
    reason: String,
    #[serde(deserialize_with = "date")]
    until: Date,
    #[serde(default)]
    seen: Seen,
}

/// How often a known failure comes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Seen {
    /// Whenever the scenario is played.
    #[default]
    Always,
    /// On some machines: under the machine's clock how fast it is decides how far a stack gets.
    Sometimes,
}

impl Known {
    /// Reads the list of the stack in folder `dir`; no file is an empty list.
    pub fn read(dir: &Path) -> Result<Self, ManifestError> {
        let path = dir.join(FILE_NAME);
        if !path.exists() {
            return Ok(Self::default());
        }
        Self::parse(&path, &read_text(&path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ManifestError> {
        let raw: Vec<Spanned<Written>> =
            serde_saphyr::from_str(text).map_err(|error| ManifestError::yaml(path, text, &error))?;
        let mut entries: Vec<Entry> = Vec::new();
        for Spanned { value, referenced, .. } in raw {
            let wrong = |message: &str| ManifestError::at(path, text, position(referenced), message);
            let Written { scenario, check, reason, until, seen } = value;
            if reason.trim().is_empty() {
                return Err(wrong("an entry needs a `reason`"));
            }
            if entries.iter().any(|above| (&above.failure.scenario, &above.failure.check) == (&scenario, &check)) {
                return Err(wrong("this scenario and check have an entry above"));
            }
            let title = explain::title(&check).map_err(|nearest| {
                let meant = nearest.map(|id| format!(": did you mean `{id}`?")).unwrap_or_default();
                wrong(&format!("there is no check `{check}`{meant}"))
            })?;
            let failure = KnownFailure { scenario, check, title: title.to_owned(), why: reason, until };
            entries.push(Entry { failure, seen });
        }
        Ok(Self { entries })
    }

    /// All that is known, in the order in which it is written.
    pub fn failures(&self) -> impl Iterator<Item = &KnownFailure> {
        self.entries.iter().map(|entry| &entry.failure)
    }

    /// Whether a failure of a scenario is known.
    pub fn names(&self, scenario: &str) -> bool {
        self.entries.iter().any(|entry| entry.failure.scenario == scenario)
    }

    /// Whether how fast the machine is decides what comes of a scenario.
    pub fn varies(&self, scenario: &str) -> bool {
        self.entries.iter().any(|entry| entry.failure.scenario == scenario && entry.seen == Seen::Sometimes)
    }

    /// A failure for each entry whose scenario does not exist, where `scenarios` are all there are.
    pub fn gone(&self, scenarios: &BTreeSet<&str>) -> Vec<Finding> {
        let gone = self.entries.iter().filter(|entry| !scenarios.contains(entry.failure.scenario.as_str()));
        gone.map(|entry| entry.stale(format!("there is no scenario {}", entry.failure.scenario))).collect()
    }

    /// Takes known failures out of `judgements` and adds a failure for each stale entry. Entries whose scenario is not
    /// among them, or was skipped, are left alone.
    pub fn apply(&self, judgements: &mut [Judgement], today: Date) {
        for judgement in judgements.iter_mut().filter(|j| j.skipped.is_none()) {
            let mut stale = Vec::new();
            for entry in self.entries.iter().filter(|e| e.failure.scenario == judgement.id) {
                let failure = &entry.failure;
                let met = |finding: &Finding| finding.verdict == Verdict::Fail && finding.check == failure.check;
                if failure.until < today {
                    stale.push(entry.stale(format!("that day is over, and today is {today}")));
                } else if judgement.findings.iter().any(met) {
                    judgement.findings.retain(|finding| !met(finding));
                    judgement.known.push(failure.clone());
                } else if judgement.verdict < Verdict::Error && entry.seen == Seen::Always {
                    stale.push(entry.stale("the scenario was judged, and that check found nothing".to_owned()));
                }
            }
            judgement.findings.extend(stale);
            judgement.findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
            judgement.verdict = judgement.findings.first().map_or(Verdict::Pass, |worst| worst.verdict);
        }
    }
}

impl Entry {
    fn stale(&self, observed: String) -> Finding {
        let KnownFailure { check, until, why, .. } = &self.failure;
        Finding {
            check: STALE.to_owned(),
            verdict: Verdict::Fail,
            expected: format!("`{check}` to fail until {until}, as {FILE_NAME} says: {why}"),
            observed,
            story: Vec::new(),
            evidence: vec![format!("take the entry out of {FILE_NAME}")],
            line: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "- { scenario: late/a, check: ingest/lost-event, reason: short look-back, until: 2026-09-30 }\n";

    fn known(text: &str) -> Result<Known, String> {
        Known::parse(Path::new("known.yaml"), text).map_err(|e| e.to_string())
    }

    fn finding(check: &str, verdict: Verdict) -> Finding {
        let (expected, observed) = (String::new(), String::new());
        Finding { check: check.to_owned(), verdict, expected, observed, story: vec![], evidence: vec![], line: None }
    }

    fn judged(id: &str, findings: Vec<Finding>) -> Judgement {
        let verdict = findings.iter().map(|f| f.verdict).max().unwrap_or(Verdict::Pass);
        Judgement { id: id.to_owned(), verdict, skipped: None, findings, known: vec![], not_judged: vec![] }
    }

    /// What is left of one judgement: its verdict and the checks that still stand.
    #[track_caller]
    fn after(judgement: Judgement, today: Date) -> (Verdict, Vec<String>) {
        let mut all = [judgement];
        known(LIST).unwrap().apply(&mut all, today);
        let [judgement] = all;
        (judgement.verdict, judgement.findings.into_iter().map(|f| f.check).collect())
    }

    const BEFORE: Date = jiff::civil::date(2026, 9, 30);
    const AFTER: Date = jiff::civil::date(2026, 10, 1);

    #[test]
    fn a_known_failure_does_not_fail_but_another_does() {
        let lost = || finding("ingest/lost-event", Verdict::Fail);
        assert_eq!(after(judged("late/a", vec![lost()]), BEFORE), (Verdict::Pass, vec![]));
        let two = judged("late/a", vec![lost(), finding("alert/missing", Verdict::Fail)]);
        assert_eq!(after(two, BEFORE), (Verdict::Fail, vec!["alert/missing".to_owned()]));
    }

    #[test]
    fn what_is_known_is_told_with_all_that_is_known_of_it() {
        let mut all = [judged("late/a", vec![finding("ingest/lost-event", Verdict::Fail)])];
        known(LIST).unwrap().apply(&mut all, BEFORE);
        let told = serde_json::to_value(&all[0].known).unwrap();
        let expected = serde_json::json!([{ "scenario": "late/a", "check": "ingest/lost-event",
            "title": explain::title("ingest/lost-event").unwrap(), "why": "short look-back", "until": "2026-09-30" }]);
        assert_eq!(told, expected);
        assert_eq!(serde_json::from_value::<Vec<KnownFailure>>(told).unwrap(), all[0].known);
        assert_eq!(all[0].known[0].to_string(), "ingest/lost-event in late/a until 2026-09-30: short look-back");
        assert_eq!(all[0].not_judged, Vec::<String>::new());
    }

    #[test]
    fn an_entry_whose_failure_is_gone_fails_as_stale() {
        assert_eq!(after(judged("late/a", vec![]), BEFORE), (Verdict::Fail, vec![STALE.to_owned()]));
    }

    #[test]
    fn an_entry_for_some_machines_may_rest_until_its_date_is_over() {
        let sometimes = known(&LIST.replace("until", "seen: sometimes, until")).unwrap();
        let mut quiet = [judged("late/a", Vec::new())];
        sometimes.apply(&mut quiet, BEFORE);
        assert_eq!(quiet[0].verdict, Verdict::Pass);
        assert_eq!(
            ["late/a", "late/b"].map(|id| (sometimes.names(id), sometimes.varies(id))),
            [(true, true), (false, false)]
        );
        sometimes.apply(&mut quiet, AFTER);
        assert_eq!(quiet[0].findings[0].check, STALE);
    }

    #[test]
    fn an_entry_whose_date_is_over_hides_nothing_and_fails_as_stale() {
        let (verdict, checks) = after(judged("late/a", vec![finding("ingest/lost-event", Verdict::Fail)]), AFTER);
        assert_eq!((verdict, checks.len()), (Verdict::Fail, 2));
    }

    #[test]
    fn a_scenario_that_was_skipped_or_not_run_makes_no_entry_stale() {
        let mut skipped = judged("late/a", vec![]);
        skipped.skipped = Some("needs virtual time".to_owned());
        assert_eq!(after(skipped, BEFORE), (Verdict::Pass, vec![]));
        assert_eq!(after(judged("late/b", vec![]), BEFORE), (Verdict::Pass, vec![]));
    }

    #[test]
    fn an_entry_whose_scenario_does_not_exist_is_stale() {
        let known = known(LIST).unwrap();
        assert_eq!(known.gone(&["late/a"].into()), Vec::new());
        let gone = known.gone(&["late/b"].into());
        assert_eq!((gone.len(), gone[0].check.as_str(), gone[0].verdict), (1, STALE, Verdict::Fail));
    }

    #[test]
    fn our_own_error_makes_no_entry_stale() {
        let error = judged("late/a", vec![finding("harness/error", Verdict::Error)]);
        assert_eq!(after(error, BEFORE), (Verdict::Error, vec!["harness/error".to_owned()]));
    }

    #[test]
    fn an_entry_without_a_reason_or_with_a_strange_key_is_refused_where_it_stands() {
        insta::assert_snapshot!(known(&LIST.replace("short look-back", "''")).unwrap_err(), @r#"
        known.yaml:1:3   an entry needs a `reason`
             1 | - { scenario: late/a, check: ingest/lost-event, reason: '', until: 2026-09-30 }
               |   ^
        "#);
        insta::assert_snapshot!(known(&LIST.replace("until", "til")).unwrap_err(), @r#"
        known.yaml:1:74   unknown field `til`, expected one of scenario, check, reason, until, seen
             1 | - { scenario: late/a, check: ingest/lost-event, reason: short look-back, til: 2026-09-30 }
               |                                                                          ^
        "#);
        insta::assert_snapshot!(known(&LIST.replace("lost-event", "lost-evnt")).unwrap_err(), @r#"
        known.yaml:1:3   there is no check `ingest/lost-evnt`: did you mean `ingest/lost-event`?
             1 | - { scenario: late/a, check: ingest/lost-evnt, reason: short look-back, until: 2026-09-30 }
               |   ^
        "#);
        insta::assert_snapshot!(known(&format!("{LIST}{LIST}")).unwrap_err(), @r#"
        known.yaml:2:3   this scenario and check have an entry above
             2 | - { scenario: late/a, check: ingest/lost-event, reason: short look-back, until: 2026-09-30 }
               |   ^
        "#);
    }
}
