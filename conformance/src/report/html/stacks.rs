//! Several stacks on one page: scenarios by stacks, and what was found in each.
//!
//! Its data are reports as `run --report json` writes them. Of one that was cut down (`compare --keep`) the page shows what
//! it has: which checks found something, and in a scenario that is not in it, nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{framed, pages_of};
use crate::report::SHOWN;

/// The page's script, in this order.
const SCRIPTS: [&str; 4] =
    [include_str!("dom.js"), include_str!("finding.js"), include_str!("keys.js"), include_str!("stacks.js")];

/// What a report has of a scenario that is not in it.
static NOTHING: Value = Value::Null;

/// The whole page, of one report a stack.
pub fn render(reports: &[Value]) -> String {
    let names = names(reports);
    let stacks: Vec<Value> = reports
        .iter()
        .zip(&names)
        .map(|(report, name)| {
            json!({ "name": name, "conformance": report["conformance"], "seed": report["seed"], "summary": report["summary"] })
        })
        .collect();
    let mut rows: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for (at, report) in reports.iter().enumerate() {
        for scenario in report["scenarios"].as_array().into_iter().flatten() {
            let cells = rows
                .entry(scenario["id"].as_str().unwrap_or_default())
                .or_insert_with(|| vec![&NOTHING; reports.len()]);
            cells[at] = scenario;
        }
    }
    let scenarios: Vec<Value> = rows
        .iter()
        .map(|(id, cells)| {
            let first = |key: &str| cells.iter().find_map(|cell| cell[key].as_str()).unwrap_or_default();
            json!({ "id": id, "title": first("title"), "file": first("file"), "cells": cells.iter().map(|s| cell(s)).collect::<Vec<_>>() })
        })
        .collect();
    let all = || rows.values().flatten();
    let checks: BTreeSet<&str> = all()
        .flat_map(|s| [&s["findings"], &s["known"]])
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|f| f["check"].as_str())
        .collect();
    let data = json!({ "stacks": stacks, "scenarios": scenarios, "checks": pages_of(|id| checks.contains(id)) });
    framed(&format!("{} side by side", names.join(", ")), &data, &SCRIPTS)
}

/// The stacks' names; of those with one name each after the first has its number.
fn names(reports: &[Value]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let named = reports.iter().map(|report| {
        let name = report["stack"].as_str().unwrap_or_default();
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name} ({count})") }
    });
    named.collect()
}

/// A scenario in one stack: its outcome, and what is behind it; nothing where the report does not have it.
fn cell(scenario: &Value) -> Value {
    if scenario.is_null() {
        return Value::Null;
    }
    let list = |key: &str| scenario[key].as_array().cloned().unwrap_or_default();
    let (findings, known) = (list("findings"), list("known"));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let shown: Vec<Value> = findings
        .iter()
        .filter(|found| {
            let count = counts.entry(found["check"].as_str().unwrap_or_default().to_owned()).or_default();
            *count += 1;
            *count <= SHOWN
        })
        .map(finding)
        .collect();
    counts.retain(|_, count| *count > SHOWN);
    let more: BTreeMap<String, usize> = counts.into_iter().map(|(check, count)| (check, count - SHOWN)).collect();
    json!({
        "outcome": outcome(scenario, &findings, !known.is_empty()),
        "skipped": scenario["skipped"],
        "known": known,
        "not_judged": list("not_judged"),
        "findings": shown,
        "more": more,
    })
}

/// Its verdict; `skipped`, and `known` where it passed but for failures that are known.
fn outcome<'a>(scenario: &'a Value, findings: &'a [Value], is_known: bool) -> &'a str {
    if !scenario["skipped"].is_null() {
        return "skipped";
    }
    let worst =
        || ["error", "fail", "inconclusive"].into_iter().find(|word| findings.iter().any(|f| f["verdict"] == *word));
    match scenario["verdict"].as_str().or_else(worst).unwrap_or("pass") {
        "pass" if is_known => "known",
        verdict => verdict,
    }
}

/// A finding with every key that the page reads.
fn finding(found: &Value) -> Value {
    let text = |key: &str| found[key].as_str().unwrap_or("not kept");
    let rows = |key: &str| found[key].as_array().cloned().unwrap_or_default();
    json!({
        "check": found["check"],
        "verdict": found["verdict"],
        "line": found["line"],
        "expected": text("expected"),
        "observed": text("observed"),
        "story": rows("story"),
        "evidence": rows("evidence"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{example, json};
    use super::super::tests::data_of;
    use super::*;

    fn two() -> [Value; 2] {
        let mut sound = json::value(&example::run());
        sound["stack"] = json!("sound");
        for scenario in sound["scenarios"].as_array_mut().unwrap() {
            scenario["findings"] = json!([]);
            scenario["verdict"] = json!("pass");
        }
        [json::value(&example::run()), sound]
    }

    #[test]
    fn every_scenario_has_a_cell_a_stack_and_known_failures_are_marked() {
        let data = data_of(&render(&two()));
        let rows: Vec<String> = data["scenarios"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| {
                let cells: Vec<&str> =
                    s["cells"].as_array().unwrap().iter().map(|c| c["outcome"].as_str().unwrap()).collect();
                format!("{}: {}", s["id"].as_str().unwrap(), cells.join(" "))
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @"
        limits/a-day-of-quota: skipped skipped
        limits/retry-after-60s: inconclusive pass
        travel/london-madrid-84m: fail pass
        travel/london-madrid-85m: known known
        ");
        assert!(data["checks"]["alert/missing"]["text"].as_str().unwrap().contains("Source"));
        assert_eq!(data["checks"]["rate/retry-after-ignored"]["title"].as_str().map(str::is_empty), Some(false));
    }

    #[test]
    fn a_report_that_was_cut_down_shows_what_it_has() {
        let kept = json!({ "stack": "mine", "summary": {}, "scenarios": [
            { "id": "c/lost", "findings": [{ "check": "ingest/lost-event", "verdict": "fail" }] },
            { "id": "d/circle", "known": [{ "check": "page/cursor-loop", "why": "it never looks back" }] },
        ]});
        let [whole, _] = two();
        let data = data_of(&render(&[kept.clone(), whole, kept]));
        let of =
            |id: &str| data["scenarios"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap()["cells"].clone();
        assert_eq!(of("c/lost")[0]["outcome"], "fail");
        assert_eq!(of("c/lost")[0]["findings"][0]["observed"], "not kept");
        assert_eq!(of("c/lost")[1], Value::Null);
        assert_eq!(of("d/circle")[0]["outcome"], "known");
        assert_eq!(data["stacks"][2]["name"], "mine (2)");
    }

    #[test]
    fn of_many_findings_of_one_check_the_first_are_shown_and_the_others_counted() {
        let data = data_of(&render(&[json::value(&example::flood(17))]));
        let cell = &data["scenarios"][0]["cells"][0];
        assert_eq!(
            (cell["findings"].as_array().unwrap().len(), &cell["more"]),
            (SHOWN + 1, &json!({ "ingest/lost-event": 12 }))
        );
    }

    #[test]
    fn what_a_stack_is_called_cannot_break_out_of_the_page() {
        const ATTACK: &str = "</title></script><script>alert(1)</script>";
        let [mut mine, sound] = two();
        let quiet = render(&[mine.clone(), sound.clone()]);
        mine["stack"] = json!(ATTACK);
        mine["scenarios"][0]["skipped"] = json!(ATTACK);
        let page = render(&[mine, sound]);
        for mark in ["<script", "</script", "</title"] {
            assert_eq!(page.matches(mark).count(), quiet.matches(mark).count(), "{mark}");
        }
    }
}
