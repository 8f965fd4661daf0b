//! Logs that come by a webhook and in no other way: nobody can ask for them, and their events have no ids.
//!
//! A stack makes up ids of its own for such events. Which record each is a copy of is told by what it says: the second,
//! the person, the address. Two records that say the same are one to every stack.
//!
//! What had to be taken in is told by the deliveries:
//!
//! - What the stack answered 2xx is its own from then on, whatever became of its process, and whether the vendor heard
//!   the answer or not.
//! - What the vendor gave up was lost by the stack, unless a fault or a stop of the scenario's lay behind any of the
//!   attempts.
//! - What was never delivered, or is still to be tried again at the end, is not due. That a stack never subscribed is
//!   `capability/missing`.
//!
//! # Sources
//! `docs/src/faults.md`: hook-ack-before-store, hook-duplicate-delivery, hook-lost-while-down.

use std::collections::{BTreeMap, BTreeSet};

use simulator::journal::Entry;
use simulator::scenario::Scenario;
use simulator::time::SimTime;
use simulator::vendors;

use crate::contract::Said;
use crate::contract::event::{APPLICATION_ERROR, AUTHENTICATION, USER_INVENTORY};
use crate::contract::{Event, Principal};
use crate::recording::{ProcessWhat, Recording, TruthRecord};

use super::due::Why;
use super::people::People;
use super::served::STILL_GOOD;
use super::truth::Truth;
use super::{Facts, Heard, said};

/// Which logs of a scenario come by deliveries alone: instance and log.
#[derive(Clone, Debug, Default)]
pub struct ByWebhook(BTreeSet<(String, String)>);

impl ByWebhook {
    /// Those of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let logs = scenario.apps.iter().flat_map(|app| {
            let spec = vendors::spec(app.vendor);
            let only_way = |log: &str| spec.webhooks.is_some_and(|w| w.are_the_only_way(log, app.profile));
            let logs = spec.feeds.iter().map(|feed| feed.name).filter(move |log| only_way(log));
            logs.map(|log| (app.name.clone(), log.to_owned()))
        });
        Self(logs.collect())
    }

    /// Every one of them.
    pub fn logs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(app, log)| (app.as_str(), log.as_str()))
    }

    /// Whether an instance has one.
    pub fn comes_from(&self, app: &str) -> bool {
        self.logs().any(|(name, _)| name == app)
    }

    /// Whether a record stands in one.
    pub fn is_of(&self, record: &TruthRecord) -> bool {
        self.logs().any(|log| log == (record.app.as_str(), record.log.as_str()))
    }

    /// Whether an event is said to be an entry of one.
    fn may_hold(&self, event: &Event) -> bool {
        let is_entry = !matches!(event.class, Some(USER_INVENTORY | APPLICATION_ERROR));
        let mut logs = self.logs().filter(|(app, _)| *app == event.tenant);
        is_entry && logs.any(|(_, log)| event.log.as_deref().is_none_or(|named| named == log))
    }

    /// The ids that the stack has made up, where the judge does not know them: instance, id, and the record that is meant.
    /// Of records that fit equally well each is given to one id, as long as there are some left.
    pub(super) fn names(
        &self,
        heard: &[Heard],
        recording: &Recording,
        people: &People,
        truth: &Truth,
    ) -> Vec<(String, String, usize)> {
        let mut at_second: BTreeMap<(&str, i64), Vec<usize>> = BTreeMap::new();
        for (index, record) in recording.truth.iter().enumerate().filter(|(_, r)| self.is_of(r)) {
            at_second.entry((&record.app, record.occurred.s())).or_default().push(index);
        }
        let mut given: BTreeSet<usize> = BTreeSet::new();
        let mut names: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let events = said(heard).filter_map(|(_, said)| if let Said::Event(event) = said { Some(event) } else { None });
        for event in events.filter(|event| self.may_hold(event)) {
            let key = (event.tenant.as_str(), event.uid.as_str());
            if names.contains_key(&key) || truth.find(key.0, event.log.as_deref(), key.1).is_some() {
                continue;
            }
            let then = at_second.get(&(key.0, event.time.s())).into_iter().flatten().copied();
            let mine = then.filter(|record| fits(event, &recording.truth[*record], people));
            // What it says comes first: the second copy of one record is no copy of another that nobody has reported.
            let best =
                mine.min_by_key(|record| (strangeness(event, &recording.truth[*record]), given.contains(record)));
            if let Some(record) = best {
                given.insert(record);
                names.insert(key, record);
            }
        }
        names.into_iter().map(|((app, uid), record)| (app.to_owned(), uid.to_owned(), record)).collect()
    }
}

