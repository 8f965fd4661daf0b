//! What somebody at a desk lets happen, beside the script.

use super::devices::user_agent;
use super::script::noun;
use super::{Activity, ActivityId};
use crate::scenario::{AppIndex, From, Outcome, Scenario, Using, Verb};
use crate::time::SimTime;
use crate::world::{PersonIndex, World};

/// Something that a person does now, though nobody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Whose account.
    pub actor: PersonIndex,
    /// Where.
    pub app: AppIndex,
    /// What.
    pub verb: Verb,
    /// How it ends.
    pub outcome: Outcome,
    /// Where the request comes from; home without it.
    pub from: Option<From>,
    /// The thing it is done to; without it one of a number, where the verb has any.
    pub object: Option<String>,
}

impl Happening {
    /// The activity as it is meant; its id is the overlay's to give. From elsewhere than home it is a device that nobody
    /// knows.
    pub(super) fn activity(&self, scenario: &Scenario, world: &World, now: SimTime, number: u32) -> Activity {
        let (address, place) = world.address(self.actor, self.from);
        let using = if self.from.is_some() { Using::UnknownDevice } else { Using::Laptop };
        let numbered = || {
            let (noun, joint) = noun(scenario, Some(self.app), self.verb)?;
            Some(format!("{noun}{joint}{number}"))
        };
        Activity {
            id: ActivityId::Arrived { n: number },
            occurred: now,
            actor: self.actor,
            app: Some(self.app),
            verb: self.verb,
            outcome: self.outcome,
            address: Some(address),
            place: Some(place),
            user_agent: user_agent(scenario.seed, &world.person(self.actor).key, &using),
            using,
            session: None,
            target: None,
            object: self.object.clone().or_else(numbered).map(Into::into),
            details: [].into(),
            attack: None,
            step: None,
            late: None,
        }
    }
}
