//! Which scenarios are played for the relations that were chosen, and what came of each relation.

use std::collections::BTreeMap;

use super::trial::looking_on;
use super::{Acts, Binds, Form, Given, Relation, Said, Trial};
use crate::contract::Declares;
use crate::scenario::Script;

/// Everything that is to be played, and what for.
pub struct Plan {
    /// The scenarios, unchanged and changed, each under an id of its own.
    pub scripts: Vec<Script>,
    trials: Vec<Planned>,
    left_out: Vec<(usize, TrialOutcome)>,
    relations: Vec<&'static Relation>,
}

/// A trial that is to be played.
struct Planned {
    relation: usize,
    scenario: String,
    id: String,
    trial: Trial,
}

/// What came of a relation.
#[derive(Clone, Debug)]
pub struct RelationOutcome {
    /// Which.
    pub relation: &'static Relation,
    /// What came of each trial of it.
    pub trials: Vec<TrialOutcome>,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialOutcome {
    /// Id of the unchanged scenario.
    pub scenario: String,
    /// What was changed; empty where nothing could be.
    pub title: String,
    /// What came of it.
    pub verdict: TrialRuling,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrialRuling {
    /// The law holds.
    Holds,
    /// It does not: what speaks against it.
    Broken(Vec<String>),
    /// It cannot be tried on this scenario, for this reason.
    NotTried(String),
    /// It was tried, and what was to be tried never happened.
    Undecided(String),
    /// We could not play it.
    Failed(String),
}

/// What came of a relation, of all its trials together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It holds wherever it was decided.
    Holds,
    /// It does not.
    Broken,
    /// Nothing was decided.
    Undecided,
    /// It cannot be tried on the scenarios that were chosen.
    NotTried,
    /// It cannot be tried at all.
    Inexpressible,
    /// We failed.
    Failed,
}

impl Plan {
    /// Plans relations on scenarios.
    pub fn new(relations: Vec<&'static Relation>, scripts: &[Script], declares: &Declares) -> Self {
        let mut plan = Self { scripts: Vec::new(), trials: Vec::new(), left_out: Vec::new(), relations };
        for (place, relation) in plan.relations.clone().into_iter().enumerate() {
            let Form::Played(make) = relation.form else { continue };
            for script in scripts {
                let given = Given { script, declares, others: scripts };
                match make(&given) {
                    Ok(trials) => trials.into_iter().for_each(|trial| plan.add(place, relation, script, trial)),
                    Err(why) => {
                        let verdict = TrialRuling::NotTried(why);
                        let outcome = TrialOutcome { scenario: script.id.clone(), title: String::new(), verdict };
                        plan.left_out.push((place, outcome));
                    }
                }
            }
        }
        for (id, acts) in plan.unchanged() {
            let script = scripts.iter().find(|script| script.id == id).expect("it was planned from one of these");
            let played = match acts {
                Acts::AsWritten => script.clone(),
                Acts::Never => looking_on(script),
            };
            plan.scripts.push(Script { id: unchanged_id(&id, acts), ..played });
        }
        plan.scripts.extend(plan.trials.iter().map(|planned| planned.trial.script.clone()));
        plan
    }

    fn add(&mut self, place: usize, relation: &Relation, script: &Script, trial: Trial) {
        let n = self.trials.iter().filter(|t| t.relation == place && t.scenario == script.id).count() + 1;
        let id = format!("{}/{n}/{}", relation.id, script.id);
        let trial = Trial { script: Script { id: id.clone(), ..trial.script }, ..trial };
        self.trials.push(Planned { relation: place, scenario: script.id.clone(), id, trial });
    }

    /// The unchanged scenarios that trials are compared with.
    fn unchanged(&self) -> Vec<(String, Acts)> {
        let own = self.trials.iter().map(|planned| (planned.scenario.clone(), planned.trial.acts));
        let also = self.trials.iter().filter_map(|p| Some((p.trial.also.as_ref()?.0.clone(), p.trial.acts)));
        let mut all: Vec<_> = own.chain(also).collect();
        all.sort();
        all.dedup();
        all
    }

