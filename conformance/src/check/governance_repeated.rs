//! `governance/repeated`.

use crate::observe::Facts;
use crate::observe::governance::Deed;
use crate::scenario::Kind;
use crate::verdict::Finding;

use super::{Check, Judged};

/// An action done again.
pub(super) const CHECK: Check = Check {
    id: "governance/repeated",
    title: "an action was done again although it had been answered as done",
    explanation: "\
The journal holds two calls of one action on one person that took effect, the stack got the answer to the first, and there \
are fewer alerts than calls: it did for one alert what it knew to be done. A second call is no repeat when the first one's \
answer never reached the stack (it was lost, came too late, or the process was killed before it could be kept, which is \
before it asked anything further), or when another alert, or another policy with the same action, led to it. Where a \
scenario says `times` or `at_most`, that many are allowed.

Usual causes: the deed is kept in memory and forgotten at a restart; every poll that sees the alert acts again; updates \
of an alert taken for new ones.

Source: docs/src/faults.md, gov-duplicate-call; seen in https://github.com/getodk/pyodk/issues/101.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, deed) in facts.deeds.iter().enumerate().filter(|(_, d)| d.done) {
        let same = |d: &&Deed| d.done && (&d.action, &d.target, &d.app) == (&deed.action, &deed.target, &deed.app);
        let earlier: Vec<&Deed> = facts.deeds[..i].iter().filter(same).collect();
        let known = earlier.iter().filter(|d| d.answered && !forgotten(facts, d)).count();
        let allowed = facts.leading(deed).count().max(written(facts, deed)).max(1);
        if known >= allowed {
            let expected = format!("{} of {} at most {allowed} time(s)", deed.action, deed.target);
            let observed = format!("once more at {}", facts.spell(deed.at));
            let rows = earlier.iter().copied().chain([deed]).map(|d| facts.deed_row(d));
            findings.push(CHECK.fail(expected, observed).evidence(rows).done());
        }
    }
    findings
}

/// Whether the process was killed before it can be sure to have kept what it was answered: before it asked anything more.
fn forgotten(facts: &Facts<'_>, deed: &Deed) -> bool {
    let further = facts.recording.journal.iter().find(|e| e.at > deed.ended).map_or(facts.recording.ended, |e| e.at);
    facts.killed_between(deed.at, further)
}

/// How often the scenario itself allows it.
fn written(facts: &Facts<'_>, deed: &Deed) -> usize {
    let named = facts.script.expect.iter().filter(|e| e.kind != Kind::MustNot && facts.names(e, deed));
    named.filter_map(|e| e.times.max(e.at_most)).max().unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn once_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn once_more_for_one_alert_is_repeated() {
        let mut run = Example::travel();
        run.call("day 1 11:00", "suspend", "alice");
        assert_eq!(run.fails(&CHECK).observed, "once more at day 1 11:00:00");
    }

    #[test]
    fn another_alert_leads_to_another_call() {
        let mut run = Example::travel();
        run.alert("a2", "impossible_travel", "day 1 11:00", &["e1", "e2"], "alice");
        run.call("day 1 11:00", "suspend", "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn a_call_after_a_lost_answer_is_no_repeat() {
        let mut run = Example::travel();
        let fault = run.fault("lose_answer", 1);
        let call = run.recording.journal.iter_mut().find(|e| e.notes.effect.is_some()).unwrap();
        (call.status, call.fault) = (None, Some(fault));
        run.call("day 1 10:01", "suspend", "alice");
        run.passes(&CHECK);
    }

    #[test]
    fn a_kill_long_after_the_answer_excuses_no_repeat() {
        let mut run = Example::travel();
        run.exchange("miro.audit_log", "day 1 11:00", 200);
        run.wiped("day 1 12:00").call("day 1 13:00", "suspend", "alice");
        run.fails(&CHECK);
    }

    #[test]
    fn a_call_after_a_kill_is_no_repeat() {
        let mut run = Example::travel();
        run.killed("day 1 10:00");
        run.call("day 1 10:01", "suspend", "alice");
        run.passes(&CHECK);
    }
}
