//! How a score reads: a table for people, Markdown for a job's summary, JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::report::markdown::escaped;
use crate::report::paint::{Paint, Tone};

use super::thresholds::{Outcome, spell};
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
    pub thresholds: Vec<Outcome>,
    /// Scenarios that were not scored, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Runs that broke off, with the reason.
    pub broken: BTreeMap<String, String>,
    /// Wall time of running and scoring.
    pub wall: Duration,
}

impl ScoreReport {
    /// Thresholds that were missed.
    pub fn missed(&self) -> impl Iterator<Item = &Outcome> {
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
                    rows.push((exception.measure.clone(), format!("and {} more", of_measure - SHOWN)))
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

fn value_of(outcome: &Outcome) -> String {
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
        "conformance": env!("CARGO_PKG_VERSION"),
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
        insta::assert_snapshot!(table(&example(), Paint::Plain));
    }

    #[test]
    fn the_page_begins_with_the_thresholds() {
        insta::assert_snapshot!(markdown(&example()));
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
