//! Attacks of the catalogue, done now: the story that a generator writes, with somebody of this company in it.
//!
//! | | |
//! |---|---|
//! | GET `/_sim/attacks` | `{"attacks": [{"name", "title", "technique", "apps"}]}`: what can be done here, and where |
//! | POST `/_sim/attacks` | `{"attack", "app", "person"}`: does it |
//!
//! The steps of the story follow one another without a pause: between them nothing is waited for.
//!
//! # Not imitated
//! A shape that wants more than somebody who does something somewhere is not offered: a grant, a role, a session that is gone
//! on with, a client's name, a network of a kind that this company has none of. `simulator serve --attack` has them all.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{Done, app, person, wrong};
use super::look::is_simple;
use crate::attacks::{self, Attack, Parameters};
use crate::scenario::{self, AppIndex, Foreign, From, NetworkSpec, Scenario, Step, Using, Who};
use crate::simulation::Simulation;
use crate::timeline::{Happening, StepOutcome};
use crate::world::{Person, PersonIndex};

/// So many people are tried as victims, before an attack is not offered.
const TRIED: usize = 3;
/// A place nearer than this is not elsewhere, kilometres: what impossible travel takes for one, twice.
const ELSEWHERE_KM: f64 = 1_000.0;

/// What can be done in this company, and in which of its apps.
pub(super) async fn list(State(sim): State<Arc<Simulation>>) -> Json<Value> {
    let victims = || sim.world.person_indices().skip(1).take(TRIED);
    let apps = |attack: &'static Attack| -> Vec<&str> {
        let indices = (0..sim.scenario.apps.len()).map(AppIndex);
        let possible = indices.filter(|app| victims().any(|victim| plan(&sim, attack, *app, victim).is_ok()));
        possible.map(|app| sim.scenario.apps[app.0].name.as_str()).collect()
    };
    let offered = attacks::ALL.iter().map(|attack| (attack, apps(attack))).filter(|(_, apps)| !apps.is_empty());
    let shown = offered.map(|(attack, apps)| {
        json!({ "name": attack.name, "title": attack.title, "technique": attack.technique, "apps": apps })
    });
    Json(json!({ "attacks": shown.collect::<Vec<_>>() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Emit {
    attack: String,
    app: String,
    person: String,
}

/// Does an attack.
pub(super) fn emit(sim: &Simulation, asked: &Emit) -> Done {
    let (at, victim) = (app(sim, &asked.app)?, person(sim, &asked.person)?);
    if !sim.world.person(victim).accounts.contains_key(&at) {
        return Err(wrong(format!("{} has no account in {}", asked.person, asked.app)));
    }
    let attack = attacks::attack(&asked.attack).map_err(|error| wrong(error.to_string()))?;
    let happenings = plan(sim, attack, at, victim).map_err(wrong)?;
    let now = sim.clock.now();
    let mut state = sim.state();
    let (mut happened, mut prevented) = (0, None);
    for (happening, times) in &happenings {
        for _ in 0..*times {
            match state.timeline.happen(now, happening) {
                StepOutcome::Prevented { why, .. } => prevented = Some(why),
                _ => happened += 1,
            }
        }
    }
    let what = format!("{} upon {} in {}: {happened} thing(s) happened", attack.name, asked.person, asked.app);
    Ok(prevented.map_or_else(|| what.clone(), |why| format!("{what}; then prevented, because {why}")))
}

/// What happens, and how often each, if the attack can be done upon somebody here.
fn plan(
    sim: &Simulation,
    attack: &'static Attack,
    app: AppIndex,
    victim: PersonIndex,
) -> Result<Vec<(Happening, u32)>, String> {
    let parameters =
        Parameters { vendor: sim.scenario.apps[app.0].vendor, seed: sim.scenario.seed, numbers: [].into() };
    let written = attacks::generate(attack.name, &parameters).map_err(|error| error.to_string())?.story.yaml();
    let story = scenario::read_text(attack.name, &written, &Foreign { keys: &[], faults: &[] })
        .map_err(|errors| errors.to_string())?;
    let cast = Cast { sim, story: &story, app, victim };
    story.script.iter().map(|step| Ok((cast.happening(step)?, step.times))).collect()
}

/// Who and what of this company stands for whom and what of a story.
struct Cast<'a> {
    sim: &'a Simulation,
    story: &'a Scenario,
    app: AppIndex,
    victim: PersonIndex,
}

impl Cast<'_> {
    fn happening(&self, step: &Step) -> Result<Happening, String> {
        let is_plain = is_simple(step.verb)
            && step.target.is_none()
            && step.details.is_empty()
            && step.agent.is_none()
            && matches!(step.using, Using::Laptop | Using::Phone | Using::UnknownDevice);
        if !is_plain {
            return Err("it wants more than somebody who does something: `simulator serve --attack` has it".to_owned());
        }
        Ok(Happening {
            actor: self.actor(step.actor)?,
            app: self.instance(step.app)?,
            verb: step.verb,
            outcome: step.result,
            from: step.from.map(|from| self.from(from)).transpose()?,
            object: step.object.clone(),
        })
    }

    /// The first of the cast is the victim; the others are whoever else has an account there.
    fn actor(&self, who: Who) -> Result<PersonIndex, String> {
        let others = || {
            let has_account = |index: &PersonIndex| self.person(*index).accounts.contains_key(&self.app);
            self.sim.world.person_indices().skip(1).filter(|index| *index != self.victim).filter(has_account)
        };
        match who {
            Who::Admin => self.sim.world.person_indices().next().ok_or_else(|| "nobody works here".to_owned()),
            Who::Cast(0) if self.story.cast[0].count == 1 => Ok(self.victim),
            Who::Cast(member) if self.story.cast[member].count == 1 => {
                others().nth(member - 1).ok_or_else(|| format!("it wants {} people", self.story.cast.len()))
            }
            Who::Cast(_) => Err("it wants a group of people".to_owned()),
        }
    }

    fn person(&self, index: PersonIndex) -> &Person {
        self.sim.world.person(index)
    }

    /// Where the attack is done, or the first instance of another vendor that the story takes place at too.
    fn instance(&self, app: Option<AppIndex>) -> Result<AppIndex, String> {
        let Some(vendor) = app.map(|app| self.story.apps[app.0].vendor) else { return Ok(self.app) };
        let apps = &self.sim.scenario.apps;
        if apps[self.app.0].vendor == vendor {
            return Ok(self.app);
        }
        let other = apps.iter().position(|app| app.vendor == vendor);
        other.map(AppIndex).ok_or_else(|| format!("it wants {} too", vendor.name()))
    }

    /// What addresses there are was drawn when the company began, and is what the geo databases know. So a place of the story
    /// is a network of the company's that the victim is far from, and a network one with the same tags.
    fn from(&self, from: From) -> Result<From, String> {
        let home = self.person(self.victim).home;
        let stands_for = |network: &NetworkSpec| match from {
            From::Place(_) => home.distance_km(network.place) > ELSEWHERE_KM,
            From::Network(index) => self.story.networks[index].tags.iter().all(|tag| network.tags.contains(tag)),
        };
        let wanted = || match from {
            From::Place(_) => format!("a network more than {ELSEWHERE_KM} km from {}", home.name),
            From::Network(index) => format!("a network like {}", self.story.networks[index].name),
        };
        let found = self.sim.scenario.networks.iter().position(stands_for);
        found.map(From::Network).ok_or_else(|| format!("it wants {}, and the scenario names none", wanted()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ClockMode;
    use crate::scenario::read_text;

    const DESK: &str = "\
title: A desk
people: 3
apps: { miro: {} }
cast: { alice: { home: London } }
networks: { tor: { in: Sydney, tags: [tor] } }
";

    fn desk(text: &str) -> Simulation {
        let scenario = read_text("desk.yaml", text, &Foreign { keys: &[], faults: &[] }).unwrap();
        Arc::into_inner(Simulation::new(scenario, ClockMode::Wall).unwrap()).unwrap()
    }

    fn order(attack: &str) -> Emit {
        Emit { attack: attack.to_owned(), app: "miro".to_owned(), person: "alice".to_owned() }
    }

    /// How far from London each thing in Miro's log came from, kilometres.
    fn recorded(sim: &Simulation) -> Vec<f64> {
        let log = crate::timeline::LogId { app: AppIndex(0), feed: "audit_log" };
        let home = sim.world.person(sim.world.person_by_key("alice").unwrap()).home;
        let state = sim.state();
        state.timeline.written(log).iter().map(|record| home.distance_km(record.activity.place.unwrap())).collect()
    }

    #[test]
    fn a_generated_attack_is_done_now_and_from_elsewhere_where_it_comes_from_elsewhere() {
        let sim = desk(DESK);
        let done = emit(&sim, &order("impossible_travel")).unwrap();
        assert_eq!(done, "impossible_travel upon alice in miro: 2 thing(s) happened");
        let mut distances = recorded(&sim);
        distances.sort_by(f64::total_cmp);
        assert!(distances.len() == 2 && distances[0] < 1.0 && distances[1] > ELSEWHERE_KM, "{distances:?}");
    }

    #[test]
    fn a_network_is_one_of_the_same_kind_and_where_there_is_none_the_attack_is_not_to_be_had() {
        assert!(emit(&desk(DESK), &order("anonymous_ip")).is_ok());
        let without: String =
            DESK.lines().filter(|line| !line.starts_with("networks")).map(|l| format!("{l}\n")).collect();
        let (_, why) = emit(&desk(&without), &order("anonymous_ip")).unwrap_err();
        assert!(why.contains("it wants a network like"), "{why}");
    }

    #[test]
    fn what_is_not_offered_says_why() {
        #[rustfmt::skip]
        let cases = [
            ("terminated_user", "it wants more than somebody who does something"),
            ("mass_clone",      "unknown attack `mass_clone`"),
        ];
        for (attack, expected) in cases {
            let (_, why) = emit(&desk(DESK), &order(attack)).unwrap_err();
            assert!(why.contains(expected), "{attack}: {why}");
        }
    }

    #[tokio::test]
    async fn everything_that_is_offered_can_be_done() {
        let sim = Arc::new(desk(DESK));
        let Json(offered) = list(State(Arc::clone(&sim))).await;
        let names: Vec<&str> =
            offered["attacks"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
        assert!(names.len() >= 5, "{names:?}");
        for name in names {
            emit(&sim, &order(name)).unwrap();
        }
    }
}