    /// What came of each relation, from what was said in each scenario that was played, or why that is not known.
    pub fn outcomes(self, said: &BTreeMap<String, Result<Said, String>>) -> Vec<RelationOutcome> {
        let mut outcomes: Vec<RelationOutcome> =
            self.relations.into_iter().map(|relation| RelationOutcome { relation, trials: Vec::new() }).collect();
        for planned in &self.trials {
            let verdict = verdict(planned, said).unwrap_or_else(TrialRuling::Failed);
            let (scenario, title) = (planned.scenario.clone(), planned.trial.title.clone());
            outcomes[planned.relation].trials.push(TrialOutcome { scenario, title, verdict });
        }
        for (place, outcome) in self.left_out {
            outcomes[place].trials.push(outcome);
        }
        for outcome in &mut outcomes {
            outcome.trials.sort_by(|a, b| a.scenario.cmp(&b.scenario));
        }
        outcomes
    }
}

fn unchanged_id(id: &str, acts: Acts) -> String {
    match acts {
        Acts::AsWritten => format!("as-written/{id}"),
        Acts::Never => format!("looking-on/{id}"),
    }
}

fn verdict(planned: &Planned, said: &BTreeMap<String, Result<Said, String>>) -> Result<TrialRuling, String> {
    let of = |id: &str| said.get(id).cloned().unwrap_or_else(|| Err("it was not played".to_owned()));
    let trial = &planned.trial;
    let mut before = of(&unchanged_id(&planned.scenario, trial.acts))?;
    if let Some((other, names)) = &trial.also {
        before = before.and(&of(&unchanged_id(other, trial.acts))?.renamed(names));
    }
    let after = of(&planned.id)?.renamed(&trial.names);
    if let Some(why) = &before.broken {
        return Ok(TrialRuling::Undecided(format!("the unchanged run broke off: {why}")));
    }
    let against = trial.law.broken(&before, &after);
    if !against.is_empty() {
        return Ok(TrialRuling::Broken(against));
    }
    let new_and_idle = after.idle_faults.iter().find(|fault| !before.idle_faults.contains(fault));
    Ok(new_and_idle.map_or(TrialRuling::Holds, |fault| TrialRuling::Undecided(format!("`{fault}` met nothing"))))
}

impl RelationOutcome {
    /// All trials together: the worst decides, and what was not tried decides nothing.
    pub fn ruling(&self) -> Ruling {
        if matches!(self.relation.form, Form::Inexpressible(_)) {
            return Ruling::Inexpressible;
        }
        let any = |is: fn(&TrialRuling) -> bool| self.trials.iter().any(|trial| is(&trial.verdict));
        if any(|v| matches!(v, TrialRuling::Failed(_))) {
            Ruling::Failed
        } else if any(|v| matches!(v, TrialRuling::Broken(_))) {
            Ruling::Broken
        } else if any(|v| *v == TrialRuling::Holds) {
            Ruling::Holds
        } else if any(|v| matches!(v, TrialRuling::Undecided(_))) {
            Ruling::Undecided
        } else {
            Ruling::NotTried
        }
    }

    /// Whether it is broken by a stack that it binds.
    pub fn is_breach(&self) -> bool {
        self.ruling() == Ruling::Broken && self.relation.binds == Binds::Every
    }

