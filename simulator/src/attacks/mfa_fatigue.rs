//! Somebody who has the password asks for the second factor again and again.

use std::time::Duration;

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;
use crate::time::spell_duration;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "at_least", about: "so many make an alert", default: 5.0, least: 3.0, most: 1_000.0 },
    Parameter { name: "within", about: "in so many seconds", default: 600.0, least: 10.0, most: 86_400.0 },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mfa_fatigue",
    title: "A second factor asked for until its owner gives in",
    technique: "T1621",
    version: "19",
    about: "Somebody has the victim's password and asks for the second factor again and again, hoping that the victim approves one prompt to have peace.",
    seen: "Prompts for the second factor of one person, denied one after the other.",
    records: "Entra: sign-ins with errorCode 500121, `user declined the authentication`.",
    verbs: &[Verb::SignIn],
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
        name: "mfa_fatigue",
        parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(within))],
        action: Some("require_sign_in"),
    };
    let burst = |times: f64| {
        let at = format!("day 1 {hour}");
        setting.step(&at, "sign_in").and(&[("result", "mfa_denied"), ("times", &times.to_string()), ("over", &over)])
    };
    let many = burst(at_least).named("many").attacking("push_bombing", abroad.name);
    let title = format!("{person} denies {at_least} prompts in {over} that somebody in {} asked for", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "push_bombing", title, source, policy, vec![many]);
    let few = at_least - 1.0;
    let twin = Story {
        title: format!("{person} denies {few} prompts in {over}, one short of an alert"),
        attack: None,
        script: vec![burst(few)],
        ..story.clone()
    };
    let file = |n: f64| format!("prompts-{n}-by-{}", slug(setting.victim));
    Generated { name: file(at_least), story, twin_name: file(few), twin }
}
