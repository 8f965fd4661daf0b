//! `rate/lockstep`.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::journal::Entry;
use simulator::time::{SimTime, spell_duration};
use simulator::vendors::Vendor;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::is_the_stacks;
use crate::observe::wording::few;
use crate::verdict::Finding;

/// So many instances of one vendor are a crowd.
const CROWD: usize = 5;

/// The first and the last of a crowd lie apart by this part of the wait at least: a hundredth.
const APART: u32 = 100;

/// A retry comes sooner than this; what comes later is the next poll.
const RETRY_WITHIN: Duration = Duration::from_secs(10 * 60);

/// Many that come back at one moment.
pub(super) const CHECK: Check = Check {
    id: "rate/lockstep",
    title: "instances that were refused together come back together",
    explanation: "\
When a service falters, all its clients are refused at one moment. Those that wait by one schedule come back at one moment \
too, and again at the next: the service is not let up. So a wait that nobody has named is spread, by chance or by \
something that tells the clients apart. Here five or more instances of one vendor were refused at the same simulated \
moment, none was told when to come back, and all of them asked again after waits that differ by less than a hundredth of \
the wait.

Not judged are refusals with a `Retry-After`, retries later than ten minutes (the next poll is a schedule of its own), and fewer \
than five instances. A hundredth is the least that could be called a spread; a tenth and more is usual.

Usual causes: the wait doubles and nothing is added; chance is drawn once, from a seed that all share; one timer wakes everybody.

Source: docs/src/faults.md, rate-no-jitter; \
https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/; seen in \
https://github.com/SEKOIA-IO/automation-library/pull/1604.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut together: BTreeMap<(SimTime, Vendor, &str), BTreeMap<&str, &Entry>> = BTreeMap::new();
    for entry in facts.recording.journal.iter().filter(|e| is_the_stacks(e) && is_put_off(e)) {
        if let Some((vendor, (_, route))) = facts.vendor(&entry.app).zip(entry.route.split_once('.')) {
            together.entry((entry.at, vendor, route)).or_default().insert(&entry.app, entry);
        }
    }
    together.into_values().find_map(|refused| in_step(facts, &refused)).into_iter().collect()
}

/// Whether an exchange was refused for now, and nobody said for how long.
fn is_put_off(entry: &Entry) -> bool {
    entry.retry_after_s.is_none() && entry.status.is_some_and(|status| status == 429 || status >= 500)
}

/// What is wrong with the retries of instances that were refused at one moment, each by its last refusal then.
fn in_step(facts: &Facts<'_>, refused: &BTreeMap<&str, &Entry>) -> Option<Finding> {
    let again: Vec<&Entry> = refused.values().filter_map(|entry| retry(facts, entry)).collect();
    if again.len() < CROWD {
        return None;
    }
    let at = refused.values().next()?.at;
    let (first, last) = (again.iter().map(|e| e.at).min()?, again.iter().map(|e| e.at).max()?);
    let wait = first.since(at);
    if wait.is_zero() || last.since(first) * APART >= wait {
        return None;
    }
    let observed = format!(
        "{} of them came back after {}, within {}",
        again.len(),
        spell_duration(wait),
        spell_duration(last.since(first))
    );
    let expected = format!("{} instances that are refused at {} come back apart", refused.len(), facts.spell(at));
    let rows = refused.values().copied().chain(again.iter().copied()).map(|e| facts.exchange_row(e));
    Some(CHECK.fail(expected, observed).evidence(few(rows)).done())
}

/// The same request once more, where it is no poll's.
fn retry<'f>(facts: &'f Facts<'_>, refused: &Entry) -> Option<&'f Entry> {
    let next = facts.asked(&refused.app).find(|e| e.seq > refused.seq && e.target == refused.target)?;
    (next.at.since(refused.at) < RETRY_WITHIN).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// Instances of Miro refused at ten o'clock, each back so many milliseconds later.
    fn refused(back_ms: &[u32]) -> Example {
        let mut run = Example::quiet();
        let miro = run.scenario().apps.iter().find(|app| app.name == "miro").unwrap().clone();
        for (n, ms) in back_ms.iter().enumerate() {
            let name = format!("m{n}");
            run.scenario().apps.push(simulator::scenario::App { name: name.clone(), ..miro.clone() });
            run.exchange(&format!("{name}.audit_log"), "day 1 10:00", 503).target = "/v2/audit/logs".to_owned();
            let at = format!("day 1 10:00:{:02}.{:03}", ms / 1_000, ms % 1_000);
            run.exchange(&format!("{name}.audit_log"), &at, 200).target = "/v2/audit/logs".to_owned();
        }
        run
    }

    #[test]
    fn a_crowd_that_comes_back_apart_passes() {
        refused(&[1_000, 1_013, 1_044, 1_071, 1_098]).passes(&CHECK);
    }

    #[test]
    fn a_crowd_in_step_fails() {
        let observed = refused(&[2_000, 2_000, 2_001, 2_000, 2_000]).fails(&CHECK).observed;
        assert!(observed.starts_with("5 of them came back after 2s"), "{observed}");
    }

    #[test]
    fn a_few_are_no_crowd() {
        refused(&[2_000; 4]).passes(&CHECK);
    }

    #[test]
    fn who_was_told_when_to_come_back_does() {
        let mut run = refused(&[2_000; 6]);
        run.recording.journal.iter_mut().filter(|e| e.status == Some(503)).for_each(|e| e.retry_after_s = Some(2.0));
        run.passes(&CHECK);
    }

    #[test]
    fn the_next_poll_is_no_retry() {
        let mut run = refused(&[2_000; 6]);
        let noon = run.at("day 1 12:00");
        run.recording.journal.iter_mut().filter(|e| e.status == Some(200)).for_each(|e| (e.at, e.ended) = (noon, noon));
        run.passes(&CHECK);
    }
}
