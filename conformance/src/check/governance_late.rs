//! `governance/late`.

use simulator::time::spell_duration;

use crate::observe::Facts;
use crate::scenario::What;
use crate::verdict::Finding;

use super::governance_missing::answers;
use super::wanted::Wanted;
use super::{Check, Judged};

/// An action after its deadline.
pub(super) const CHECK: Check = Check {
    id: "governance/late",
    title: "an action took effect after its deadline",
    explanation: "\
A `must` orders an action `within` a time, and it took effect later than that. The time runs from the moment at which the \
harness read the alert that the action answers (the first about that person whose policy has the action written, else the \
first about that person): from then on the stack knew. It ends when the call arrived at the vendor. Pauses that a vendor \
asks for count like any other time, so a scenario that throttles has to allow for them.

Usual causes: actions collected and sent once an hour; a queue behind a walk of pages; a back-off that grows past what \
was asked for.

Source: scenarios/scenario.schema.json (`within` of an expectation).",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.musts(|what| matches!(what, What::Action(_))).iter().filter_map(|wanted| late(facts, wanted)).collect()
}

fn late(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let within = wanted.written.within?;
    let done = facts.deeds.iter().filter(|d| d.done && answers(facts, wanted, d)).min_by_key(|d| d.at)?;
    let about = || facts.alerts.iter().filter(|a| !a.suppressed && a.about(&done.target));
    let known = facts.leading(done).map(|a| a.created()).min().or_else(|| about().map(|a| a.created()).min())?;
    let deadline = known + within;
    if done.at <= deadline {
        return None;
    }
    let expected = format!(
        "by {} (alert read at {} + within {}): {}",
        facts.spell(deadline),
        facts.spell(known),
        spell_duration(within),
        facts.written(wanted.written.at.line)
    );
    let observed = format!("at {}, {} too late", facts.spell(done.at), spell_duration(done.at.since(deadline)));
    Some(CHECK.fail(expected, observed).evidence([facts.deed_row(done)]).line(wanted.written.at.line).done())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    /// The alert is read at 10:00, twenty minutes are allowed.
    fn suspended(at: &str) -> Example {
        let mut run = Example::travel();
        run.recording.journal.retain(|e| e.notes.effect.is_none());
        run.call(at, "suspend", "alice");
        run
    }

    #[test]
    fn on_the_last_instant_is_in_time() {
        suspended("day 1 10:20").passes(&CHECK);
    }

    #[test]
    fn a_second_later_is_late() {
        assert_eq!(suspended("day 1 10:20:01").fails(&CHECK).observed, "at day 1 10:20:01, 1s too late");
    }
}
