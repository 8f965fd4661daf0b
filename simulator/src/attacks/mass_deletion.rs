//! Somebody deletes all that an account can delete.

use std::time::Duration;

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;
use crate::time::spell_duration;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "at_least", about: "so many make an alert", default: 31.0, least: 3.0, most: 1_000.0 },
    Parameter { name: "within", about: "in so many seconds", default: 600.0, least: 10.0, most: 86_400.0 },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mass_deletion",
    title: "Everything that an account can delete, deleted",
    technique: "T1485",
    version: "19",
    about: "Somebody who has the victim's session deletes what the victim may delete, one thing after the other.",
    seen: "More deletions of one person in some minutes than anybody tidies up.",
    records: "Miro: board_deleted; GitHub: repo.destroy. One for each thing.",
    verbs: &[Verb::Delete],
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, .. } = &setting;
    let at_least = parameters.number(PARAMETERS, "at_least").round();
    let within = Duration::from_secs_f64(parameters.number(PARAMETERS, "within").round());
    // Well inside the window, so that the count alone decides.
    let over = spell_duration(Duration::from_secs(within.as_secs() * 4 / 5));
    let policy = StoryPolicy {
        name: "mass_deletion",
        parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(within))],
        action: Some("suspend"),
    };
    let burst = |times: f64| {
        let at = format!("day 1 {hour}");
        setting.step(&at, "delete").and(&[("times", &times.to_string()), ("over", &over)])
    };
    let many = burst(at_least).named("many").attacking("wiping", abroad.name);
    let title = format!("{at_least} things of {person} are deleted from {} in {over}", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "wiping", title, source, policy, vec![many]);
    let few = at_least - 1.0;
    let twin = Story {
        title: format!("{person} tidies up and deletes {few} things in {over}, one short of an alert"),
        attack: None,
        script: vec![burst(few)],
        ..story.clone()
    };
    let file = |n: f64| format!("deleted-{n}-by-{}", slug(setting.victim));
    Generated { name: file(at_least), story, twin_name: file(few), twin }
}
