//! How facts read in a finding: one row each, times spelled as in scenarios.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::journal::Entry;
use simulator::time::{SimTime, spell_duration};

use crate::recording::{Recording, TruthRecord};

use super::Facts;
use super::alerts::AlertFact;
use super::governance::Deed;

/// Most rows of one kind in a finding.
pub const ROWS: usize = 12;

impl Facts<'_> {
    /// `day 1 09:40:00`.
    pub fn spell(&self, t: SimTime) -> String {
        self.calendar.spell(t)
    }

    /// `scenarios/x.yaml:12`.
    pub fn place(&self, line: u32) -> String {
        format!("{}:{line}", self.script.path.display())
    }

    /// `line 12 of the report`.
    pub fn report_line(&self, number: usize) -> String {
        format!("report line {number}")
    }

    /// The written line of the scenario, for people.
    pub fn written(&self, line: u32) -> String {
        let text = self.script.text.lines().nth((line.max(1) - 1) as usize).unwrap_or_default();
        let text = text.trim().trim_start_matches("- ");
        format!("{} {text}", self.place(line))
    }

    /// A record as it truly is.
    pub fn record_row(&self, record: &TruthRecord) -> String {
        let address = record.address.map(|a| format!(" from {a}")).unwrap_or_default();
        let attack = record.attack.as_ref().map(|a| format!(" (attack {a})")).unwrap_or_default();
        let late = match record.available.since(record.occurred) {
            Duration::ZERO => String::new(),
            late => format!(", readable {} later", spell_duration(Duration::from_millis(late.as_millis() as u64))),
        };
        format!(
            "{} {} {} {} in {}.{}{address}{attack}, id {}{late}",
            self.spell(record.occurred),
            record.actor,
            record.verb,
            record.outcome,
            record.app,
            record.log,
            record.event_id
        )
    }

    /// Rows of records, the first dozen.
    pub fn record_rows<'r>(&self, records: impl IntoIterator<Item = &'r TruthRecord>) -> Vec<String> {
        few(records.into_iter().map(|r| self.record_row(r)))
    }

    /// An alert as the stack reported it.
    pub fn alert_row(&self, alert: &AlertFact) -> String {
        let people: Vec<&str> = alert.people.iter().map(String::as_str).collect();
        let about =
            if people.is_empty() { format!("nobody known ({})", alert.named.join(", ")) } else { people.join(", ") };
        let updates = match alert.versions.len() {
            1 => String::new(),
            n => format!(", {} update(s)", n - 1),
        };
        format!(
            "{} alert {} about {about}, severity {}, citing {} event(s){updates} ({}, uid {})",
            self.spell(alert.created()),
            alert.policy,
            alert.severity,
            alert.evidence.len(),
            self.report_line(alert.versions[0].number),
            alert.uid
        )
    }

    /// An exchange.
    pub fn exchange_row(&self, entry: &Entry) -> String {
        let status = entry.status.map_or("no answer".to_owned(), |s| s.to_string());
        let fault = entry.fault.as_ref().map(|f| format!(", fault {} of {}", f.kind, self.place(f.line)));
        let pause = entry.retry_after_s.map(|s| format!(", told to wait {s} s"));
        let page = entry.notes.page.as_ref().map(|p| format!(", page {} with {} record(s)", p.number, p.served.len()));
        format!(
            "{} {} {} -> {status}{}{}{}",
            self.spell(entry.at),
            self.numbered(entry),
            entry.method,
            page.unwrap_or_default(),
            pause.unwrap_or_default(),
            fault.unwrap_or_default()
        )
    }

    /// A governance call.
    pub fn deed_row(&self, deed: &Deed) -> String {
        let outcome = match (deed.done, deed.answered) {
            (true, true) => "took effect",
            (true, false) => "took effect, its answer was lost",
            (false, _) => "took no effect",
        };
        let call = self.numbered(&self.recording.journal[deed.exchange]);
        format!("{} {call}: {} of {} in {}: {outcome}", self.spell(deed.at), deed.action, deed.upon(), deed.app)
    }

    /// `miro.audit_log #3`, the third request of this route: what several tasks ask at one instant arrives in any order, but
    /// the requests of one route come one after the other.
    fn numbered(&self, entry: &Entry) -> String {
        format!("{} #{}", entry.route, self.nth.get(&entry.seq).copied().unwrap_or_default())
    }
}

/// The how-manieth of its route each exchange is, from 1, by its number.
pub(super) fn nth(recording: &Recording) -> BTreeMap<u64, usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut nth = BTreeMap::new();
    for entry in &recording.journal {
        let so_far = counts.entry(&entry.route).or_default();
        *so_far += 1;
        nth.insert(entry.seq, *so_far);
    }
    nth
}

/// The first dozen rows, and how many more there are.
pub fn few(rows: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<String> = rows.into_iter().collect();
    if rows.len() > ROWS {
        let more = rows.len() - ROWS;
        rows.truncate(ROWS);
        rows.push(format!("… and {more} more"));
    }
    rows
}

/// Lines that are shown of what a process complained of.
const LAST_WORDS: usize = 5;

/// What the stack's processes complained of last: where nobody was asked it usually says why.
pub(crate) fn last_words(facts: &Facts<'_>) -> Vec<String> {
    let complaints = facts.recording.outputs.iter().filter(|output| output.name.ends_with("stderr"));
    let last = complaints.flat_map(|output| {
        let lines: Vec<&str> = output.text.lines().filter(|line| !line.trim().is_empty()).collect();
        let from = lines.len().saturating_sub(LAST_WORDS);
        lines[from..].iter().map(|line| format!("{}: {line}", output.name)).collect::<Vec<_>>()
    });
    last.collect()
}
