//! How a score reads: a table for people, Markdown for a job's summary, JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::report::markdown::escaped;
use crate::report::paint::{Paint, Tone};

use super::thresholds::{ThresholdOutcome, spell};
use super::vector::{Measure, Vector};

/// Version of the JSON form. It changes when a key changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// So many exceptions of one measure are shown to people.
const SHOWN: usize = 8;

/// A score and what stands around it.
#[derive(Clone, Debug)]
pub struct ScoreReport {
    /// Name of the stack.
    pub stack: String,
    /// What was measured.
    pub vector: Vector,
    /// What became of the thresholds.
    pub thresholds: Vec<ThresholdOutcome>,
    /// Scenarios that were not scored, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Runs that broke off, with the reason.
    pub broken: BTreeMap<String, String>,
    /// Wall time of running and scoring.
    pub wall: Duration,
}

impl ScoreReport {
    /// Thresholds that were missed.
    pub fn missed(&self) -> impl Iterator<Item = &ThresholdOutcome> {
        self.thresholds.iter().filter(|outcome| !outcome.met)
    }

    fn heading(&self) -> String {
        let skipped = if self.skipped.is_empty() { String::new() } else { format!(", {} skipped", self.skipped.len()) };
        let broken = if self.broken.is_empty() { String::new() } else { format!(", {} broken off", self.broken.len()) };
        let plural = if self.vector.scenarios == 1 { "" } else { "s" };
        format!("score of {} over {} scenario{plural}{skipped}{broken}", self.stack, self.vector.scenarios)
    }

    /// Exceptions as people see them: of each measure the first few, then how many more there are.
    fn exceptions(&self) -> Vec<(String, String)> {
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rows = Vec::new();
        for exception in &self.vector.exceptions {
            let count = shown.entry(&exception.measure).or_default();
            *count += 1;
            let of_measure = self.vector.exceptions.iter().filter(|other| other.measure == exception.measure).count();
            let at = if exception.scenario.is_empty() { String::new() } else { format!("{}: ", exception.scenario) };
            match *count {
                n if n <= SHOWN => rows.push((exception.measure.clone(), format!("{at}{}", exception.what))),
                n if n == SHOWN + 1 => {
                    rows.push((exception.measure.clone(), format!("and {} more", of_measure - SHOWN)));
                }
                _ => {}
            }
        }
        rows
    }
}

/// The table, for a terminal.
pub fn table(report: &ScoreReport, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.apply(Tone::Strong, &report.heading()));
    let rows = rows(&report.vector);
    let name = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let single = rows.iter().filter(|row| row.values.len() == 1).map(|row| row.values[0].len());
    let value = single.max().unwrap_or_default();
    let mut area = "";
    for row in &rows {
        if row.area() != area {
            area = row.area();
            text.push('\n');
        }
        let shown = match &row.values[..] {
            [one] => format!("{one:>value$}"),
            several => several.join("  "),
        };
        let shown = if row.is_measured { shown } else { paint.apply(Tone::Faint, &shown) };
        let _ = writeln!(text, "{:name$}  {shown}  {}", row.name, paint.apply(Tone::Faint, row.basis));
    }
    let exceptions = report.exceptions();
    if !exceptions.is_empty() {
        let _ = writeln!(text, "\n{}", paint.apply(Tone::Strong, "behind these numbers"));
        for (measure, what) in exceptions {
            let _ = writeln!(text, "  {} {what}", paint.apply(Tone::Doubtful, &measure));
        }
    }
    left_out(&mut text, report, paint);
    if !report.thresholds.is_empty() {
        text.push('\n');
        for outcome in &report.thresholds {
            let (word, tone) = if outcome.met { ("met   ", Tone::Good) } else { ("MISSED", Tone::Bad) };
            let _ = writeln!(text, "{} {}: {}", paint.apply(tone, word), outcome.threshold, value_of(outcome));
        }
    }
    text
}

