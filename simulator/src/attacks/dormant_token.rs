//! Somebody has the account of a person who was away for long, and makes a token of it.

use super::setting::{Setting, goes_on, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "days",
    about: "who did nothing for so many days is dormant",
    default: 7.0,
    least: 2.0,
    most: 90.0,
}];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "dormant_token",
    title: "A forgotten account, made a token of",
    technique: "T1098.001",
    version: "19",
    about: "Somebody has an account that nobody uses and makes a token of it, which lives on when the password is changed.",
    seen: "A token made by somebody who did nothing in the app for weeks.",
    records: "GitHub: personal_access_token.access_granted.",
    edges: "Who was away for a second less than the policy's days is not dormant.",
    evasions: "An ordinary sign-in the day before; a name changed meanwhile.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, .. } = &setting;
    let days = parameters.number(PARAMETERS, "days").round();
    let policy = StoryPolicy {
        name: "pat_created_by_dormant_user",
        parameters: vec![("dormant", format!("{days}d")), ("created", "day 1 00:00".to_owned())],
        action: None,
    };
    let work = setting.step(&format!("day 1 {hour}"), goes_on(setting.vendor));
    let token = |day: f64| setting.step(&format!("day {day} {hour}"), "create_token");
    let back = token(days + 1.0).named("token").attacking("awakening", abroad.name);
    let title = format!("After {days} days somebody in {} is {person} and makes a token", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let story = setting.story(&ATTACK, "awakening", title, source, policy, vec![work.clone(), back]);
    let twin = Story {
        title: format!("{person} is back after {} days and makes a token", days - 1.0),
        attack: None,
        script: vec![work, token(days)],
        ..story.clone()
    };
    let file = |days: f64| format!("token-after-{days}-days-by-{}", slug(setting.victim));
    Generated { name: file(days), story, twin_name: file(days - 1.0), twin }
}
