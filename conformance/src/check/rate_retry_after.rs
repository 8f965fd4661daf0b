//! Requests made before the time a vendor had told.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::protocol::exchange::Access;
use simulator::scenario::{FaultKind, RetryAfterForm, ThrottledBy};
use simulator::time::SimTime;
use simulator::vendors;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::{is_the_stacks, reached};
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The check.
pub(super) const CHECK: Check = Check {
    id: "rate/retry-after-ignored",
    title: "a request was made before the time the vendor had told",
    explanation: "\
A refusal for too many requests says when to come back: `Retry-After` in seconds or as a date, or the vendor's own reset \
header. Until then no request of the same caller may draw on the same quota. Here one did. For Miro that is every request \
with the user's token, since one budget of credits covers them all; for Graph those that share a quota (the logs share \
one, the directory another), so a suspension need not wait for a throttled log. Token requests draw on none. A 5xx with \
`Retry-After` speaks for its own route alone. GitHub's secondary limit may name no time; then a minute is the least. Not \
counted: what was under way when the answer left, other requests of the same instant, what follows a kill, refusals that \
named no time or the time 0, and fractions of a second that a header cannot carry.

Source: RFC 9110 10.2.3; https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; \
https://developers.miro.com/docs/rate-limiting; https://learn.microsoft.com/graph/throttling; docs/src/faults.md, \
rate-retry-after-ignored, rate-retry-after-on-503.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let journal = &facts.recording.journal;
    let told = journal.iter().enumerate().filter_map(|(index, e)| Some((index, e, back_at(facts, e)?)));
    let mut findings = Vec::new();
    for (index, refusal, back_at) in told {
        let early = |e: &&Entry| e.at < back_at && draws_on_the_same(facts, refusal, e) && came_after(refusal, e);
        let early = journal[index + 1..].iter().filter(early);
        let early: Vec<&Entry> = early.filter(|e| !facts.killed_between(refusal.ended, e.at)).collect();
        let Some(first) = early.first() else { continue };
        let expected = format!(
            "{} was told at {} to wait {} s, so until {}",
            refusal.route,
            facts.spell(refusal.ended),
            pause(facts, refusal).unwrap_or_default().as_secs_f64(),
            facts.spell(back_at)
        );
        let observed = format!("{} request(s) before that, the first at {}", early.len(), facts.spell(first.at));
        let rows = std::iter::once(refusal).chain(early).map(|e| facts.exchange_row(e));
        let line = refusal.fault.as_ref().map(|f| f.line);
        findings.push(CHECK.fail(expected, observed).evidence(few(rows)).line(line).done());
        // The refusals that follow from not waiting are the same mistake.
        break;
    }
    findings
}

/// When the stack may come back, for an answer that told it so and that it got.
fn back_at(facts: &Facts<'_>, entry: &Entry) -> Option<SimTime> {
    let wait = pause(facts, entry)?;
    let refused = entry.status.is_some_and(|s| s >= 500 || is_throttled(facts, entry, s));
    let told = refused && reached(entry, facts.declares) && is_the_stacks(entry);
    // What a header in whole seconds can say, whichever way it is rounded: from the answer, or as a date.
    let whole = entry.at + Duration::from_secs(wait.as_secs());
    let dated = SimTime::from_ms((entry.at + wait).s() * 1_000);
    told.then(|| whole.min(dated)).filter(|back_at| *back_at > entry.ended)
}

/// Whether this status of this vendor is a refusal for too many requests that tells when to come back.
fn is_throttled(facts: &Facts<'_>, entry: &Entry, status: u16) -> bool {
    status == 429 || facts.vendor(&entry.app).is_some_and(|v| vendors::spec(v).limits.told_by.contains(&status))
}

/// How long the stack is to stay away: as the answer said, or, where a scenario has it say nothing or 0, as the vendor's
/// documentation does.
fn pause(facts: &Facts<'_>, entry: &Entry) -> Option<Duration> {
    let applied = entry.fault.as_ref();
    let fault = applied.and_then(|fault| facts.script.scenario.faults.iter().find(|f| f.at.line == fault.line));
    match fault.map(|fault| &fault.kind) {
        Some(FaultKind::Throttle { form: RetryAfterForm::None | RetryAfterForm::Zero, limit, .. }) => {
            let secondary = facts.vendor(&entry.app).and_then(|vendor| vendors::spec(vendor).limits.secondary);
            secondary.filter(|_| *limit == ThrottledBy::Secondary).map(|secondary| secondary.pause)
        }
        _ => Duration::try_from_secs_f64(entry.retry_after_s?).ok(),
    }
}

/// Whether the stack can have known of the refusal. At the same instant only the very same request is sure to be a
/// repetition; another one may have been under way.
fn came_after(refusal: &Entry, entry: &Entry) -> bool {
    entry.at > refusal.ended || (entry.at == refusal.ended && entry.seq > refusal.seq && is_repetition(refusal, entry))
}

fn is_repetition(refusal: &Entry, entry: &Entry) -> bool {
    (&entry.method, &entry.target, &entry.request_body) == (&refusal.method, &refusal.target, &refusal.request_body)
}

fn draws_on_the_same(facts: &Facts<'_>, refusal: &Entry, entry: &Entry) -> bool {
    if entry.app != refusal.app || !is_the_stacks(entry) {
        return false;
    }
    if entry.route == refusal.route {
        return same_caller(refusal, entry);
    }
    refusal.status.is_some_and(|s| is_throttled(facts, refusal, s))
        && same_caller(refusal, entry)
        && share_a_quota(facts, &refusal.route, &entry.route, &entry.app)
}

