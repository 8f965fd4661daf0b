//! Why an alert that a scenario asks for does not follow from it: what its definition computed, and how far off that is.

use std::collections::BTreeSet;
use std::time::Duration;

use simulator::time::spell_duration;
use simulator::world::World;

use super::is;
use crate::oracle::{Edge, Owed, Seen, counted_by};
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
    let candidates = named.flat_map(|policy| counted_by(scenario, policy, seen));
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
        None => "nothing that it counts comes near".to_owned(),
    }
}

/// A number as its parameter is written.
fn spelled(parameter: &str, value: f64) -> String {
    match parameter {
        "within" => spell_duration(Duration::from_secs_f64(value)),
        "at_least" => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}
