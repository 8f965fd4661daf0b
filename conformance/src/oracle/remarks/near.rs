//! Why an alert that a scenario asks for does not follow from it: what its definition computed, and how far off that is.

use std::collections::BTreeSet;
use std::time::Duration;

use simulator::scenario::tables::CUSTOM_POLICY_KEY;
use simulator::scenario::{Outcome, Policy};
use simulator::time::spell_duration;
use simulator::world::World;

use super::is;
use crate::oracle::parameters::created;
use crate::oracle::{Edge, LooksAt, Owed, Seen, counted_by, custom, definition};
use crate::scenario::{Expectation, Script};

/// So many alerts are told of at most.
const MOST: usize = 3;

/// What is said of an alert that is asked for and not owed.
pub(super) fn not_derivable(
    script: &Script,
    world: &World,
    seen: &[Seen],
    wanted: &Expectation,
    derived: &[Owed],
) -> String {
    let policy = wanted.policy.as_deref().unwrap_or("any policy");
    let of_policy = |o: &&Owed| wanted.policy.as_ref().is_none_or(|p| *p == o.policy);
    let others: Vec<String> = derived.iter().filter(of_policy).map(|o| alert(script, world, seen, o)).collect();
    let found = match others.as_slice() {
        [] => format!("finds nothing; {}", nearest(script, world, seen, wanted)),
        [..] if others.len() <= MOST => format!("finds only {}", others.join(", and ")),
        [..] => format!("finds only {}, and {} more", others[..MOST].join(", and "), others.len() - MOST),
    };
    format!("no such alert follows from the script: by its definition {policy} {found}")
}

/// An alert that is owed: `bob at day 1 10:24:00 (by desk, thief)`.
fn alert(script: &Script, world: &World, seen: &[Seen], owed: &Owed) -> String {
    let cited = seen.iter().filter(|s| owed.evidence.contains(&s.cite())).filter_map(|s| s.activity.step);
    let ids = ids(script, cited);
    let who = &world.people[owed.actor.0].key;
    let at = script.scenario.calendar().spell(owed.decided_at);
    let by = if ids.is_empty() { String::new() } else { format!(" (by {ids})") };
    format!("{who} at {at}{by}")
}

/// The ids of steps, or the lines they stand in.
fn ids(script: &Script, steps: impl Iterator<Item = usize>) -> String {
    let steps: BTreeSet<usize> = steps.collect();
    let name = |step: usize| {
        let step = &script.scenario.script[step];
        step.id.clone().unwrap_or_else(|| format!("line {}", step.position.line))
    };
    let names: Vec<String> = steps.into_iter().map(name).collect();
    names.join(", ")
}

/// What comes nearest to what is asked for, of all that the policies counted.
fn nearest(script: &Script, world: &World, seen: &[Seen], wanted: &Expectation) -> String {
    let scenario = &script.scenario;
    let named = scenario.policies.iter().filter(|p| wanted.policy.as_ref().is_none_or(|name| *name == p.name));
    let asked: Vec<usize> = (0..scenario.script.len())
        .filter(|i| scenario.script[*i].id.as_ref().is_some_and(|id| wanted.evidence.contains(id)))
        .collect();
    if let Some(silent) = asked.iter().find(|step| !seen.iter().any(|s| s.activity.step == Some(**step))) {
        return format!("{} leaves no record in any log", ids(script, std::iter::once(*silent)));
    }
    let named: Vec<&Policy> = named.collect();
    if let [policy] = named[..]
        && let Some(why) = not_looked_at(script, policy, seen, &asked, wanted)
    {
        return why;
    }
    let candidates = named.iter().flat_map(|policy| counted_by(scenario, policy, seen));
    let of_actor = |edge: &Edge| wanted.actor.is_none_or(|who| is(world, edge.actor, who));
    let far = |edge: &Edge| {
        let not_asked = asked.iter().filter(|step| !edge.steps.contains(step)).count();
        (not_asked, (edge.value / edge.threshold).ln().abs())
    };
    let nearest = candidates.filter(of_actor).min_by(|a, b| {
        let (a, b) = (far(a), far(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    match nearest {
        Some(edge) => {
            let who = &world.people[edge.actor.0].key;
            let (at, basis) = (scenario.calendar().spell(edge.at), &edge.basis);
            let (value, threshold) = (spelled(edge.parameter, edge.value), spelled(edge.parameter, edge.threshold));
            format!("nearest is {who} at {at} with {basis}: `{}` is {value} against {threshold}", edge.parameter)
        }
        None => match named.first().filter(|_| named.len() == 1).and_then(|policy| looked_at(policy)) {
            Some(looks) => format!("nothing comes near; it looks at {}", looks.words),
            None => "nothing that it counts comes near".to_owned(),
        },
    }
}

/// The steps of the attack that is asked for.
fn of_attack(script: &Script, wanted: &Expectation) -> Vec<usize> {
    let steps = script.scenario.script.iter().enumerate();
    steps.filter(|(_, step)| wanted.attack.is_some() && step.attack == wanted.attack).map(|(index, _)| index).collect()
}

/// Why a policy does not so much as look at what is asked for: at a step of the evidence, or at any step of the attack.
fn not_looked_at(
    script: &Script,
    policy: &Policy,
    seen: &[Seen],
    evidence: &[usize],
    wanted: &Expectation,
) -> Option<String> {
    let (looks, since) = (looked_at(policy)?, created(&script.scenario, policy));
    let attack = of_attack(script, wanted);
    let (steps, enough) = if evidence.is_empty() { (&attack[..], attack.len()) } else { (evidence, 1) };
    let of = |step: usize| seen.iter().filter(move |one| one.activity.step == Some(step));
    let is_early = |step: &&usize| since.is_some_and(|t| of(**step).all(|one| one.activity.occurred < t));
    if let (Some(step), Some(since)) = (steps.iter().find(is_early), since) {
        let since = script.scenario.calendar().spell(since);
        return Some(format!("{} happens before the policy is `created` ({since})", ids(script, [*step].into_iter())));
    }
    let counts = |one: &Seen| (looks.counts)(policy, one);
    let unseen: Vec<usize> = steps.iter().copied().filter(|step| !of(*step).any(counts)).collect();
    let first = unseen.first().filter(|_| unseen.len() >= enough)?;
    let step = &script.scenario.script[*first];
    let result = if step.result == Outcome::Success { String::new() } else { format!(", {}", step.result.name()) };
    let others = if unseen.len() == 1 { String::new() } else { format!(" and {} more", unseen.len() - 1) };
    let (name, verb, words) = (ids(script, [*first].into_iter()), step.verb.name(), looks.words);
    Some(format!("{name} ({verb}{result}){others} is nothing that it looks at: {words}"))
}

/// What a policy looks at; none for one that looks at no single record, as an incident, which is made of others' alerts.
fn looked_at(policy: &Policy) -> Option<LooksAt> {
    let own = || policy.parameters.contains_key(CUSTOM_POLICY_KEY).then_some(custom::LOOKS_AT);
    definition(&policy.name).map(|definition| definition.looks_at).or_else(own)
}

/// A number as its parameter is written.
fn spelled(parameter: &str, value: f64) -> String {
    match parameter {
        "within" => spell_duration(Duration::from_secs_f64(value)),
        "at_least" => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}
