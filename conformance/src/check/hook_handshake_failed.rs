//! `hook/handshake-failed`.

use simulator::journal::Entry;

use super::{Check, Judged};
use crate::contract::StackClock;
use crate::observe::Facts;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The address of a webhook did not stand the vendor's test.
pub(super) const CHECK: Check = Check {
    id: "hook/handshake-failed",
    title: "the vendor tried the webhook's address and was not answered as it asks",
    explanation: "\
Before a vendor such as Workplace takes a webhook's address it makes a request to it: with a challenge, and with the \
verify token that the subscriber has chosen. The challenge has to come back, as the whole body of a 200. Here the answer \
was another status, another body, or none, so there is no subscription and nothing is ever delivered. A stack subscribes \
when its listener is up and knows the token that it has sent. An address that answers rightly in a later attempt is not \
blamed, nor one that was tried while the process was down. Under a wall clock, where a slow machine answers late, it is \
not judged.

Usual causes: the subscription is asked for before the listener is bound; the challenge comes back as JSON or with a line \
end; parameters with a dot in their names (`hub.challenge`) are not found; a check of signatures stands before the \
handshake, which has none.

Source: docs/src/faults.md, hook-challenge-echo; https://developers.facebook.com/docs/graph-api/webhooks/getting-started/.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if facts.declares.clock == StackClock::Wall {
        return Vec::new();
    }
    let is_handshake = |e: &&Entry| e.notes.delivery.as_ref().is_some_and(|d| d.number.is_none());
    let tried: Vec<&Entry> = facts.recording.journal.iter().filter(is_handshake).collect();
    let failed = |e: &&&Entry| e.notes.refusal.is_some() || e.status != Some(200);
    let mended = |entry: &Entry| tried.iter().any(|e| e.app == entry.app && e.seq > entry.seq && !failed(&e));
    let blamed = tried.iter().filter(failed).filter(|e| facts.was_up(e) && !mended(e));
    let failed: Vec<&Entry> = blamed.copied().collect();
    let Some(first) = failed.first() else { return Vec::new() };
    let why = first.reasons.first().map_or_else(String::new, |why| format!(": {why}"));
    let observed = format!("{} handshake(s) failed, the first at {}{why}", failed.len(), facts.spell(first.at));
    let found = CHECK.fail("the challenge comes back as the body of a 200", observed);
    vec![found.evidence(few(failed.iter().map(|e| facts.exchange_row(e)))).done()]
}

#[cfg(test)]
mod tests {
    use simulator::journal::Refusal;

    use super::CHECK;
    use crate::contract::StackClock;
    use crate::observe::example::Example;

    fn tried(at: &str, status: u16, reasons: &[&str]) -> Example {
        let mut run = Example::hooked();
        handshake(&mut run, at, status, reasons);
        run
    }

    fn handshake(run: &mut Example, at: &str, status: u16, reasons: &[&str]) {
        let entry = run.delivery(at, status, &[]);
        entry.method = "GET".to_owned();
        entry.reasons = reasons.iter().map(|why| (*why).to_owned()).collect();
        entry.notes.refusal = (!reasons.is_empty()).then_some(Refusal::Answer);
        entry.notes.delivery.as_mut().unwrap().number = None;
    }

    #[test]
    fn a_challenge_that_comes_back_passes() {
        tried("day 1 00:00", 200, &[]).passes(&CHECK);
    }

    #[test]
    fn another_status_or_another_body_fails() {
        tried("day 1 00:00", 403, &["webhook: it answered 403 to the handshake"]).fails(&CHECK);
        let found = tried("day 1 00:00", 200, &["webhook: it answered 200, but not with the challenge alone"]);
        assert!(found.fails(&CHECK).observed.contains("not with the challenge alone"));
    }

    #[test]
    fn who_lives_by_the_machines_clock_is_not_blamed() {
        let mut run = tried("day 1 00:00", 403, &["webhook: it answered 403 to the handshake"]);
        run.declares.clock = StackClock::Wall;
        run.passes(&CHECK);
    }

    #[test]
    fn an_address_that_stands_the_test_later_passes() {
        let mut run = tried("day 1 00:00", 404, &["webhook: it answered 404 to the handshake"]);
        handshake(&mut run, "day 1 01:00", 200, &[]);
        run.passes(&CHECK);
    }
}
