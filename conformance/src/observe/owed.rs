//! Which alerts can be derived from what really happened: after containment, fewer than the scenario wrote down.
//! A `must: alert` that is no longer derivable lapses.

use std::collections::BTreeMap;
use std::time::Duration;

use simulator::scenario::Step;
use simulator::time::SimTime;
use simulator::timeline::Timeline;
use simulator::world::World;

use crate::oracle;
use crate::recording::{Prevented, Recording, TruthRecord};
use crate::scenario::{Expectation, Script};

use super::Facts;

/// An alert that a policy's definition derives from what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// Policy.
    pub policy: String,
    /// Key of the person.
    pub actor: String,
    /// Instance, for policies that count per app.
    pub app: Option<String>,
    /// Vendor ids of every event that any of its triggers rests on.
    pub evidence: Vec<String>,
    /// When the event happened that made the definition true.
    pub decided_at: SimTime,
    /// The records that suffice for that: instance and the vendor's event id.
    pub deciding: Vec<(String, String)>,
    /// When the last of these could be read, and what the definition waits for was over.
    pub available_at: SimTime,
    /// How long the definition waits for what may still happen: nothing for most.
    pub waits: Duration,
    /// Attack they belong to.
    pub attack: Option<String>,
}

/// How much of the time before the stack's start is looked at: more than any definition's window.
const BEFORE: Duration = Duration::from_secs(2 * 86_400);

/// Derives what is owed from the records that were really left: the uncontained story, less what did not happen or
/// ended otherwise.
pub fn owed(recording: &Recording, script: &Script, world: &World) -> Vec<Owed> {
    let scenario = &script.scenario;
    let truth: BTreeMap<(&str, &str), &TruthRecord> =
        recording.truth.iter().map(|t| ((t.app.as_str(), t.event_id.as_str()), t)).collect();
    let timeline = Timeline::new(scenario.clone(), world.clone().into());
    let background = timeline.background(recording.started - BEFORE, recording.ended);
    let items = Timeline::uncontained(scenario, world).into_iter().chain(background);
    let mut seen = oracle::observed(scenario, world, items);
    seen.retain(|s| {
        let left = truth.get(&(s.instance.as_str(), &*s.record.event_id));
        left.is_some_and(|t| t.occurred == s.activity.occurred && t.outcome == s.activity.outcome.name())
    });
    for s in &mut seen {
        // A record may have been shown later than the story says: by a fault.
        if let Some(left) = truth.get(&(s.instance.as_str(), &*s.record.event_id)) {
            s.record.available = left.available;
        }
    }
    let derived = oracle::owed(scenario, &seen).into_iter().map(|o| Owed {
        policy: o.policy,
        actor: world.people[o.actor.0].key.clone(),
        app: o.app.map(|a| scenario.apps[a.0].name.clone()),
        evidence: o.evidence.into_iter().map(|(_, id)| id).collect(),
        decided_at: o.decided_at,
        deciding: o.triggers.into_iter().next().map(|first| first.evidence).unwrap_or_default(),
        available_at: o.available_at,
        waits: o.waits,
        attack: o.attack.map(|a| scenario.attacks[a.0].name.clone()),
    });
    derived.collect()
}

impl Facts<'_> {
    /// Why a `must: alert` about `actor` is not owed any more, if it is not. Nothing lapses unless something that it
    /// needs was prevented: a mistake of the derivation must not excuse a stack.
    pub fn lapsed(&self, wanted: &Expectation, actor: Option<&str>) -> Option<String> {
        let needed = self.recording.prevented.iter().any(|p| self.concerns(wanted, actor, p));
        let derivable = self.owed.iter().flatten().any(|o| self.answers(wanted, actor, o));
        let lapsed = needed && !derivable;
        lapsed.then(|| "not derivable any more from what happened, since the stack prevented the rest".to_owned())
    }

    /// From when on the stack can decide on a derived alert. Where its definition waits for what may still happen, nobody
    /// knows that it did not before a record of it can come no more: as late as the stack declares to wait for records.
    pub fn decidable_at(&self, owed: &Owed) -> SimTime {
        match owed.waits.is_zero() {
            true => owed.available_at,
            false => owed.available_at.max(owed.decided_at + owed.waits + self.declares.lateness),
        }
    }

    /// Whether a derived alert is the one that is wanted.
    pub(crate) fn answers(&self, wanted: &Expectation, actor: Option<&str>, owed: &Owed) -> bool {
        let attack = wanted.attack.map(|a| self.script.scenario.attacks[a.0].name.as_str());
        let cites = |step: &String| {
            let of_step = |id: &String| {
                let records = self.truth.anywhere(None, id);
                records.iter().any(|r| self.recording.truth[*r].step.as_ref() == Some(step))
            };
            owed.evidence.iter().any(of_step)
        };
        let of_app = |app: &str| {
            let records = owed.evidence.iter().flat_map(|id| self.truth.anywhere(None, id));
            records.into_iter().any(|r| self.recording.truth[r].app == app)
        };
        wanted.policy.as_ref().is_none_or(|p| *p == owed.policy)
            && wanted.app.is_none_or(|app| of_app(self.app_name(app)))
            && actor.is_none_or(|a| a == owed.actor)
            && (attack.is_none() || owed.attack.as_deref() == attack)
            && wanted.evidence.iter().all(cites)
    }

    /// Whether an activity that did not happen may be one that a wanted alert rests on.
    fn concerns(&self, wanted: &Expectation, actor: Option<&str>, prevented: &Prevented) -> bool {
        if actor.is_some_and(|a| a != prevented.actor) {
            return false;
        }
        if !wanted.evidence.is_empty() {
            return prevented.step.as_ref().is_some_and(|s| wanted.evidence.contains(s));
        }
        let of_line = |s: &&Step| s.position.line == prevented.line;
        let step = self.script.scenario.script.iter().find(of_line);
        wanted.attack.is_none() || step.is_none_or(|s| s.attack == wanted.attack)
    }
}
