//! Which alerts can be derived from what really happened: after containment, fewer than the scenario wrote down.
//!
//! # Sources
//! scenario-language.md 1, "Containment is physics": a `must: alert` that is no longer derivable lapses.

use simulator::scenario::Step;
use simulator::time::SimTime;

use crate::recording::{Prevented, Recording};
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
    /// Vendor ids of the deciding events.
    pub evidence: Vec<String>,
    /// When the last of them could be read.
    pub available_at: SimTime,
    /// Attack they belong to.
    pub attack: Option<String>,
}

/// Derives what is owed. None: nobody derives it, and what is written stands unless something it needs was prevented.
pub fn owed(_recording: &Recording, _script: &Script) -> Option<Vec<Owed>> {
    None
}

impl Facts<'_> {
    /// Why a `must: alert` about `actor` is not owed any more, if it is not. Nothing lapses unless something was
    /// prevented: a mistake of the derivation must not excuse a stack.
    pub fn lapsed(&self, wanted: &Expectation, actor: Option<&str>) -> Option<String> {
        if self.recording.prevented.is_empty() {
            return None;
        }
        let lapsed = match &self.owed {
            Some(owed) => !owed.iter().any(|o| self.answers(wanted, actor, o)),
            None => self.recording.prevented.iter().any(|p| self.concerns(wanted, actor, p)),
        };
        lapsed.then(|| "not derivable any more from what happened, since the stack prevented the rest".to_owned())
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
        wanted.policy.as_ref().is_none_or(|p| *p == owed.policy)
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
