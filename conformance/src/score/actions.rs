//! What was done to accounts.
//!
//! **Blast radius**: users acted on who had no `must` episode. A user has one if a `must` of the scenario names them
//! (whether or not the stack prevented the rest of it), if a `must` names an attack and they were its victim, or if a
//! definition in force is true of them, whether what made it true was an attack or not: that is what its action was
//! ordered for. A `may` is no reason to act for this measure, and neither is an attack below every threshold: what is only
//! tolerated still locks somebody out of their work. Only deeds that took effect count, notices included, whatever the
//! stack says it did.

use std::collections::BTreeSet;

use crate::check::allowance::Permit;
use crate::observe::Facts;
use crate::observe::governance::Deed;
use crate::scenario::{Kind, What};

use super::found;

const REPEATED: &str = "governance/repeated";
const MISSING: &str = "governance/missing";
const CLAIMED: &str = "governance/claimed-not-done";
const UNCLAIMED: &str = "governance/done-not-claimed";

/// Checks whose findings are counted.
pub const CHECKS: [&str; 4] = [REPEATED, MISSING, CLAIMED, UNCLAIMED];

/// What was done in one passage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Actions that a scenario orders.
    pub owed: usize,
    /// Those that took effect as often as they were ordered.
    pub done: usize,
    /// Users acted on.
    pub users: BTreeSet<String>,
    /// Users acted on who had no `must` episode, with the action.
    pub blast: BTreeSet<(String, String)>,
    /// Calls that nothing allows.
    pub unexpected: usize,
    /// Calls that did again what was done.
    pub repeated: usize,
    /// Calls made before the stack had raised an alert that leads to them.
    pub early: usize,
    /// Deeds that were claimed and not done, or done and not claimed.
    pub misreported: usize,
}

/// What was done in a passage.
pub fn actions(facts: &Facts<'_>) -> Actions {
    let owed = facts.musts(|what| matches!(what, What::Action(_))).len();
    let done = || facts.deeds.iter().filter(|deed| deed.done);
    let victims = victims(facts);
    let innocent = |deed: &&Deed| !victims.contains(&deed.target);
    Actions {
        owed,
        done: owed.saturating_sub(found(facts, MISSING)),
        users: done().map(|deed| deed.target.clone()).collect(),
        blast: done().filter(innocent).map(|deed| (deed.target.clone(), deed.action.clone())).collect(),
        unexpected: facts.deeds.iter().filter(|deed| facts.permit(deed) != Permit::Given).count(),
        repeated: found(facts, REPEATED),
        early: facts.deeds.iter().filter(|deed| is_early(facts, deed)).count(),
        misreported: found(facts, CLAIMED) + found(facts, UNCLAIMED),
    }
}

/// Everybody who had a `must` episode.
fn victims(facts: &Facts<'_>) -> BTreeSet<String> {
    let mut victims = BTreeSet::new();
    for must in facts.script.expect.iter().filter(|e| e.kind == Kind::Must) {
        let named: Vec<String> =
            must.actor.into_iter().chain(must.target).flat_map(|who| facts.everybody(who)).collect();
        let attack = must.attack.map(|attack| &facts.script.scenario.attacks[attack.0].name);
        let attacked = facts.recording.truth.iter().filter(|r| attack.is_some() && r.attack.as_ref() == attack);
        match named.is_empty() {
            true => victims.extend(attacked.map(|record| record.actor.clone())),
            false => victims.extend(named),
        }
    }
    victims.extend(facts.owed.iter().flatten().map(|owed| owed.actor.clone()));
    victims
}

/// Whether a call was made before any alert that leads to it was read. One that no alert leads to is unexpected, not early.
fn is_early(facts: &Facts<'_>, deed: &Deed) -> bool {
    facts.leading(deed).map(|alert| alert.created()).min().is_some_and(|alerted| deed.at < alerted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::observe::example::{BOB, Example};
    use crate::observe::owed::Owed;

    fn of(run: &Example) -> Actions {
        actions(&run.facts())
    }

    #[test]
    fn acting_on_the_victim_has_no_blast_radius() {
        let actions = of(&Example::travel());
        assert_eq!((actions.owed, actions.done, actions.users.len()), (1, 1, 1));
        assert_eq!((actions.blast.len(), actions.unexpected, actions.early), (0, 0, 0));
    }

    #[test]
    fn a_colleague_who_is_acted_on_is_in_the_blast_radius() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "suspend", "bob");
        let actions = of(&run);
        assert_eq!(actions.blast, BTreeSet::from([("bob".to_owned(), "suspend".to_owned())]));
        assert_eq!(actions.unexpected, 1);
    }

    #[test]
    fn what_is_only_tolerated_is_in_it_too() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "suspend", "bob");
        run.expect(Kind::May, What::Action(crate::scenario::ActionWord::Suspend), |e| e.target = Some(BOB));
        let actions = of(&run);
        assert_eq!((actions.blast.len(), actions.unexpected), (1, 0));
    }

    #[test]
    fn somebody_of_whom_a_definition_is_true_is_not() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "suspend", "bob");
        let at = run.at("day 1 09:40");
        let mut facts = run.facts();
        facts.owed = Some(vec![Owed {
            policy: "impossible_travel".to_owned(),
            actor: "bob".to_owned(),
            app: None,
            evidence: Vec::new(),
            decided_at: at,
            deciding: Vec::new(),
            available_at: at,
            waits: Duration::ZERO,
            attack: None,
        }]);
        assert_eq!(actions(&facts).blast.len(), 0);
    }

    #[test]
    fn a_call_without_effect_hits_nobody() {
        let mut run = Example::travel();
        run.call("day 1 10:05", "suspend", "bob").notes.effect.as_mut().unwrap().done = false;
        assert_eq!(of(&run).blast.len(), 0);
    }

    #[test]
    fn a_call_before_its_alert_is_early() {
        let mut run = Example::travel();
        run.call("day 1 09:59", "suspend", "alice");
        assert_eq!(of(&run).early, 1);
    }
}
