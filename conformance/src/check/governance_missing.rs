//! `governance/missing`.

use crate::observe::Facts;
use crate::observe::governance::Deed;
use crate::observe::wording::few;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// An action that was owed and did not take effect.
pub(super) const CHECK: Check = Check {
    id: "governance/missing",
    title: "an action that a scenario orders never took effect",
    explanation: "\
A `must` orders an action on a person, and by the end of the run no call had that effect: none was made, or those that \
were made took no effect. What counts is what happened at the vendor, not what the stack reports; a call whose answer was \
lost has taken effect. Where the expectation says `times`, so many calls are asked for.

Not asked for: an action whose alerts are not owed (other parameters declared, or prevented), which is printed as not \
judged with the reason.

Usual causes: no alert (then `alert/missing` is shown first); a refusal taken for good although it was passing (429, 503); \
the person not found in the directory; an action given up at a restart.

Source: docs/src/faults.md, gov-lost-call.",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts.musts(|what| matches!(what, What::Action(_))).iter().filter_map(|wanted| missing(facts, wanted)).collect()
}

fn missing(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let asked = wanted.written.times.unwrap_or(1) as usize;
    let tried: Vec<&Deed> = facts.deeds.iter().filter(|d| answers(facts, wanted, d)).collect();
    let done = tried.iter().filter(|d| d.done).count();
    if done >= asked {
        return None;
    }
    let whom = wanted.person.as_deref().unwrap_or("anybody");
    let expected = format!("{} of {whom}: {}", wanted.written.what.name(), facts.written(wanted.written.at.line));
    let observed = match tried.len() {
        0 => "no such call was made".to_owned(),
        n => format!("{n} call(s), {done} of which took effect"),
    };
    let alerts = facts.alerts.iter().filter(|a| wanted.person.as_deref().is_none_or(|p| a.about(p)));
    let rows = alerts.map(|a| facts.alert_row(a)).chain(tried.iter().map(|d| facts.deed_row(d)));
    Some(CHECK.fail(expected, observed).evidence(few(rows)).line(wanted.written.at.line).done())
}

/// Whether a call is the action that is wanted, whatever came of it.
pub(super) fn answers(facts: &Facts<'_>, wanted: &Wanted<'_>, deed: &Deed) -> bool {
    wanted.person.as_ref().is_none_or(|p| *p == deed.target) && facts.names(wanted.written, deed)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    #[test]
    fn what_took_effect_passes() {
        Example::travel().passes(&CHECK);
    }

    #[test]
    fn no_call_is_a_missing_action_whatever_the_report_says() {
        let mut run = Example::travel();
        run.recording.journal.retain(|e| e.notes.effect.is_none());
        assert_eq!(run.fails(&CHECK).observed, "no such call was made");
    }

    #[test]
    fn a_call_without_effect_is_none() {
        let mut run = Example::travel();
        for entry in &mut run.recording.journal {
            entry.notes.effect.iter_mut().for_each(|e| e.done = false);
        }
        assert_eq!(run.fails(&CHECK).observed, "1 call(s), 0 of which took effect");
    }

    #[test]
    fn a_lost_answer_has_taken_effect() {
        let mut run = Example::travel();
        let fault = run.fault("lose_answer", 1);
        let call = run.recording.journal.iter_mut().find(|e| e.notes.effect.is_some()).unwrap();
        (call.status, call.fault) = (None, Some(fault));
        run.passes(&CHECK);
    }
}
