//! Whether a scenario's labels and expectations agree with the definitions: the oracle's part of `conformance lint`.

use std::sync::Arc;
use std::time::Duration;

use simulator::scenario::{Policy, Scenario, Who};
use simulator::timeline::Timeline;
use simulator::world::{PersonIndex, World};

use super::{Edge, Owed, Seen, edges, observed, owed};
use crate::scenario::lint::{Gravity, Remark};
use crate::scenario::{Expectation, Kind, Script, What};

/// The cast's ordinary days that are looked at before day 1: more than the widest window of a definition.
const HISTORY: Duration = Duration::from_secs(2 * 86_400);

/// Every `must: alert` is derivable, nothing is derived that is forbidden or that no attack is in, and what lies near a
/// threshold says so by writing the parameter.
///
/// Looks at the script as it goes uncontained, and at the cast's days before it. The background is left out: it owes
/// nothing, which has a test of its own.
pub fn remarks(script: &Script) -> Vec<Remark> {
    // A person less changes nobody else, so the cast is the same without the background.
    let scenario = Arc::new(Scenario { people: 0, ..Scenario::clone(&script.scenario) });
    let world = match World::build(&scenario) {
        Ok(world) => world,
        Err(error) => return vec![Remark::error(first_line(), error.to_string())],
    };
    let seen = everything(&scenario, &world);
    let owed = owed(&scenario, &seen);
    let subject = Subject { script, world: &world, seen: &seen, owed: &owed };
    let mut remarks: Vec<Remark> = script.expect.iter().filter_map(|e| subject.underivable(e)).collect();
    remarks.extend(owed.iter().filter_map(|o| subject.unwanted(o)));
    remarks.extend(edges(&scenario, &seen).iter().filter_map(|e| subject.unwritten(e)));
    remarks.dedup();
    remarks
}

fn first_line() -> simulator::scenario::Position {
    simulator::scenario::Position { line: 1, column: 1 }
}

fn everything(scenario: &Arc<Scenario>, world: &World) -> Vec<Seen> {
    let timeline = Timeline::new(Arc::clone(scenario), Arc::new(world.clone()));
    let before = timeline.background(scenario.calendar().day_1() - HISTORY, timeline.ends());
    observed(scenario, world, before.chain(Timeline::uncontained(scenario, world)))
}

struct Subject<'a> {
    script: &'a Script,
    world: &'a World,
    seen: &'a [Seen],
    owed: &'a [Owed],
}

impl Subject<'_> {
    /// A `must: alert` that no definition derives from what is written.
    fn underivable(&self, expectation: &Expectation) -> Option<Remark> {
        let alert = expectation.what == What::Alert && expectation.kind == Kind::Must;
        let derived = || self.owed.iter().any(|owed| self.answers(expectation, owed));
        (alert && !derived()).then(|| {
            let policy = expectation.policy.as_deref().unwrap_or("any policy");
            let near = self.owed.iter().find(|o| expectation.policy.as_ref().is_none_or(|p| *p == o.policy));
            let instead = near.map_or_else(|| "it derives none".to_owned(), |o| format!("it derives {}", self.tell(o)));
            Remark::error(expectation.at, format!("the definition of {policy} does not derive this alert: {instead}"))
        })
    }

    /// An alert that the definitions derive and the scenario forbids, or that rests on ordinary activities alone.
    fn unwanted(&self, owed: &Owed) -> Option<Remark> {
        let of = |kind| {
            let matching = move |e: &&Expectation| e.what == What::Alert && e.kind == kind;
            self.script.expect.iter().filter(matching).find(|e| self.concerns(e, owed))
        };
        let allowed = of(Kind::Must).or_else(|| of(Kind::May));
        if let Some(forbidden) = of(Kind::MustNot) {
            let message = format!("this forbids an alert that the definition derives: {}", self.tell(owed));
            return Some(Remark::error(forbidden.at, message));
        }
        (owed.attack.is_none() && allowed.is_none()).then(|| {
            let at = self.policy(&owed.policy).map_or(first_line(), |p| p.at);
            Remark::error(at, format!("nothing of an attack is in it, yet the definition derives {}", self.tell(owed)))
        })
    }

    /// A value close to a threshold that is not written.
    fn unwritten(&self, edge: &Edge) -> Option<Remark> {
        let policy = self.policy(&edge.policy)?;
        (!policy.parameters.contains_key(edge.parameter) && !edge.steps.is_empty()).then(|| {
            let (value, threshold) = (edge.value, edge.threshold);
            let (name, parameter) = (&edge.policy, edge.parameter);
            let who = &self.world.person(edge.actor).key;
            let message = format!(
                "{who} comes within 2 % of {name}'s {parameter} ({value:.1}, threshold {threshold}); write the parameter"
            );
            Remark { gravity: Gravity::Warning, at: policy.at, length: 1, message }
        })
    }

    fn policy(&self, name: &str) -> Option<&Policy> {
        self.script.scenario.policies.iter().find(|p| p.name == name)
    }

    /// Whether an alert is the one that is written of, evidence included.
    fn answers(&self, expectation: &Expectation, owed: &Owed) -> bool {
        self.concerns(expectation, owed) && expectation.evidence.iter().all(|id| self.cites(owed, id))
    }

    fn concerns(&self, expectation: &Expectation, owed: &Owed) -> bool {
        expectation.policy.as_ref().is_none_or(|p| *p == owed.policy)
            && expectation.actor.is_none_or(|who| self.is(owed.actor, who))
            && expectation.attack.is_none_or(|a| owed.attack == Some(a))
    }

    fn is(&self, person: PersonIndex, who: Who) -> bool {
        match who {
            Who::Admin => person == PersonIndex(0),
            Who::Cast(index) => self.world.person(person).cast == Some(index),
        }
    }

    /// Whether an alert rests on a record of the step with this id.
    fn cites(&self, owed: &Owed, id: &str) -> bool {
        let steps = &self.script.scenario.script;
        let of_step = |s: &&Seen| s.activity.step.is_some_and(|step| steps[step].id.as_deref() == Some(id));
        self.seen.iter().filter(of_step).any(|s| owed.evidence.contains(&s.cite()))
    }

    fn tell(&self, owed: &Owed) -> String {
        let at = self.script.scenario.calendar().spell(owed.decided_at);
        format!("{} about {} at {at}", owed.policy, self.world.person(owed.actor).key)
    }
}

#[cfg(test)]
mod tests;
