//! `live/polling-stopped`.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::scenario::App;
use simulator::time::{SimTime, spell_duration};

use crate::contract::status::Phase;
use crate::observe::Facts;
use crate::observe::connector::Stretch;
use crate::observe::wording::few;
use crate::verdict::Finding;

use super::{Check, Judged};

/// The process lives, one of its loops does not.
pub(super) const CHECK: Check = Check {
    id: "live/polling-stopped",
    title: "an app that is to be polled was not asked any more, while the process lived",
    explanation: "\
The stack declares `poll_every` and claims a log of this app that has to be asked for; it asked, and then, for more than two \
poll intervals, sent this app no request of any kind. Its process lived, and nothing called for the pause: the scenario had \
not stopped it, no answer asked it to stay away so long, no request was still open, the last one was not refused for good \
(400, 401, 403, 404, 410), and no consent was asked for. So the task that polls is gone, or waits for something that never \
comes. `live/stuck` sees a process that waits as a whole; this one sees a single connector that ended quietly. A log that comes \
by a webhook alone is not judged: who is sent everything needs not ask.

Usual causes: the first error ends the loop and nobody looks at the task that ended; a panic in one task of many; a lock that \
is never given back; a timer that is not set again after a failure.

Source: docs/src/contract.md (`poll_every` is a promise); docs/src/faults.md, state-dead-but-green.",
    judged: Judged::Always,
    run,
};

/// Refusals after which asking again is no use.
const FOR_GOOD: [u16; 5] = [400, 401, 403, 404, 410];

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.pulled_apps().filter_map(|app| stopped(facts, app)).collect()
}

fn stopped(facts: &Facts<'_>, app: &App) -> Option<Finding> {
    let patience = facts.declares.poll_every * 2 + facts.declares.request_timeout;
    let first = facts.asked(&app.name).next()?;
    let stretches = facts.stretches(app, |_| true);
    // Before its first request a stack may be setting up; that none ever comes is `capability/missing`.
    let stretch = stretches.iter().filter(|s| s.from >= first.ended).find(|s| {
        let from = told_to_wait(facts, app, s).unwrap_or(s.from).max(s.from);
        s.until > from + patience && !is_refused(s) && !consent_is_awaited(facts, app, s)
    })?;
    let expected = format!("{} is asked every {}", app.name, spell_duration(facts.declares.poll_every));
    let (from, until) = (facts.spell(stretch.from), facts.spell(stretch.until));
    let mine: Vec<&Entry> = facts.asked(&app.name).filter(|e| e.at <= stretch.from).collect();
    let last = mine[mine.len().saturating_sub(6)..].iter().map(|e| facts.exchange_row(e));
    Some(CHECK.fail(expected, format!("no request between {from} and {until}")).evidence(few(last)).done())
}

/// Until when an answer before the stretch asks to stay away.
fn told_to_wait(facts: &Facts<'_>, app: &App, stretch: &Stretch<'_>) -> Option<SimTime> {
    let before = facts.asked(&app.name).filter(|e| e.at <= stretch.from);
    before.filter_map(|e| Some(e.ended + Duration::try_from_secs_f64(e.retry_after_s?.max(0.0)).ok()?)).max()
}

fn is_refused(stretch: &Stretch<'_>) -> bool {
    let status = stretch.after.and_then(|last| last.status);
    status.is_some_and(|status| FOR_GOOD.contains(&status))
}

fn consent_is_awaited(facts: &Facts<'_>, app: &App, stretch: &Stretch<'_>) -> bool {
    let of_app = facts.told.iter().filter(|t| t.status.app.as_deref() == Some(app.name.as_str()));
    let mut asked = of_app.filter(|t| t.status.phase == Phase::ConsentNeeded);
    asked.any(|t| t.read_at >= stretch.from && t.read_at <= stretch.until)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    fn asked(hours: std::ops::RangeInclusive<u32>) -> Example {
        let mut run = Example::health_claimed();
        run.asked_hourly(hours, 200);
        run
    }

    #[test]
    fn who_is_asked_until_the_end_passes() {
        asked(0..=16).passes(&CHECK);
        asked(0..=14).passes(&CHECK);
    }

    #[test]
    fn a_loop_that_ended_is_found() {
        assert_eq!(asked(0..=4).fails(&CHECK).observed, "no request between day 1 04:00:00 and day 1 16:00:00");
    }

    #[test]
    fn it_does_not_matter_where_it_ended() {
        let mut run = asked(0..=4);
        run.exchange("miro.audit_log", "day 1 05:00", 503);
        run.fails(&CHECK);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept() {
        let mut run = asked(0..=4);
        let refusal = run.exchange("miro.audit_log", "day 1 05:00", 429);
        refusal.retry_after_s = Some(24.0 * 3_600.0);
        run.passes(&CHECK);
    }

    #[test]
    fn who_is_refused_for_good_may_give_up() {
        let mut run = asked(0..=4);
        run.exchange("miro.audit_log", "day 1 05:00", 401);
        run.passes(&CHECK);
    }

    #[test]
    fn an_answer_that_is_still_awaited_is_another_matter() {
        let mut run = asked(0..=4);
        let end = run.recording.ended;
        run.exchange("miro.audit_log", "day 1 05:00", 200).ended = end;
        run.passes(&CHECK);
    }

    #[test]
    fn who_was_killed_asks_nobody() {
        asked(0..=4).killed("day 1 05:00").passes(&CHECK);
    }

    #[test]
    fn who_never_asked_anybody_is_another_checks() {
        Example::health_claimed().passes(&CHECK);
    }

    #[test]
    fn who_is_sent_everything_needs_not_ask() {
        let mut run = Example::hooked();
        run.declares.capabilities.retain(|claimed| claimed == "workplace.security");
        run.exchange("workplace.subscriptions", "day 1 00:00", 200);
        run.passes(&CHECK);
    }
}
