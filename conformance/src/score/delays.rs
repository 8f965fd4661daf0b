//! Time to detect, in simulated time, and who took it.
//!
//! ```text
//! it happens ──vendor──► it can be read ──poll──► the stack has read it ──processing──► the alert is read
//! ```
//!
//! What happens is the event that makes the definition true. A stack that needs several records has read them when it has
//! read the last.
//!
//! # Sources
//! detections.md 8.3 (time to detect = vendor delay + poll wait + processing).

use std::time::Duration;

use simulator::time::SimTime;

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::owed::Owed;

use super::matching::Slot;

/// How long one alert took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// From the event until the vendor showed it.
    pub vendor: Duration,
    /// From then until the stack had read it.
    pub poll: Duration,
    /// From then until the harness read the alert.
    pub processing: Duration,
}

impl Delay {
    /// All of it.
    pub fn total(self) -> Duration {
        self.vendor + self.poll + self.processing
    }
}

/// How long the alert took that answers a `must`; none under the machine's clock, or where nobody can say which events
/// decided.
pub fn delay(facts: &Facts<'_>, slot: &Slot<'_>) -> Option<Delay> {
    let alert = &facts.alerts[slot.alert?];
    if !facts.has_deadlines() {
        return None;
    }
    let (happened, available, deciding) = decided(facts, slot, alert)?;
    let detected = alert.created();
    let read = deciding.iter().filter_map(|record| first_read(facts, *record)).max();
    let available = available.min(detected);
    let read = read.unwrap_or(detected).clamp(available, detected);
    Some(Delay { vendor: available.since(happened), poll: read.since(available), processing: detected.since(read) })
}

/// When what decided happened, when it could be read, and which records those are.
fn decided(facts: &Facts<'_>, slot: &Slot<'_>, alert: &AlertFact) -> Option<(SimTime, SimTime, Vec<usize>)> {
    let person = slot.wanted.person.as_deref();
    let rests_on = |owed: &&Owed| alert.evidence.iter().any(|id| owed.evidence.contains(id));
    let derived = facts.owed.iter().flatten().filter(|owed| facts.answers(slot.wanted.written, person, owed));
    if let Some(owed) = derived.filter(rests_on).min_by_key(|owed| owed.available_at) {
        let records = owed.deciding.iter().filter_map(|(app, id)| facts.truth.find(app, None, id)).collect();
        return Some((owed.decided_at, owed.available_at, records));
    }
    let needed = facts.needed(&slot.wanted);
    let happened = needed.iter().map(|record| record.occurred).max()?;
    let available = needed.iter().map(|record| record.available).max()?;
    let place =
        |record: &crate::recording::TruthRecord| facts.truth.find(&record.app, Some(&record.log), &record.event_id);
    Some((happened, available, needed.into_iter().filter_map(place).collect()))
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
