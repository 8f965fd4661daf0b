//! Time to detect, in simulated time, and who took it.
//!
//! ```text
//! it happens ──vendor──► it can be read ──waiting──► it can be decided ──fault──► nothing keeps the stack ──poll──►
//!     the stack has read it ──processing──► the alert is read
//! ```
//!
//! What happens is the event that makes the definition true. A stack that needs several records has read them when it has
//! read the last. A page is not read if the stack was killed before it asked again.
//!
//! Most definitions wait for nothing. One that says that something did *not* happen for a while is decided when that while
//! is over and no record of it can come any more, as late as the stack declares: the first poll after that has read it.
//!
//! The clock of the stack's own delay starts when the scenario last kept it from reading that log
//! ([`hindrance`](crate::observe::hindrance)): how long an outage lasts says nothing of a stack, how soon it reads when the
//! outage is over says much. What was before, the usual wait for a poll too, is then the fault's.
//!
//! # Not told apart
//! Faults between the reading and the alert: they are in `processing`.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::time::SimTime;

use crate::observe::Facts;
use crate::observe::alerts::AlertFact;
use crate::observe::due::outlived;
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
    /// From then until the scenario's faults last kept the stack from reading it: nothing where they did not.
    pub fault: Duration,
    /// From then until the stack had read it.
    pub poll: Duration,
    /// From then until the harness read the alert.
    pub processing: Duration,
}

impl Delay {
    /// All of it.
    pub fn total(self) -> Duration {
        self.vendor + self.waiting + self.fault + self.poll + self.processing
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
    let reads = decided.records.iter().filter_map(|record| Some((read(record)?, *record)));
    let (read, last) = reads.max().map_or((detected, None), |(read, record)| (read, Some(record)));
    let read = read.clamp(decidable, detected);
    let kept = last.or(decided.records.first().copied()).map_or(decidable, |record| {
        let TruthRecord { app, log, .. } = &facts.recording.truth[record];
        facts.kept_until(app, log, decidable, read)
    });
    Some(Delay {
        vendor: available.since(decided.happened),
        waiting: decidable.since(available),
        fault: kept.since(decidable),
        poll: read.since(kept),
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

/// When a record first reached the stack, and it lived to take it in.
fn first_read(facts: &Facts<'_>, record: usize) -> Option<SimTime> {
    let exchanges = facts.served.exchanges(record).iter().filter(|exchange| outlived(facts, **exchange));
    exchanges.map(|exchange| facts.recording.journal[*exchange].ended).min()
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

    /// The record can be read at 9:40, and the alert comes with the poll that reads it.
    #[test]
    fn what_a_fault_takes_is_told_from_what_the_stack_takes() {
        /// What happens before the poll.
        type Bend = fn(&mut Example);
        #[rustfmt::skip]
        let cases: [(&str, Bend, &str, u64, u64); 6] = [
            // what                              bend                                       read           fault poll
            ("nothing went wrong",               |_| {},                                    "day 1 10:00", 0,    20),
            ("a fault that met nobody",          |run| { run.fault("error", 0); },          "day 1 10:00", 0,    20),
            ("two polls were refused",           |run| refused(run, &["10:00", "11:00"]),   "day 1 12:00", 80,   60),
            ("refused, and it asks hours later", |run| refused(run, &["10:00"]),            "day 1 15:00", 20,   300),
            ("refused before it was there",      |run| refused(run, &["09:00"]),            "day 1 10:00", 0,    20),
            ("the process was not there",        |run| { run.wiped("day 1 09:50"); },       "day 1 10:30", 20,   30),
        ];
        for (what, bend, read, fault, poll) in cases {
            let mut run = Example::travel();
            run.recording.report.truncate(2);
            run.recording.journal.clear();
            bend(&mut run);
            run.poll(read, &["e1", "e2"]);
            run.alert("a1", "impossible_travel", read, &["e1", "e2"], "alice");
            let [delay] = delays(&run)[..] else { panic!("{what}: one alert") };
            assert_eq!((delay.fault, delay.poll), (minutes(fault), minutes(poll)), "{what}");
            assert_eq!(delay.total(), run.at(read).since(run.at("day 1 09:40")), "{what}");
        }
    }

    /// Requests for the log at these hours of day 1 are refused by a fault.
    fn refused(run: &mut Example, hours: &[&str]) {
        for hour in hours {
            let fault = run.fault("error", 1);
            run.exchange("miro.audit_log", &format!("day 1 {hour}"), 503).fault = Some(fault);
        }
    }

    #[test]
    fn a_page_that_the_stack_did_not_outlive_is_not_read() {
        let mut run = Example::travel();
        run.recording.report.truncate(2);
        run.recording.journal.retain(|entry| entry.at <= run.recording.started + minutes(600));
        run.wiped("day 1 10:00").poll("day 1 10:15", &["e1", "e2"]);
        run.alert("a1", "impossible_travel", "day 1 10:15", &["e1", "e2"], "alice");
        let [delay] = delays(&run)[..] else { panic!("one alert") };
        assert_eq!((delay.fault, delay.poll, delay.processing), (minutes(30), minutes(5), minutes(0)));
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