fn left_out(text: &mut String, report: &ScoreReport, paint: Paint) {
    let lines = [("SKIP", &report.skipped), ("BROKEN OFF", &report.broken)];
    if lines.iter().any(|(_, scenarios)| !scenarios.is_empty()) {
        text.push('\n');
    }
    for (word, scenarios) in lines {
        for (id, why) in scenarios {
            let _ = writeln!(text, "{} {id}: {why}", paint.apply(Tone::Doubtful, word));
        }
    }
}

fn value_of(outcome: &ThresholdOutcome) -> String {
    match outcome.value {
        Some(_) => spell(outcome.value, outcome.unit),
        None => "not measured".to_owned(),
    }
}

/// A line for people: a measure, or the percentiles of one thing.
struct Row<'a> {
    name: &'a str,
    values: Vec<String>,
    is_measured: bool,
    basis: &'a str,
}

impl Row<'_> {
    /// What it is about: rows of one area stand together.
    fn area(&self) -> &str {
        match self.name.split('.').next().unwrap_or_default() {
            "precision" | "look_alikes" | "duplicates" => "false_alerts",
            area => area,
        }
    }
}

/// The measures as people read them: `.p50`, `.p95` and `.max` of one thing on one line.
fn rows(vector: &Vector) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for measure in &vector.measures {
        let percentile =
            [".p50", ".p95", ".max"].iter().find_map(|end| Some((measure.name.strip_suffix(end)?, &end[1..])));
        let (name, value) = match percentile {
            Some((stem, which)) => (stem, format!("{which} {}", measure.spelled())),
            None => (measure.name.as_str(), measure.spelled()),
        };
        match rows.last_mut().filter(|row| row.name == name) {
            Some(row) => row.values.push(value),
            None => rows.push(Row {
                name,
                values: vec![value],
                is_measured: measure.value.is_some(),
                basis: &measure.basis,
            }),
        }
    }
    rows
}

/// The page of a CI job, in the Markdown that GitHub and GitLab share.
pub fn markdown(report: &ScoreReport) -> String {
    let mut page = format!("### {}\n\n", escaped(&report.heading()));
    if !report.thresholds.is_empty() {
        page.push_str("| threshold | measured | |\n|---|--:|---|\n");
        for outcome in &report.thresholds {
            let word = if outcome.met { "met" } else { "**missed**" };
            let _ = writeln!(page, "| `{}` | {} | {word} |", outcome.threshold, value_of(outcome));
        }
        page.push('\n');
    }
    page.push_str("| measure | value | rests on |\n|---|--:|---|\n");
    for row in rows(&report.vector) {
        let _ = writeln!(page, "| `{}` | {} | {} |", row.name, row.values.join(", "), escaped(row.basis));
    }
    let exceptions = report.exceptions();
    if !exceptions.is_empty() {
        page.push_str("\nBehind these numbers:\n\n");
        for (measure, what) in exceptions {
            let _ = writeln!(page, "- `{measure}` {}", escaped(&what));
        }
    }
    let left_out = report.skipped.iter().chain(&report.broken);
    for (index, (id, why)) in left_out.enumerate() {
        if index == 0 {
            page.push_str("\n| not scored, or broken off | because |\n|---|---|\n");
        }
        let _ = writeln!(page, "| {} | {} |", escaped(id), escaped(why));
    }
    page
}

