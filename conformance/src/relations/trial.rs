//! A scenario made from another, and the law that joins what a stack says of the two.

use std::collections::BTreeMap;
use std::sync::Arc;

use simulator::scenario::{Scenario, Step, Who};
use simulator::time::SimTime;

use super::Law;
use crate::contract::Declares;
use crate::scenario::Script;

/// What a relation is given.
pub struct Given<'a> {
    /// The scenario to change.
    pub script: &'a Script,
    /// What the stack promises.
    pub declares: &'a Declares,
    /// The other scenarios that were chosen.
    pub others: &'a [Script],
}

/// A scenario to be played.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was changed, in a few words.
    pub title: String,
    /// The changed scenario.
    pub script: Script,
    /// How what is said of it must stand to what is said of the unchanged one.
    pub law: Law,
    /// Whether the stack acts.
    pub acts: Acts,
    /// Who is called otherwise here: by key, the key in the unchanged scenario.
    pub names: BTreeMap<String, String>,
    /// Another chosen scenario whose alerts are expected too: its id, and what its people are called here.
    pub also: Option<(String, BTreeMap<String, String>)>,
}

/// Whether a stack acts on its alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acts {
    /// As the scenario says.
    AsWritten,
    /// It only looks on.
    Never,
}

impl Trial {
    /// A trial in which the stack only looks on, and which must leave its alerts as they are.
    pub fn new(title: impl Into<String>, script: &Script) -> Self {
        Self {
            title: title.into(),
            script: looking_on(script),
            law: Law::Equal,
            acts: Acts::Never,
            names: BTreeMap::new(),
            also: None,
        }
    }

    /// The same under another law.
    #[must_use]
    pub fn law(self, law: Law) -> Self {
        Self { law, ..self }
    }

    /// A trial in which the stack acts as the scenario says, and has to do the same as before.
    pub fn acting(title: impl Into<String>, script: &Script) -> Self {
        Self { script: script.clone(), law: Law::EqualDeeds, acts: Acts::AsWritten, ..Self::new(title, script) }
    }
}

/// The scenario with policies that order nothing.
pub fn looking_on(script: &Script) -> Script {
    changed(script, |scenario| {
        for policy in &mut scenario.policies {
            policy.parameters.remove("action");
        }
    })
}

/// The scenario with something changed in it.
pub fn changed(script: &Script, change: impl FnOnce(&mut Scenario)) -> Script {
    let mut scenario = Scenario::clone(&script.scenario);
    change(&mut scenario);
    Script { scenario: Arc::new(scenario), ..script.clone() }
}

/// Steps in the order in which scripts have them: by time, equal times as they stand.
pub fn in_order(steps: &mut [Step]) {
    steps.sort_by_key(|step| step.at);
}

/// A step that an administrator or somebody does, plain in everything that is not written here.
pub fn plain_step(like: &Step, at: SimTime, verb: simulator::scenario::Verb, actor: Who) -> Step {
    Step {
        at,
        verb,
        actor,
        app: None,
        from: None,
        using: simulator::scenario::Using::Laptop,
        agent: None,
        result: simulator::scenario::Outcome::Success,
        target: None,
        object: None,
        details: BTreeMap::new(),
        times: 1,
        over: std::time::Duration::ZERO,
        late: None,
        attack: None,
        id: None,
        position: like.position,
    }
}

impl Given<'_> {
    /// The scenario's steps, if there are any.
    pub fn steps(&self) -> Result<&[Step], String> {
        let steps = &self.script.scenario.script;
        if steps.is_empty() { Err("nothing is scripted in it".to_owned()) } else { Ok(steps) }
    }

    /// Whether only policies of this list are in force; else why not.
    pub fn only_policies(&self, list: &[&str], why: &str) -> Result<(), String> {
        let other = self.script.scenario.policies.iter().find(|policy| !list.contains(&policy.name.as_str()));
        other.map_or(Ok(()), |policy| Err(format!("{} {why}", policy.name)))
    }

    /// Why it cannot be changed where things already go wrong in it.
    pub fn without_faults(&self) -> Result<(), String> {
        if self.script.has_faults() { Err("it has faults of its own".to_owned()) } else { Ok(()) }
    }
}
