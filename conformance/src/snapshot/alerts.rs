//! Alerts: what was found about whom, and on what it rests.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::time::SimTime;

use crate::check::wanted::severity_id;
use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::printable;
use crate::scenario::Severity;

use super::section;

/// Numbers of an alert that its policy's definition fixes, so that every correct stack has them.
const NUMBERS: [&str; 6] = ["distance_km", "speed_kmh", "infinite", "count", "threshold", "window_s"];

pub(super) fn render(facts: &Facts<'_>) -> String {
    let mut alerts: Vec<(Option<SimTime>, String)> = facts.alerts.iter().map(|alert| told(facts, alert)).collect();
    alerts.sort();
    if alerts.is_empty() {
        return "no alerts".to_owned();
    }
    alerts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n")
}

fn told(facts: &Facts<'_>, alert: &AlertFact) -> (Option<SimTime>, String) {
    let times = || alert.records.iter().map(|r| facts.recording.truth[*r].occurred);
    let (first, last) = (times().min(), times().max());
    let mut rows = Vec::new();
    if let (Some(first), Some(last)) = (first, last) {
        rows.push(format!("from {} to {}", facts.spell(first), facts.spell(last)));
    }
    rows.extend(evidence(facts, alert));
    rows.extend(numbers(facts, alert));
    let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
    let about = if people.is_empty() { "nobody known".to_owned() } else { people.join(", ") };
    let suppressed = if alert.suppressed { "  suppressed" } else { "" };
    let policy = printable::line(&alert.policy);
    (first, section(&format!("{policy}  {about}  {}{suppressed}", severity(alert.severity)), rows))
}

fn severity(id: u64) -> String {
    let word = Severity::ALL.iter().find(|(severity, _)| severity_id(*severity) == id);
    word.map_or_else(|| format!("severity {id}"), |(_, word)| (*word).to_owned())
}

/// Steps by their ids, other records by instance, time and verb; equal ones counted.
fn evidence(facts: &Facts<'_>, alert: &AlertFact) -> Vec<String> {
    let mut cited: BTreeMap<(SimTime, String), usize> = BTreeMap::new();
    let mut steps: BTreeMap<(&str, &str), (SimTime, usize)> = BTreeMap::new();
    for record in alert.records.iter().map(|r| &facts.recording.truth[*r]) {
        match &record.step {
            Some(step) => {
                let (first, count) = steps.entry((&record.app, step)).or_insert((record.occurred, 0));
                (*first, *count) = ((*first).min(record.occurred), *count + 1);
            }
            None => {
                let row = format!("{} {} {}", record.app, facts.spell(record.occurred), record.verb);
                *cited.entry((record.occurred, row)).or_default() += 1;
            }
        }
    }
    for ((app, step), (first, count)) in steps {
        cited.insert((first, format!("{app} #{step}")), count);
    }
    let mut rows: Vec<String> = cited
        .into_iter()
        .map(|((_, row), count)| if count == 1 { format!("cites {row}") } else { format!("cites {row} x{count}") })
        .collect();
    let known = |id: &&String| facts.truth.anywhere(None, id).is_empty();
    let mut unknown: Vec<String> =
        alert.evidence.iter().filter(known).map(|id| format!("cites unknown {}", printable::line(id))).collect();
    unknown.sort();
    rows.extend(unknown);
    rows
}

/// The numbers of its last version that has any.
fn numbers(facts: &Facts<'_>, alert: &AlertFact) -> Option<String> {
    alert.versions.iter().rev().find_map(|version| {
        let line = &facts.recording.report.get(version.number.checked_sub(1)?)?.text;
        let line: Value = serde_json::from_str(line).ok()?;
        let numbers: Vec<String> =
            NUMBERS.iter().filter_map(|key| number(key, &line["body"]["unmapped"][key])).collect();
        (!numbers.is_empty()).then(|| numbers.join("  "))
    })
}

fn number(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(format!("{key} {:.0}", libm::round(number.as_f64()?))),
        Value::Bool(true) => Some(key.to_owned()),
        _ => None,
    }
}
