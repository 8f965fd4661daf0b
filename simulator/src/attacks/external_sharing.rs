//! Somebody shares what an account can read with a domain of their own.

use std::time::Duration;

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;
use crate::time::spell_duration;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "at_least", about: "so many make an alert", default: 10.0, least: 3.0, most: 1_000.0 },
    Parameter { name: "within", about: "in so many seconds", default: 3600.0, least: 10.0, most: 86_400.0 },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "external_sharing",
    title: "What an account can read, shared with somebody elsewhere",
    technique: "T1567",
    version: "19",
    about: "Somebody who has the victim's session shares the victim's boards with an account of their own, and reads them there.",
    seen: "Many boards of one person shared in an hour with a domain that they never shared with.",
    records: "Miro: board_shared, with the domain in its details. GitHub names a login and no domain.",
    verbs: &[Verb::Share, Verb::Open],
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
        name: "unusual_external_sharing",
        parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(within))],
        action: None,
    };
    let burst = |times: f64| {
        let at = format!("day 1 {hour}");
        setting.step(&at, "share").and(&[("with", "partner.example"), ("times", &times.to_string()), ("over", &over)])
    };
    let many = burst(at_least).named("many").attacking("sharing_out", abroad.name);
    let title = format!("{at_least} boards of {person} are shared from {} with a stranger in {over}", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "sharing_out", title, source, policy, vec![many]);
    let few = at_least - 1.0;
    let twin = Story {
        title: format!("{person} shares {few} boards with a new partner in {over}, one short of an alert"),
        attack: None,
        script: vec![burst(few)],
        ..story.clone()
    };
    let file = |n: f64| format!("shared-{n}-by-{}", slug(setting.victim));
    Generated { name: file(at_least), story, twin_name: file(few), twin }
}
