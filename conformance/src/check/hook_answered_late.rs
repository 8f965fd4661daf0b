//! `hook/answered-late`.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::time::spell_duration;
use simulator::vendors;

use super::{Check, Judged};
use crate::contract::StackClock;
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The vendor did not wait so long.
pub(super) const CHECK: Check = Check {
    id: "hook/answered-late",
    title: "a webhook delivery was not answered within the vendor's time",
    explanation: "\
A vendor waits a few seconds for the answer to a delivery (GitHub ten, Workplace about five) and takes it for failed then: \
it delivers again, or never again, and in the end may stop delivering at all. Here a delivery reached a stack that was up, \
and its answer was not there in time. A receiver stores what came, answers, and works on it afterwards. Simulated time \
counts, so a slow machine blames nobody: the stack waited for something, a request to a vendor, a lock, a pause. Under a \
wall clock it is not judged. Deliveries that a fault has bent are not looked at, nor such as found the process down.

Usual causes: governance, geo look-ups or requests to a vendor inside the handler; one worker for deliveries and polls; a \
retry with pauses around the database.

Source: docs/src/faults.md, hook-slow-ack; https://docs.github.com/webhooks/using-webhooks/best-practices-for-using-webhooks \
(ten seconds); https://developers.facebook.com/docs/workplace/reference/webhooks/ (the five seconds are a guess).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.declares.clock == StackClock::Wall {
        return Vec::new();
    }
    let late: Vec<&Entry> = facts.sound_deliveries().filter(|e| is_late(facts, e)).collect();
    let Some((first, allowed)) = late.first().and_then(|e| Some((*e, patience(facts, e)?))) else { return Vec::new() };
    let expected = format!("an answer to {} within {}", first.route, spell_duration(allowed));
    let observed = format!("{} without one, the first made at {}", late.len(), facts.spell(first.at));
    let rows = late.iter().map(|e| facts.exchange_row(e));
    vec![CHECK.fail(expected, observed).evidence(few(rows)).done()]
}

/// How long the vendor waits.
fn patience(facts: &Facts<'_>, entry: &Entry) -> Option<Duration> {
    Some(vendors::spec(facts.vendor(&entry.app)?).webhooks?.answer_within)
}

fn is_late(facts: &Facts<'_>, entry: &Entry) -> bool {
    patience(facts, entry).is_some_and(|allowed| entry.status.is_none() && entry.ended.since(entry.at) >= allowed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CHECK;
    use crate::contract::StackClock;
    use crate::observe::example::Example;

    /// A delivery that was given up after so many seconds.
    fn given_up(seconds: u64) -> Example {
        let mut run = Example::hooked();
        let entry = run.delivery("day 1 10:00", 200, &["w1"]);
        (entry.status, entry.ended) = (None, entry.at + Duration::from_secs(seconds));
        run
    }

    #[test]
    fn an_answer_in_time_passes() {
        let mut run = given_up(4);
        run.recording.journal.last_mut().unwrap().status = Some(200);
        run.passes(&CHECK);
    }

    #[test]
    fn no_answer_within_the_vendors_time_fails() {
        assert_eq!(given_up(5).fails(&CHECK).expected, "an answer to workplace.webhook within 5s");
    }

    #[test]
    fn a_connection_that_nobody_took_is_no_late_answer() {
        given_up(0).passes(&CHECK);
    }

    #[test]
    fn who_is_killed_meanwhile_and_who_lives_by_the_machines_clock_is_not_blamed() {
        given_up(5).killed("day 1 10:00:02").passes(&CHECK);
        let mut run = given_up(5);
        run.declares.clock = StackClock::Wall;
        run.passes(&CHECK);
    }
}