/// Whose token it was, whichever of its tokens. Where a fault answered, nobody looked at the token.
fn same_caller(a: &Entry, b: &Entry) -> bool {
    let whose = |e: &Entry| e.caller.as_ref().map(|c| c.split('#').next().unwrap_or(c).to_owned());
    match (whose(a), whose(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn share_a_quota(facts: &Facts<'_>, a: &str, b: &str, app: &str) -> bool {
    let Some(spec) = facts.vendor(app).map(vendors::spec) else { return false };
    let name = |route: &str| route.split_once('.').map_or(String::new(), |(_, name)| name.to_owned());
    let (a, b) = (name(a), name(b));
    let limited = |name: &str| spec.routes.iter().any(|r| r.name == name && matches!(r.access, Access::Token(_)));
    let meets = |routes: &[&str], name: &str| routes.is_empty() || routes.contains(&name);
    limited(&a) && limited(&b) && spec.limits.quotas.iter().any(|q| meets(q.routes, &a) && meets(q.routes, &b))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use simulator::scenario::{Begins, Fault, FaultKind, Lasts, Position, RetryAfterForm, ThrottledBy};

    use super::CHECK;
    use crate::observe::example::Example;

    /// The audit log is refused for a minute at 10:00.
    fn refused() -> Example {
        let mut run = Example::quiet();
        run.exchange("miro.audit_log", "day 1 10:00", 429).retry_after_s = Some(60.0);
        run
    }

    #[test]
    fn coming_back_in_time_passes() {
        let mut run = refused();
        run.exchange("miro.audit_log", "day 1 10:01", 200);
        run.passes(&CHECK);
    }

    #[test]
    fn coming_back_before_the_time_fails() {
        let mut run = refused();
        run.exchange("miro.audit_log", "day 1 10:00:30", 200);
        assert!(run.fails(&CHECK).observed.contains("day 1 10:00:30"));
    }

    #[test]
    fn the_same_request_at_the_same_instant_fails() {
        let mut run = refused();
        run.exchange("miro.audit_log", "day 1 10:00", 429);
        run.fails(&CHECK);
    }

    #[test]
    fn another_request_of_that_instant_may_have_been_under_way() {
        let mut run = refused();
        run.exchange("miro.members", "day 1 10:00", 200);
        run.passes(&CHECK);
    }

    #[test]
    fn another_route_of_the_same_budget_has_to_wait_too() {
        let mut run = refused();
        run.exchange("miro.members", "day 1 10:00:10", 200);
        run.fails(&CHECK);
    }

    #[test]
    fn token_requests_and_other_callers_need_not_wait() {
        let mut run = refused();
        run.exchange("miro.token", "day 1 10:00:10", 200);
        run.exchange("miro.members", "day 1 10:00:10", 200).caller = Some("<token:miro/other#1>".to_owned());
        run.exchange("entra.sign_ins", "day 1 10:00:10", 200);
        run.passes(&CHECK);
    }

    #[test]
    fn a_fresh_token_of_the_same_caller_is_no_other_caller() {
        let mut run = refused();
        run.exchange("miro.audit_log", "day 1 10:00:10", 200).caller = Some("<token:miro/stack#2>".to_owned());
        run.fails(&CHECK);
    }

    #[test]
    fn a_suspension_need_not_wait_for_a_throttled_log_of_graph() {
        let mut run = Example::quiet();
        run.exchange("entra.sign_ins", "day 1 10:00", 429).retry_after_s = Some(60.0);
        run.call("day 1 10:00:10", "suspend", "alice");
        run.passes(&CHECK);
        run.exchange("entra.directory_audits", "day 1 10:00:20", 200);
        run.fails(&CHECK);
    }

    #[test]
    fn a_server_error_that_names_a_time_speaks_for_its_route() {
        let mut run = Example::quiet();
        run.exchange("miro.audit_log", "day 1 10:00", 503).retry_after_s = Some(30.0);
        run.exchange("miro.members", "day 1 10:00:10", 200);
        run.passes(&CHECK);
        run.exchange("miro.audit_log", "day 1 10:00:10", 200);
        run.fails(&CHECK);
    }

    #[test]
    fn a_restarted_stack_may_have_forgotten() {
        let mut run = refused();
        run.exchange("miro.audit_log", "day 1 10:00:30", 200);
        run.killed("day 1 10:00:20").passes(&CHECK);
    }

    #[test]
    fn an_answer_that_names_no_time_binds_nobody() {
        for (form, bound) in [(RetryAfterForm::None, 0), (RetryAfterForm::Zero, 0), (RetryAfterForm::Seconds, 1)] {
            let mut run = refused();
            run.recording.journal[0].fault = Some(run.fault("throttle", 1));
            run.scenario().faults.push(Fault {
                kind: FaultKind::Throttle { retry_after: Duration::from_secs(60), form, limit: ThrottledBy::Usual },
                route: None,
                begins: Begins::Always,
                lasts: Lasts::Requests(1),
                app: None,
                records: Vec::new(),
                at: Position { line: 12, column: 5 },
            });
            run.exchange("miro.audit_log", "day 1 10:00:30", 200);
            assert_eq!(run.check(&CHECK).len(), bound, "{form:?}");
        }
    }
}