/// Every attempt to deliver an event, by instance and event id: places in [`Recording::journal`].
#[derive(Clone, Debug, Default)]
pub struct Attempts(BTreeMap<(String, String), Vec<usize>>);

impl Attempts {
    pub(super) fn new(recording: &Recording) -> Self {
        let mut attempts = Self::default();
        for (index, entry) in recording.journal.iter().enumerate() {
            for id in entry.notes.delivery.iter().flat_map(|delivery| &delivery.events) {
                attempts.0.entry((entry.app.clone(), id.clone())).or_default().push(index);
            }
        }
        attempts
    }
}

/// Whether an event can be a copy of a record of the same second.
fn fits(event: &Event, record: &TruthRecord, people: &People) -> bool {
    let Principal { uids, emails } = &event.actor;
    // What an integration did is recorded in its own name.
    let nobody_named = uids.is_empty() && emails.is_empty() || record.by_the_stack;
    let of_that_person = || people.find(&event.actor, Some(&event.tenant)).contains(&record.actor);
    let from_there = event.address.zip(record.address).is_none_or(|(told, there)| told == there.to_canonical());
    from_there && (nobody_named || of_that_person())
}

/// In how much an event contradicts a record that it may be a copy of. What it leaves open is no contradiction.
fn strangeness(event: &Event, record: &TruthRecord) -> usize {
    let of_its_class = (event.class == Some(AUTHENTICATION)) == matches!(record.verb.as_str(), "sign_in" | "sign_out");
    let opposite = if record.succeeded() { 2 } else { 1 };
    usize::from(!of_its_class) + usize::from(event.status_id == Some(opposite))
}

/// Whether two records say the same, so that the second is a repetition to whoever is told of both.
pub fn look_alike(a: &TruthRecord, b: &TruthRecord) -> bool {
    let look = |r: &TruthRecord| (r.occurred.s(), r.actor.clone(), r.verb.clone(), r.outcome.clone(), r.address);
    look(a) == look(b)
}

/// Why a record that comes by a webhook had to be taken in, if it had to be.
pub(super) fn why(facts: &Facts<'_>, record: usize) -> Option<Why> {
    if !facts.served.exchanges(record).is_empty() {
        return Some(Why::Served);
    }
    let attempts = || facts.attempts(record);
    let last = attempts().last()?;
    let given_up = last.notes.delivery.as_ref().is_some_and(|delivery| delivery.again.is_none());
    let bent = |attempt: &Entry| attempt.fault.as_ref().is_some_and(|fault| fault.kind != STILL_GOOD);
    let hindered = attempts().any(|attempt| bent(attempt) || !facts.was_up(attempt));
    (given_up && !hindered).then_some(Why::Declared)
}

