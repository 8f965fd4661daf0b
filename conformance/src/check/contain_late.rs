//! `contain/late`.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::time::{SimTime, spell_duration};

use crate::observe::Facts;
use crate::observe::governance::Deed;
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
it, plus `within`. Without `within` it has to be contained by the end of the run: something took effect on the account \
that stops whoever has it, at whatever time. What counts is what happened, not which call was made: suspending \
in the directory leaves access tokens and app sessions alive until they expire, ending sessions leaves the password.

Usual causes: only half of the containment was done (suspended, but sessions left alive); it was done too late; it was \
done to another account of the same person.

Source: docs/src/verdicts.md (what the stack has contained did not happen); which access ends when, each with its source: \
simulator/src/timeline/containment.rs.",
    judged: Judged::AtTheEnd,
    run,
};

/// Actions after which whoever has an account cannot go on as before.
const CONTAINS: [&str; 7] =
    ["suspend", "require_sign_in", "reset_password", "remove_member", "revoke_token", "revoke_app", "ban_app"];

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let musts = facts.musts(|what| what == What::Contain);
    musts
        .iter()
        .filter_map(|wanted| match wanted.written.within {
            Some(within) if facts.has_deadlines() => late(facts, wanted, within),
            Some(_) => None,
            None => never(facts, wanted),
        })
        .collect()
}

/// The steps of the attack that took effect: what is to be contained.
fn attacked<'f>(facts: &'f Facts<'_>, wanted: &'f Wanted<'_>) -> impl Iterator<Item = &'f TruthRecord> {
    let attack = wanted.written.attack.map(|a| &facts.script.scenario.attacks[a.0].name);
    let app = wanted.written.app.map(|app| facts.app_name(app));
    facts.recording.truth.iter().filter(move |r| {
        r.attack.is_some()
            && r.succeeded()
            && attack.is_none_or(|a| r.attack.as_ref() == Some(a))
            && app.is_none_or(|app| r.app == app)
            && wanted.person.as_ref().is_none_or(|p| r.actor == *p)
    })
}

fn late(facts: &Facts<'_>, wanted: &Wanted<'_>, within: Duration) -> Option<Finding> {
    let first = attacked(facts, wanted).map(|r| r.occurred).min()?;
    let deadline = first + facts.declares.poll_every + within;
    let mut after: Vec<&TruthRecord> = attacked(facts, wanted).filter(|r| r.occurred > deadline).collect();
    after.sort_by_key(|r| r.occurred);
    let last = after.last()?;
    let expected = format!(
        "nothing more of it after {} (first at {} + poll_every {} + within {}): {}",
        facts.spell(deadline),
        facts.spell(first),
        spell_duration(facts.declares.poll_every),
        spell_duration(within),
        facts.written(wanted.written.at.line)
    );
    let observed = format!("{} record(s) after that, the last at {}", after.len(), facts.spell(last.occurred));
    let deeds = facts.deeds.iter().map(|d| facts.deed_row(d));
    let story = facts.record_rows(after);
    Some(CHECK.fail(expected, observed).story(story).evidence(deeds).line(wanted.written.at.line).done())
}

/// Without a deadline it has to be contained by the end: whoever was attacked could not go on for ever.
fn never(facts: &Facts<'_>, wanted: &Wanted<'_>) -> Option<Finding> {
    let mut first: BTreeMap<&str, SimTime> = BTreeMap::new();
    for record in attacked(facts, wanted) {
        let at = first.entry(&record.actor).or_insert(record.occurred);
        *at = record.occurred.min(*at);
    }
    let stopped = |person: &str, since: SimTime| {
        let act = |d: &Deed| d.done && d.target == person && d.at >= since && CONTAINS.contains(&d.action.as_str());
        facts.deeds.iter().any(act) || facts.recording.prevented.iter().any(|p| p.actor == person)
    };
    let open: Vec<&str> = first.iter().filter(|(who, since)| !stopped(who, **since)).map(|(who, _)| *who).collect();
    if open.is_empty() {
        return None;
    }
    let expected = format!("contained by the end of the run: {}", facts.written(wanted.written.at.line));
    let observed = format!("nothing was done that stops whoever has the account of {}", open.join(", "));
    let story = facts.record_rows(attacked(facts, wanted).filter(|r| open.contains(&r.actor.as_str())));
    let deeds = facts.deeds.iter().map(|d| facts.deed_row(d));
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
    fn records_of_other_instances_are_not_meant_where_one_is_named() {
        let mut run = attacked_again("day 1 12:00", "success");
        run.script.expect.last_mut().unwrap().app = run.script.scenario.app("entra").map(|(index, _)| index);
        run.passes(&CHECK);
    }

    /// `travel` suspends Alice at 10:00, after the attack at 9:40.
    fn by_the_end() -> Example {
        let mut run = Example::travel();
        run.expect(Kind::Must, What::Contain, |e| e.target = Some(ALICE));
        run
    }

    #[test]
    fn without_a_deadline_something_has_to_stop_it_by_the_end() {
        by_the_end().passes(&CHECK);
        let mut run = by_the_end();
        run.recording.journal.retain(|entry| entry.notes.effect.is_none());
        assert!(run.fails(&CHECK).observed.contains("alice"));
        run.call("day 1 10:00", "notify", "alice");
        run.fails(&CHECK);
        run.prevented("later", "day 1 12:00");
        run.passes(&CHECK);
    }

    #[test]
    fn a_refused_attempt_is_contained() {
        attacked_again("day 1 12:00", "disabled").passes(&CHECK);
    }
}
