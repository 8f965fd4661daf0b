//! Time to detect, in simulated time, and who took it.
//!
//! ```text
//! it happens ──vendor──► it can be read ──waiting──► it can be decided ──poll──► the stack has read it ──processing──► the alert is read
//! ```
//!
//! What happens is the event that makes the definition true. A stack that needs several records has read them when it has
//! read the last.
//!
//! Most definitions wait for nothing. One that says that something did *not* happen for a while is decided when that while
//! is over and no record of it can come any more, as late as the stack declares: the first poll after that has read it.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::time::SimTime;

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::owed::Owed;
use crate::observe::served::succeeded;
use crate::recording::TruthRecord;

use super::matching::Slot;

/// How long one alert took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// From the event until the vendor showed it.
    pub vendor: Duration,
    /// From then until the definition could be decided.
    pub waiting: Duration,
    /// From then until the stack had read it.
    pub poll: Duration,
    /// From then until the harness read the alert.
    pub processing: Duration,
}

impl Delay {
    /// All of it.
    pub fn total(self) -> Duration {
        self.vendor + self.waiting + self.poll + self.processing
    }
}

/// How long the alert took that answers a `must`; none under the machine's clock, or where nobody can say which events
/// decided.
pub fn delay(facts: &Facts<'_>, slot: &Slot<'_>) -> Option<Delay> {
    let alert = &facts.alerts[slot.alert?];
    if !facts.has_deadlines() {
        return None;
    }
    let decided = decided(facts, slot, alert)?;
    let detected = alert.created();
    let available = decided.available.min(detected);
    let decidable = decided.decidable.clamp(available, detected);
    let read = |record: &usize| match decided.decidable > decided.available {
        true => log_read(facts, *record, decidable),
        false => first_read(facts, *record),
    };
    let read = decided.records.iter().filter_map(read).max();
    let read = read.unwrap_or(detected).clamp(decidable, detected);
    Some(Delay {
        vendor: available.since(decided.happened),
        waiting: decidable.since(available),
        poll: read.since(decidable),
        processing: detected.since(read),
    })
}

/// What decided on an alert.
struct Decided {
    /// When it happened.
    happened: SimTime,
    /// When all of it could be read.
    available: SimTime,
    /// When nothing could change it any more.
    decidable: SimTime,
    /// The records: places in the truth.
    records: Vec<usize>,
}

fn decided(facts: &Facts<'_>, slot: &Slot<'_>, alert: &AlertFact) -> Option<Decided> {
    let person = slot.wanted.person.as_deref();
    let rests_on = |owed: &&Owed| alert.evidence.iter().any(|id| owed.evidence.contains(id));
    let derived = facts.owed.iter().flatten().filter(|owed| facts.answers(slot.wanted.written, person, owed));
    if let Some(owed) = derived.filter(rests_on).min_by_key(|owed| owed.available_at) {
        return Some(Decided {
            happened: owed.decided_at,
            available: owed.available_at - owed.waits,
            decidable: facts.decidable_at(owed),
            records: owed.deciding.iter().filter_map(|(app, id)| facts.truth.find(app, None, id)).collect(),
        });
    }
    let needed = facts.needed(&slot.wanted);
    let available = needed.iter().map(|record| record.available).max()?;
    let place = |record: &&TruthRecord| facts.truth.find(&record.app, Some(&record.log), &record.event_id);
    Some(Decided {
        happened: needed.iter().map(|record| record.occurred).max()?,
        available,
        decidable: available,
        records: needed.iter().filter_map(place).collect(),
    })
}

/// When the stack had first read the log of a record up to a moment after it.
fn log_read(facts: &Facts<'_>, record: usize, until: SimTime) -> Option<SimTime> {
    let TruthRecord { app, log, .. } = &facts.recording.truth[record];
    let of_log = |entry: &&Entry| {
        let page = entry.notes.page.as_ref().and_then(|page| page.log.as_ref());
        entry.app == *app && page == Some(log) && succeeded(entry, facts.declares)
    };
    facts.recording.journal.iter().filter(of_log).map(|entry| entry.ended).filter(|ended| *ended >= until).min()
}

/// When a record first reached the stack.
fn first_read(facts: &Facts<'_>, record: usize) -> Option<SimTime> {
    facts.served.exchanges(record).iter().map(|exchange| facts.recording.journal[*exchange].ended).min()
}

/// The value below which so many per cent of the sorted lie: the smallest that is not exceeded by more.
pub fn percentile(sorted: &[Duration], per_cent: usize) -> Option<Duration> {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::StackClock;
    use crate::observe::example::Example;
    use crate::score::matching::matched;

    fn delays(run: &Example) -> Vec<Delay> {
        let facts = run.facts();
        matched(&facts).iter().filter_map(|slot| delay(&facts, slot)).collect()
    }

    fn minutes(m: u64) -> Duration {
        Duration::from_secs(60 * m)
    }

    #[test]
    fn each_part_of_the_time_is_told_from_the_others() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.recording.truth[1].available = run.at("day 1 09:43");
        run.alert("a1", "impossible_travel", "day 1 10:05", &["e1", "e2"], "alice");
        let [delay] = delays(&run)[..] else { panic!("one alert") };
        assert_eq!((delay.vendor, delay.poll, delay.processing), (minutes(3), minutes(17), minutes(5)));
        assert_eq!(delay.total(), minutes(25));
    }

    /// What happened at 9:40 is decided at 10:55: a quarter of an hour, and an hour for what comes late.
    #[test]
    fn what_a_definition_waits_for_is_told_from_what_the_stack_takes() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.alert("a1", "impossible_travel", "day 1 11:02", &["e1", "e2"], "alice");
        let at = run.at("day 1 09:40");
        let mut facts = run.facts();
        facts.owed = Some(vec![Owed {
            policy: "impossible_travel".to_owned(),
            actor: "alice".to_owned(),
            app: None,
            evidence: vec!["e1".to_owned(), "e2".to_owned()],
            decided_at: at,
            deciding: vec![("miro".to_owned(), "e2".to_owned())],
            available_at: at + minutes(15),
            waits: minutes(15),
            attack: None,
        }]);
        let slots = matched(&facts);
        let delay = delay(&facts, &slots[0]).unwrap();
        assert_eq!(
            (delay.vendor, delay.waiting, delay.poll, delay.processing),
            (minutes(0), minutes(75), minutes(5), minutes(2))
        );
    }

    #[test]
    fn nothing_is_measured_under_the_machines_clock() {
        let mut run = Example::travel();
        run.declares.clock = StackClock::Wall;
        assert_eq!(delays(&run), []);
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<Duration> = (1..=20).map(minutes).collect();
        for (per_cent, expected) in [(50, 10), (95, 19), (100, 20), (0, 1)] {
            assert_eq!(percentile(&values, per_cent), Some(minutes(expected)), "{per_cent}");
        }
        assert_eq!(percentile(&[], 50), None);
    }
}
