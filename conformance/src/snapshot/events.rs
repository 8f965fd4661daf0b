//! Events taken in: the crowd's as counts, the script's one by one.
//!
//! Under the machine's clock the crowd is not told: its ids carry the machine's time, and where its history is cut hangs
//! on the hour at which the run began. What was lost of it is `ingest/lost-event`'s to find.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::contract::StackClock;
use crate::observe::Facts;
use crate::printable;
use crate::recording::TruthRecord;

use super::section;

/// Ids of one heap, in order.
type Ids<'f> = BTreeSet<&'f str>;

pub(super) fn render(facts: &Facts<'_>, clock: StackClock) -> String {
    let mut background: BTreeMap<(i64, &str, &str), Ids<'_>> = BTreeMap::new();
    let mut scripted = BTreeSet::new();
    let mut users: BTreeMap<(&str, &str), Ids<'_>> = BTreeMap::new();
    let mut unknown = BTreeSet::new();
    for taken in facts.taken.iter().filter(|taken| !taken.is_own_trouble()) {
        let event = &taken.event;
        let (app, log) = (event.tenant.as_str(), event.log.as_deref().unwrap_or("?"));
        match taken.record {
            _ if taken.is_user_row() => {
                users.entry((app, log)).or_default().insert(&event.uid);
            }
            None => {
                unknown.insert((app, log, event.uid.as_str()));
            }
            Some(record) => {
                let record = &facts.recording.truth[record];
                if !is_told(facts, record, clock) {
                } else if record.line.is_some() {
                    scripted.insert(order(record));
                } else {
                    let key = (facts.calendar.day_of(record.occurred), record.app.as_str(), record.log.as_str());
                    background.entry(key).or_default().insert(&record.event_id);
                }
            }
        }
    }
    let background = background.iter().map(|((day, app, log), ids)| format!("day {day}  {app}.{log}  {}", heap(ids)));
    let users =
        users.iter().map(|((app, log), ids)| format!("{}  {}", printable::line(&format!("{app}.{log}")), heap(ids)));
    let scripted = scripted.iter().map(|key| row(facts, key));
    let unknown = unknown.iter().map(|(app, log, id)| printable::line(&format!("{app}.{log}  {id}")).into_owned());
    let mut sections = vec![section("script", scripted.collect())];
    if clock == StackClock::Virtual {
        sections.push(section("background", background.collect()));
        sections.push(section("users", users.collect()));
    }
    // What no log ever held is a failure anyway; it gets a place only where it is needed.
    if unknown.len() > 0 {
        sections.push(section("of no log", unknown.collect()));
    }
    sections.join("\n\n")
}

/// Under the machine's clock, what followed upon the stack's own doing has the machine's time and stays out.
fn is_told(facts: &Facts<'_>, record: &TruthRecord, clock: StackClock) -> bool {
    clock == StackClock::Virtual || record.occurred < facts.recording.started
}

type Key<'f> = (simulator::time::SimTime, &'f str, &'f str, &'f str, &'f str, &'f str, Option<&'f str>, &'f str);

fn order(record: &TruthRecord) -> Key<'_> {
    let step = record.step.as_deref();
    (record.occurred, &record.app, &record.log, &record.actor, &record.verb, &record.outcome, step, &record.event_id)
}

fn row(facts: &Facts<'_>, (at, app, log, actor, verb, outcome, step, _): &Key<'_>) -> String {
    let step = step.map(|step| format!("  #{step}")).unwrap_or_default();
    format!("{}  {app}.{log}  {actor}  {verb}  {outcome}{step}", facts.spell(*at))
}

/// How many, and a digest that changes with any of them.
fn heap(ids: &Ids<'_>) -> String {
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.as_bytes());
        hash.update(b"\n");
    }
    let digest = hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("{}  sha256 {digest}", ids.len())
}
