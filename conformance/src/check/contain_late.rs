//! `contain/late`.

use simulator::time::spell_duration;

use crate::observe::Facts;
use crate::recording::TruthRecord;
use crate::scenario::What;
use crate::verdict::Finding;

use super::wanted::Wanted;
use super::{Check, Judged};

/// The attack went on.
pub(super) const CHECK: Check = Check {
    id: "contain/late",
    title: "the attack went on after it should have been contained",
    explanation: "\
A `must: contain` was not met: after its deadline the attacker still did something with the person's account that \
succeeded. The deadline is the first step of the attack that took effect, plus one poll interval as the stack declares \
it, plus `within`; without `within`, the end of the run. What counts is what happened, not which call was made: suspending \
in the directory leaves access tokens and app sessions alive until they expire, ending sessions leaves the password.

Usual causes: only half of the containment was done (suspended, but sessions left alive); it was done too late; it was \
done to another account of the same person.

Source: scenario-language.md 1 (Containment is physics) and 2 (`within` of contain).",
    judged: Judged::AtTheEnd,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    if !facts.has_deadlines() {
        return Vec::new();
    }
    facts.musts(|what| what == What::Contain).iter().filter_map(|wanted| late(facts, wanted)).collect()
}

fn late(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let attack = wanted.written.attack.map(|a| &facts.script.scenario.attacks[a.0].name);
    let of_it = |r: &&TruthRecord| {
        r.attack.is_some()
            && r.outcome == "success"
            && attack.is_none_or(|a| r.attack.as_ref() == Some(a))
            && wanted.person.as_ref().is_none_or(|p| r.actor == *p)
    };
    let first = facts.recording.truth.iter().filter(of_it).map(|r| r.occurred).min()?;
    let deadline = first + facts.declares.poll_every + wanted.written.within?;
    let mut after: Vec<&TruthRecord> =
        facts.recording.truth.iter().filter(of_it).filter(|r| r.occurred > deadline).collect();
    after.sort_by_key(|r| r.occurred);
    let last = after.last()?;
    let expected = format!(
        "nothing more of it after {} (first at {} + poll_every {} + within {}): {}",
        facts.spell(deadline),
        facts.spell(first),
        spell_duration(facts.declares.poll_every),
        spell_duration(wanted.written.within?),
        facts.written(wanted.written.at.line)
    );
    let observed = format!("{} record(s) after that, the last at {}", after.len(), facts.spell(last.occurred));
    let deeds = facts.deeds.iter().map(|d| facts.deed_row(d));
    let story = facts.record_rows(after);
    Some(CHECK.fail(expected, observed).story(story).evidence(deeds).line(wanted.written.at.line).done())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CHECK;
    use crate::observe::example::{ALICE, Example};
    use crate::scenario::{Kind, What};

    /// The first step of the attack is at 9:40; a poll of an hour and 30 minutes make 11:10.
    fn attacked_again(at: &str, outcome: &str) -> Example {
        let mut run = Example::travel();
        let more = run.record("e3", at, "alice");
        (more.attack, more.outcome) = (Some("takeover".to_owned()), outcome.to_owned());
        run.expect(Kind::Must, What::Contain, |e| {
            (e.target, e.within) = (Some(ALICE), Some(Duration::from_secs(1800)));
        });
        run
    }

    #[test]
    fn what_happens_before_the_deadline_is_borne() {
        attacked_again("day 1 11:10", "success").passes(&CHECK);
    }

    #[test]
    fn what_succeeds_after_it_is_not() {
        assert!(attacked_again("day 1 11:10:01", "success").fails(&CHECK).observed.starts_with("1 record(s)"));
    }

    #[test]
    fn a_refused_attempt_is_contained() {
        attacked_again("day 1 12:00", "disabled").passes(&CHECK);
    }
}