impl Facts<'_> {
    /// Every attempt of the vendor's to deliver a record.
    fn attempts(&self, record: usize) -> impl Iterator<Item = &Entry> {
        let record = &self.recording.truth[record];
        let attempts = self.attempts.0.get(&(record.app.clone(), record.event_id.clone()));
        attempts.into_iter().flatten().map(|index| &self.recording.journal[*index])
    }

    /// Whether the stack's process ran from the beginning of an exchange to its end. No time passes before it is ready.
    pub fn was_up(&self, entry: &Entry) -> bool {
        let began = self.recording.process.iter().rfind(|event| event.at <= entry.at && event.what.is_of_the_process());
        let changes = |at: SimTime| entry.at < at && at <= entry.ended;
        began.is_some_and(|event| matches!(event.what, ProcessWhat::Started | ProcessWhat::Ready))
            && !self.recording.process.iter().any(|event| changes(event.at) && event.what.is_of_the_process())
    }

    /// Deliveries of the vendor's own that a correct stack takes over: none that a fault has bent, none while its process
    /// was down.
    pub fn sound_deliveries(&self) -> impl Iterator<Item = &Entry> {
        let numbered = |e: &&Entry| e.notes.delivery.as_ref().is_some_and(|d| d.number.is_some());
        self.recording.journal.iter().filter(numbered).filter(|e| e.fault.is_none() && self.was_up(e))
    }
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::observe::example::Example;
    use crate::observe::served::is_taken_over;

    fn lost() -> &'static check::Check {
        check::ALL.iter().find(|c| c.id == "ingest/lost-event").unwrap()
    }

    #[test]
    fn an_event_under_an_id_of_the_stacks_own_is_the_record_that_says_the_same() {
        let run = Example::hooked();
        let facts = run.facts();
        assert_eq!(facts.truth.find("workplace", None, "own-w1"), Some(0));
        assert_eq!(facts.taken[0].record, Some(0));
    }

    #[test]
    fn nobody_can_tell_two_records_apart_that_say_the_same() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w2", "day 1 09:00", "alice");
        run.delivery("day 1 09:00:10", 200, &["w2"]);
        run.passes(lost());
        run.sign_in_at_work("w3", "day 1 09:00:01", "alice");
        run.delivery("day 1 09:00:10", 200, &["w3"]);
        run.fails(lost());
    }

    fn again(run: &mut Example, uid: &str) {
        let mut body = run.body("w1");
        body["metadata"]["uid"] = uid.into();
        run.say("event", "day 1 09:00:12", &body);
    }

    #[test]
    fn one_of_two_records_of_a_second_told_twice_does_not_stand_for_the_other() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w2", "day 1 09:00", "alice").outcome = "wrong_password".to_owned();
        run.delivery("day 1 09:00:10", 200, &["w2"]);
        again(&mut run, "own-again");
        run.fails(lost());
        run.fails(check::ALL.iter().find(|c| c.id == "ingest/duplicate-event").unwrap());
        let facts = run.facts();
        assert_eq!(facts.truth.find("workplace", None, "own-again"), Some(0));
    }

    #[test]
    fn two_records_of_a_second_are_told_apart_whichever_is_told_first() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w0", "day 1 09:00", "alice").outcome = "wrong_password".to_owned();
        run.recording.truth.rotate_right(1);
        let mut body = run.body("w0");
        body["metadata"]["uid"] = "own-w0".into();
        run.say("event", "day 1 09:00:12", &body);
        let facts = run.facts();
        assert_eq!(facts.truth.find("workplace", None, "own-w0"), Some(0));
        assert_eq!(facts.truth.find("workplace", None, "own-w1"), Some(1));
    }

    #[test]
    fn whole_seconds_are_compared() {
        for (ms, found) in [(-500, None), (0, Some(0)), (999, Some(0)), (1_000, None)] {
            let mut run = Example::hooked();
            let occurred = &mut run.recording.truth[0].occurred;
            *occurred = simulator::time::SimTime::from_ms(occurred.s() * 1_000 + ms);
            assert_eq!(run.facts().truth.find("workplace", None, "own-w1"), found, "{ms} ms");
        }
    }

    #[test]
    fn what_was_taken_over_is_owed_even_if_the_process_died_at_once() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w2", "day 1 10:00", "bob");
        run.delivery("day 1 10:00:10", 200, &["w2"]);
        run.killed("day 1 10:00:11");
        assert!(run.fails(lost()).observed.contains("1 of them were served"));
    }

    #[test]
    fn what_the_vendor_gave_up_is_owed_unless_the_scenario_stood_in_the_way() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w2", "day 1 10:00", "bob");
        run.delivery("day 1 10:00:10", 500, &["w2"]);
        run.fails(lost());
        let again = run.at("day 1 20:00");
        let attempt = run.recording.journal.last_mut().unwrap();
        attempt.notes.delivery.as_mut().unwrap().again = Some(again);
        run.passes(lost());
        let fault = run.fault("reset", 1);
        let attempt = run.recording.journal.last_mut().unwrap();
        attempt.notes.delivery.as_mut().unwrap().again = None;
        attempt.fault = Some(fault);
        run.passes(lost());
        run.recording.journal.last_mut().unwrap().fault = None;
        run.killed("day 1 10:00:05").passes(lost());
    }

    #[test]
    fn what_was_never_delivered_is_not_owed() {
        let mut run = Example::hooked();
        run.sign_in_at_work("w2", "day 1 10:00", "bob");
        run.passes(lost());
    }

    #[test]
    fn an_event_that_says_what_nobody_recorded_is_invented() {
        let mut run = Example::hooked();
        let mut body = run.body("w1");
        (body["metadata"]["uid"], body["time"]) = ("own-w9".into(), (run.at("day 1 08:00").s() * 1_000).into());
        run.say("event", "day 1 10:00", &body);
        run.fails(check::ALL.iter().find(|c| c.id == "ingest/invented-event").unwrap());
    }

    #[test]
    fn a_second_id_for_the_same_record_is_a_duplicate() {
        let mut run = Example::hooked();
        let mut body = run.body("w1");
        body["metadata"]["uid"] = "own-again".into();
        run.say("event", "day 1 10:00", &body);
        run.fails(check::ALL.iter().find(|c| c.id == "ingest/duplicate-event").unwrap());
    }

    #[test]
    fn a_delivery_is_no_request_of_the_stacks() {
        let mut run = Example::hooked();
        for minute in 0..40 {
            run.delivery(&format!("day 1 10:{minute:02}"), 401, &[]);
        }
        for id in ["rate/limit-earned", "auth/retry-permanent", "rate/retry-after-ignored", "secret/leaked"] {
            run.passes(check::ALL.iter().find(|c| c.id == id).unwrap());
        }
        assert!(is_taken_over(&run.recording.journal[0]));
    }
}