/// The form for programs: stable; wall-clock values stand under keys that begin `wall_`.
pub fn json(report: &ScoreReport) -> String {
    let left_out = |scenarios: &BTreeMap<String, String>| -> Value {
        scenarios.iter().map(|(id, why)| json!({ "id": id, "reason": why })).collect()
    };
    let measure = |measure: &Measure| json!({ "name": measure.name, "value": measure.value, "unit": measure.unit.name(), "basis": measure.basis });
    let exceptions = &report.vector.exceptions;
    let value = json!({
        "version": VERSION,
        "conformance": crate::VERSION,
        "stack": report.stack,
        "wall_ms": report.wall.as_millis() as u64,
        "scenarios": report.vector.scenarios,
        "skipped": left_out(&report.skipped),
        "broken_off": left_out(&report.broken),
        "measures": report.vector.measures.iter().map(measure).collect::<Vec<_>>(),
        "exceptions": exceptions.iter()
            .map(|e| json!({ "measure": e.measure, "scenario": e.scenario, "what": e.what })).collect::<Vec<_>>(),
        "thresholds": report.thresholds.iter()
            .map(|o| json!({ "threshold": o.threshold, "value": o.value, "met": o.met })).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::example::Example;
    use crate::score::{add_up, part, thresholds};

    fn example() -> ScoreReport {
        let mut run = Example::travel();
        run.record("b1", "day 1 09:00", "bob");
        run.poll("day 1 11:00", &["b1"]).event("b1", "day 1 11:00");
        run.alert("a2", "impossible_travel", "day 1 11:00", &["b1"], "bob");
        run.call("day 1 11:00", "suspend", "bob");
        let vector = add_up(&[part(&run.facts())], None);
        let asked = ["recall >= 1.0", "governance.blast_radius == 0", "stability.relations >= 1.0"];
        let asked: Vec<_> = asked.iter().map(|text| thresholds::read(text, &run.declares).unwrap()).collect();
        ScoreReport {
            stack: "reference".to_owned(),
            thresholds: thresholds::hold(&vector, &asked),
            vector,
            skipped: [("limits/a-day-of-quota".to_owned(), "needs virtual time".to_owned())].into(),
            broken: BTreeMap::new(),
            wall: Duration::from_millis(1_234),
        }
    }

    #[test]
    fn a_table_shows_every_measure_what_is_behind_it_and_what_was_missed() {
        insta::assert_snapshot!(table(&example(), Paint::Plain), @r"
        score of reference over 1 scenario, 1 skipped

        recall                           1.00  1 of 1 alerts owed
        recall.by_severity               1.00  the same, weighted by severity
        recall.lower_bound               0.20  95 % sure that it is no less, if these were drawn by chance
        recall.impossible_travel         1.00  1 of 1

        precision                        0.50  1 of 2 alerts that are owed or false
        false_alerts                        1  alerts that rest on no attack, or that a scenario forbids
        false_alerts.per_1000_user_days  1000  1 in 1 user-days without an attack
        look_alikes.silent                  -  0 of 0 scenarios in which nothing was to be found
        duplicates.per_alert             0.00  0 second alerts to 1

        time_to_detect                   p50 20m  p95 20m  max 20m  from the event that decides to the alert, simulated time
        time_to_detect.vendor            p50 0s  p95 0s  max 0s  until the vendor showed it
        time_to_detect.waiting           p50 0s  p95 0s  max 0s  until it could be decided that something did not happen
        time_to_detect.fault             p50 0s  p95 0s  max 0s  until the scenario's faults let it be read
        time_to_detect.poll              p50 20m  p95 20m  max 20m  until the stack had read it
        time_to_detect.processing        p50 0s  p95 0s  max 0s  until the alert

        evidence.fields                  0.35  6 of 17 required fields
        evidence.recall                     -  0 of 0 events of the episodes are cited
        evidence.precision                  -  0 of 0 events cited are of the episode

        stability.relations                 -  not measured: give the report of `conformance relations` with --relations FILE
        stability.same_input                -  not measured: give two runs of one seed

        ingestion.complete               1.00  3 of 3 records that had to be taken in
        ingestion.copies                    0  events reported twice

        governance.owed_done             1.00  1 of 1 actions ordered
        governance.blast_radius             1  of 2 users acted on, those without a `must` episode
        governance.unexpected               1  calls that nothing allows
        governance.repeated                 0  calls that did again what was done
        governance.early                    0  calls made before their alert
        governance.misreported              1  deeds claimed and not done, or done and not claimed

        cost.calls_per_1000_events       5667  17 calls, 3 events read
        cost.refused                        0  calls refused by the vendors' own limits

        behind these numbers
          false_alerts travel/example: impossible_travel about bob
          evidence.fields missing in 1 of 1 alerts: AS number, ATT&CK version, confidence, country, detected time, first event time, last event time, policy version, reason in numbers, source address, technique
          governance.blast_radius travel/example: suspend of bob

        SKIP limits/a-day-of-quota: needs virtual time

        met    recall >= 1.0: 1.00
        MISSED governance.blast_radius == 0: 1
        MISSED stability.relations >= 1.0: not measured
        ");
    }

    #[test]
    fn the_page_begins_with_the_thresholds() {
        insta::assert_snapshot!(markdown(&example()), @r"
        ### score of reference over 1 scenario, 1 skipped

        | threshold | measured | |
        |---|--:|---|
        | `recall >= 1.0` | 1.00 | met |
        | `governance.blast_radius == 0` | 1 | **missed** |
        | `stability.relations >= 1.0` | not measured | **missed** |

        | measure | value | rests on |
        |---|--:|---|
        | `recall` | 1.00 | 1 of 1 alerts owed |
        | `recall.by_severity` | 1.00 | the same, weighted by severity |
        | `recall.lower_bound` | 0.20 | 95 % sure that it is no less, if these were drawn by chance |
        | `recall.impossible_travel` | 1.00 | 1 of 1 |
        | `precision` | 0.50 | 1 of 2 alerts that are owed or false |
        | `false_alerts` | 1 | alerts that rest on no attack, or that a scenario forbids |
        | `false_alerts.per_1000_user_days` | 1000 | 1 in 1 user-days without an attack |
        | `look_alikes.silent` | - | 0 of 0 scenarios in which nothing was to be found |
        | `duplicates.per_alert` | 0.00 | 0 second alerts to 1 |
        | `time_to_detect` | p50 20m, p95 20m, max 20m | from the event that decides to the alert, simulated time |
        | `time_to_detect.vendor` | p50 0s, p95 0s, max 0s | until the vendor showed it |
        | `time_to_detect.waiting` | p50 0s, p95 0s, max 0s | until it could be decided that something did not happen |
        | `time_to_detect.fault` | p50 0s, p95 0s, max 0s | until the scenario's faults let it be read |
        | `time_to_detect.poll` | p50 20m, p95 20m, max 20m | until the stack had read it |
        | `time_to_detect.processing` | p50 0s, p95 0s, max 0s | until the alert |
        | `evidence.fields` | 0.35 | 6 of 17 required fields |
        | `evidence.recall` | - | 0 of 0 events of the episodes are cited |
        | `evidence.precision` | - | 0 of 0 events cited are of the episode |
        | `stability.relations` | - | not measured: give the report of \`conformance relations\` with --relations FILE |
        | `stability.same_input` | - | not measured: give two runs of one seed |
        | `ingestion.complete` | 1.00 | 3 of 3 records that had to be taken in |
        | `ingestion.copies` | 0 | events reported twice |
        | `governance.owed_done` | 1.00 | 1 of 1 actions ordered |
        | `governance.blast_radius` | 1 | of 2 users acted on, those without a \`must\` episode |
        | `governance.unexpected` | 1 | calls that nothing allows |
        | `governance.repeated` | 0 | calls that did again what was done |
        | `governance.early` | 0 | calls made before their alert |
        | `governance.misreported` | 1 | deeds claimed and not done, or done and not claimed |
        | `cost.calls_per_1000_events` | 5667 | 17 calls, 3 events read |
        | `cost.refused` | 0 | calls refused by the vendors' own limits |

        Behind these numbers:

        - `false_alerts` travel/example: impossible\_travel about bob
        - `evidence.fields` missing in 1 of 1 alerts: AS number, ATT&amp;CK version, confidence, country, detected time, first event time, last event time, policy version, reason in numbers, source address, technique
        - `governance.blast_radius` travel/example: suspend of bob

        | not scored, or broken off | because |
        |---|---|
        | limits/a-day-of-quota | needs virtual time |
        ");
    }

    #[test]
    fn programs_are_given_every_number_and_wall_time_on_its_own_line() {
        let text = json(&example());
        let rest: String = text.lines().filter(|line| !line.contains("\"wall_")).collect();
        let value: Value = serde_json::from_str(&rest).unwrap();
        assert_eq!(value["measures"].as_array().unwrap().len(), example().vector.measures.len());
        assert_eq!(value["thresholds"][1]["met"], false);
        assert_eq!(value["exceptions"].as_array().unwrap().len(), example().vector.exceptions.len());
    }
}
