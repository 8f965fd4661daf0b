//! The conversation: requests by day and route, deliveries likewise, and one by one those that were refused or met a
//! fault.

use std::collections::BTreeMap;

use simulator::journal::Entry;

use crate::observe::Facts;

use super::section;

#[derive(Default)]
struct Tally {
    requests: usize,
    statuses: BTreeMap<String, usize>,
    pages: usize,
    records: usize,
    events: usize,
}

pub(super) fn render(facts: &Facts<'_>) -> String {
    let mut requests = Days::new();
    let mut deliveries = Days::new();
    let mut trouble: Vec<_> = Vec::new();
    for entry in &facts.recording.journal {
        let key = (facts.calendar.day_of(entry.at), entry.route.as_str(), entry.method.as_str());
        let days = if entry.notes.delivery.is_some() { &mut deliveries } else { &mut requests };
        days.entry(key).or_default().add(entry);
        if entry.fault.is_some() || entry.status.is_none_or(|status| status >= 400) {
            trouble.push((entry.at, &entry.app, &entry.route, row(facts, entry)));
        }
    }
    trouble.sort();
    let trouble = trouble.into_iter().map(|(.., row)| row);
    let mut sections = vec![section("requests", rows(&requests, "request(s)"))];
    if !deliveries.is_empty() {
        sections.push(section("deliveries", rows(&deliveries, "attempt(s)")));
    }
    sections.push(section("refused or faulted", trouble.collect()));
    sections.join("\n\n")
}

/// By day, route and method.
type Days<'f> = BTreeMap<(i64, &'f str, &'f str), Tally>;

fn rows(days: &Days<'_>, what: &str) -> Vec<String> {
    let row = |((day, route, method), tally): (&(i64, &str, &str), &Tally)| {
        format!("day {day}  {route}  {method}  {}", tally.row(what))
    };
    days.iter().map(row).collect()
}

impl Tally {
    fn add(&mut self, entry: &Entry) {
        self.requests += 1;
        *self.statuses.entry(status(entry)).or_default() += 1;
        self.events += entry.notes.delivery.as_ref().map_or(0, |delivery| delivery.events.len());
        if let Some(page) = &entry.notes.page {
            self.pages += 1;
            self.records += page.served.len();
        }
    }

    fn row(&self, what: &str) -> String {
        let statuses: Vec<String> = self.statuses.iter().map(|(status, count)| format!("{status} x{count}")).collect();
        let pages = match self.pages {
            0 => String::new(),
            pages => format!("  {pages} page(s) with {} record(s)", self.records),
        };
        let events = if self.events > 0 { format!("  with {} event(s)", self.events) } else { String::new() };
        format!("{} {what}  {}{pages}{events}", self.requests, statuses.join(", "))
    }
}

fn status(entry: &Entry) -> String {
    entry.status.map_or("no answer".to_owned(), |status| status.to_string())
}

fn row(facts: &Facts<'_>, entry: &Entry) -> String {
    let page = entry.notes.page.as_ref().map(|page| format!("  page {}", page.number)).unwrap_or_default();
    let fault = entry.fault.as_ref().map(|fault| format!("  fault {}", fault.kind)).unwrap_or_default();
    let pause = entry.retry_after_s.map(|s| format!("  wait {s} s")).unwrap_or_default();
    format!("{}  {}  {}  {}{page}{fault}{pause}", facts.spell(entry.at), entry.route, entry.method, status(entry))
}
