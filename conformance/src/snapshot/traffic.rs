//! The conversation: requests by day and route, and one by one those that were refused or met a fault.

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
}

pub(super) fn render(facts: &Facts<'_>) -> String {
    let mut days: BTreeMap<(i64, &str, &str), Tally> = BTreeMap::new();
    let mut trouble: Vec<_> = Vec::new();
    for entry in &facts.recording.journal {
        let key = (facts.calendar.day_of(entry.at), entry.route.as_str(), entry.method.as_str());
        days.entry(key).or_default().add(entry);
        if entry.fault.is_some() || entry.status.is_none_or(|status| status >= 400) {
            trouble.push((entry.at, &entry.app, &entry.route, row(facts, entry)));
        }
    }
    trouble.sort();
    let days =
        days.iter().map(|((day, route, method), tally)| format!("day {day}  {route}  {method}  {}", tally.row()));
    let trouble = trouble.into_iter().map(|(.., row)| row);
    [section("requests", days.collect()), section("refused or faulted", trouble.collect())].join("\n\n")
}

impl Tally {
    fn add(&mut self, entry: &Entry) {
        self.requests += 1;
        *self.statuses.entry(status(entry)).or_default() += 1;
        if let Some(page) = &entry.notes.page {
            self.pages += 1;
            self.records += page.served.len();
        }
    }

    fn row(&self) -> String {
        let statuses: Vec<String> = self.statuses.iter().map(|(status, count)| format!("{status} x{count}")).collect();
        let pages = match self.pages {
            0 => String::new(),
            pages => format!("  {pages} page(s) with {} record(s)", self.records),
        };
        format!("{} request(s)  {}{pages}", self.requests, statuses.join(", "))
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