    /// So many trials were decided.
    pub fn decided(&self) -> usize {
        let decided = |trial: &&TrialOutcome| matches!(trial.verdict, TrialRuling::Holds | TrialRuling::Broken(_));
        self.trials.iter().filter(decided).count()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::observe::example::Example;
    use crate::relations::{ALL, Law};
    use crate::scenario::read_text;

    const STORY: &str = "\
title: Alice in two cities
apps: { entra: {}, miro: {} }
cast: { alice: {}, bob: {} }
attacks: { takeover: T1078.004 }
policies: { impossible_travel: { speed: 900, distance: 500, action: suspend } }
script:
  - { at: day 1 08:30, actor: bob, does: sign_in, app: miro }
  - { id: desk, at: day 1 09:00, actor: alice, does: sign_in, app: miro }
  - { id: thief, at: day 1 09:40, actor: alice, does: sign_in, app: miro, from: Madrid, attack: takeover }
expect:
  - { must: alert, policy: impossible_travel, actor: alice, evidence: [desk, thief] }
";

    fn script(id: &str) -> Script {
        read_text(id, Path::new("s.yaml"), STORY).unwrap()
    }

    fn plan(ids: &[&str]) -> Plan {
        let scripts: Vec<Script> = ids.iter().map(|id| script(id)).collect();
        Plan::new(ALL.iter().collect(), &scripts, &Example::travel().declares)
    }

    fn nothing_said(plan: &Plan) -> BTreeMap<String, Result<Said, String>> {
        plan.scripts.iter().map(|script| (script.id.clone(), Ok(Said::default()))).collect()
    }

    #[test]
    fn every_scenario_that_is_to_be_played_has_an_id_of_its_own_and_a_world() {
        let plan = plan(&["travel/a", "travel/b"]);
        let ids: std::collections::BTreeSet<&str> = plan.scripts.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids.len(), plan.scripts.len());
        for script in &plan.scripts {
            let world = simulator::world::World::build(&script.scenario);
            assert!(world.is_ok(), "{}: {:?}", script.id, world.err());
        }
    }

    #[test]
    fn most_relations_can_be_tried_on_two_journeys() {
        let plan = plan(&["travel/a", "travel/b"]);
        let said = nothing_said(&plan);
        let outcomes = plan.outcomes(&said);
        let untried: Vec<&str> =
            outcomes.iter().filter(|o| o.decided() == 0).map(|outcome| outcome.relation.id).collect();
        // No ties, no networks of its own, and one relation that cannot be expressed.
        assert_eq!(untried, ["M16", "M17", "M18"]);
        assert!(outcomes.iter().filter(|o| o.decided() > 0).all(|o| o.ruling() == Ruling::Holds));
    }

    #[test]
    fn what_was_not_played_is_our_failure() {
        let outcomes = plan(&["travel/a"]).outcomes(&BTreeMap::new());
        assert_eq!(outcomes[0].ruling(), Ruling::Failed);
    }

    #[test]
    fn a_broken_relation_says_what_speaks_against_it() {
        let plan = plan(&["travel/a"]);
        let mut said = nothing_said(&plan);
        let alert = Said::of(&Example::travel().facts());
        said.insert("looking-on/travel/a".to_owned(), Ok(alert));
        let outcomes = plan.outcomes(&said);
        let late = outcomes.iter().find(|outcome| outcome.relation.id == "M07").unwrap();
        assert!(late.is_breach());
        let TrialRuling::Broken(against) = &late.trials[0].verdict else { panic!("{late:?}") };
        assert!(against[0].starts_with("0 of 1 expected: impossible_travel about alice"), "{against:?}");
    }

    #[test]
    fn a_fault_that_met_nothing_decides_nothing() {
        let plan = plan(&["travel/a"]);
        let mut said = nothing_said(&plan);
        for (id, said) in &mut said {
            if id.starts_with("M19/") {
                said.as_mut().unwrap().idle_faults = vec!["reset".to_owned()];
            }
        }
        let outcomes = plan.outcomes(&said);
        let faults = outcomes.iter().find(|outcome| outcome.relation.id == "M19").unwrap();
        assert_eq!(faults.ruling(), Ruling::Undecided);
    }

    #[test]
    fn a_story_without_an_attack_is_silent_by_law() {
        let plan = plan(&["travel/a"]);
        let silent = plan.trials.iter().find(|planned| planned.id == "M10/1/travel/a").unwrap();
        assert_eq!(silent.trial.law, Law::Silent);
        assert!(silent.trial.script.scenario.script.iter().all(|step| step.attack.is_none()));
    }
}
