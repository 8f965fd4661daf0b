//! The report for programs: stable, one key a line.
//!
//! Every wall-clock value stands under a key that begins `wall_`, on a line of its own that never ends an object: two
//! runs with one seed are equal after `grep -v '"wall_'`, and what is left is still JSON.
//!
//! What may be relied on: `{version, seed, stack, summary, scenarios: [{id, verdict, skipped?, findings: [{check, expected,
//! observed, evidence}]}]}`. `conformance` says which judge it was: version and digest of its source. Keys beyond these are
//! additions; readers ignore what they do not know.

use serde_json::{Value, json};

use crate::verdict::Finding;

use super::{RunReport, ScenarioReport};

/// Version of this form. It changes when a key changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// The whole report, with a line end.
pub fn render(run: &RunReport) -> String {
    let text = serde_json::to_string_pretty(&value(run)).expect("text, numbers and lists are always JSON");
    format!("{text}\n")
}

/// The whole report.
pub fn value(run: &RunReport) -> Value {
    json!({
        "version": VERSION,
        "conformance": run.version,
        "seed": run.seed,
        "stack": run.stack,
        "repeat": run.repeat,
        "shard": run.shard,
        "wall_ms": run.wall.as_millis() as u64,
        "summary": run.summary(),
        "scenarios": run.in_order().into_iter().map(scenario).collect::<Vec<_>>(),
    })
}

fn scenario(scenario: &ScenarioReport) -> Value {
    let judgement = &scenario.judgement;
    let mut value = json!({
        "id": judgement.id,
        "title": scenario.title,
        "file": scenario.path,
        "level": scenario.level,
        "wall_ms": scenario.wall.as_millis() as u64,
        "verdict": judgement.verdict,
    });
    if let Some(reason) = &judgement.skipped {
        value["skipped"] = json!(reason);
    }
    if !judgement.known.is_empty() {
        value["known"] = json!(judgement.known);
    }
    if !judgement.not_judged.is_empty() {
        value["not_judged"] = json!(judgement.not_judged);
    }
    value["findings"] = judgement.findings.iter().map(finding).collect();
    value
}

fn finding(finding: &Finding) -> Value {
    json!({
        "check": finding.check,
        "verdict": finding.verdict,
        "line": finding.line,
        "expected": finding.expected,
        "observed": finding.observed,
        "story": finding.story,
        "evidence": finding.evidence,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::example;
    use super::*;

    fn without_wall(text: &str) -> String {
        text.lines().filter(|line| !line.contains("\"wall_")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_form_is_the_published_one() {
        insta::assert_snapshot!(render(&example::run()), @r#"
        {
          "version": 1,
          "conformance": "0.1.0+89abcdef01234567",
          "seed": 7,
          "stack": "reference",
          "repeat": [
            "--stack",
            "reference"
          ],
          "shard": null,
          "wall_ms": 3100,
          "summary": {
            "pass": 1,
            "inconclusive": 1,
            "fail": 1,
            "error": 0,
            "skipped": 1
          },
          "scenarios": [
            {
              "id": "limits/a-day-of-quota",
              "title": "The story of limits/a-day-of-quota",
              "file": "scenarios/limits/a-day-of-quota.yaml",
              "level": "required",
              "wall_ms": 1234,
              "verdict": "pass",
              "skipped": "needs virtual time",
              "findings": []
            },
            {
              "id": "limits/retry-after-60s",
              "title": "The story of limits/retry-after-60s",
              "file": "scenarios/limits/retry-after-60s.yaml",
              "level": "required",
              "wall_ms": 1234,
              "verdict": "inconclusive",
              "findings": [
                {
                  "check": "fault/never-bit",
                  "verdict": "inconclusive",
                  "line": 12,
                  "expected": "throttle to meet a request",
                  "observed": "0 requests met it",
                  "story": [],
                  "evidence": []
                }
              ]
            },
            {
              "id": "travel/london-madrid-84m",
              "title": "The story of travel/london-madrid-84m",
              "file": "scenarios/travel/london-madrid-84m.yaml",
              "level": "required",
              "wall_ms": 1234,
              "verdict": "fail",
              "findings": [
                {
                  "check": "alert/missing",
                  "verdict": "fail",
                  "line": 15,
                  "expected": "an alert impossible_travel about alice citing desk, thief",
                  "observed": "no alert about alice",
                  "story": [
                    "day 1 09:00:00 alice sign_in success in miro.audit_log from 198.18.0.4, id e1",
                    "day 1 10:24:00 alice sign_in success in miro.audit_log from 192.0.2.9 (attack takeover), id e2"
                  ],
                  "evidence": [
                    "day 1 11:00:00 #31 miro.audit_log GET -> 200, page 1 with 2 record(s)"
                  ]
                },
                {
                  "check": "snapshot/different",
                  "verdict": "fail",
                  "line": null,
                  "expected": "what was accepted in snapshots/travel/london-madrid-84m/reference/alerts.snap",
                  "observed": "1 line(s) removed, 1 added",
                  "story": [],
                  "evidence": [
                    "--- accepted",
                    "+++ this run",
                    "@@ -1 +1 @@",
                    "-a  b  medium",
                    "+a  b  high"
                  ]
                }
              ]
            },
            {
              "id": "travel/london-madrid-85m",
              "title": "The story of travel/london-madrid-85m",
              "file": "scenarios/travel/london-madrid-85m.yaml",
              "level": "required",
              "wall_ms": 1234,
              "verdict": "pass",
              "known": [
                {
                  "scenario": "travel/london-madrid-85m",
                  "check": "rate/retry-after-ignored",
                  "title": "a request before the pause was over",
                  "why": "the wait is kept nowhere",
                  "until": "2027-06-30"
                }
              ],
              "not_judged": [
                "scenarios/travel/london-madrid-85m.yaml:9 must_not: alert: policy is off"
              ],
              "findings": []
            }
          ]
        }
        "#);
    }

    #[test]
    fn two_runs_differ_in_lines_of_the_wall_clock_only_and_the_rest_is_json() {
        let (one, mut other) = (example::run(), example::run());
        other.wall = Duration::from_secs(9);
        other.scenarios.reverse();
        other.scenarios[0].wall = Duration::from_secs(8);
        assert_ne!(render(&one), render(&other));
        let rest = without_wall(&render(&one));
        assert_eq!(rest, without_wall(&render(&other)));
        assert!(serde_json::from_str::<Value>(&rest).is_ok(), "{rest}");
    }

    #[test]
    fn nothing_is_folded_for_programs() {
        let value = value(&example::flood(17));
        assert_eq!(value["scenarios"][0]["findings"].as_array().unwrap().len(), 18);
    }
}
