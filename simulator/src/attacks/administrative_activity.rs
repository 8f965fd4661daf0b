//! An administrator's account does what the administrator never does.

use super::setting::{Setting, appears, slug};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryPolicy};

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "learning_days",
    about: "days in which nothing is called unusual",
    default: 7.0,
    least: 1.0,
    most: 30.0,
}];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "administrative_activity",
    title: "An administrator's account switches off what protects the others",
    technique: "T1556.006",
    version: "19",
    about: "Somebody who has the administrator's password switches off single sign-on, which the administrator, busy with \
            other things every day, has never done.",
    seen: "One change of a security setting, by somebody who has never made it.",
    records: "Miro: sso_disabled; Entra: a directory audit of the setting.",
    edges: "Twenty changes within an hour are no more than an administrator's work, one more is; spread over a \
            day they are not.",
    evasions: "One grave change a day: nothing to count, but of a kind that is new.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { app, hour, abroad, .. } = &setting;
    let learning = parameters.number(PARAMETERS, "learning_days").round();
    let policy = StoryPolicy {
        name: "unusual_administrative_activity",
        parameters: vec![("learning_days", learning.to_string()), ("created", "day 1 00:00".to_owned())],
        action: None,
    };
    let work =
        Line::of("it_admin", &[("at", &format!("day 1 {hour}")), ("does", appears(setting.vendor)), ("app", app)])
            .and(&[("times", &(learning + 1.0).to_string()), ("over", &format!("{learning}d"))]);
    let switch_off = |at: &str| {
        let keys = [("at", at), ("does", "change_setting"), ("app", app), ("setting", "sso"), ("to", "disabled")];
        Line::of("it_admin", &keys)
    };
    let last = format!("day {} {hour}", learning + 2.0);
    let thief = switch_off(&last).named("switched_off").attacking("takeover", abroad.name);
    let title = format!("Somebody in {} is the administrator and switches off single sign-on", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let story = Story {
        cast: Vec::new(),
        ..setting.story(&ATTACK, "takeover", title, source, policy, vec![work.clone(), thief])
    };
    let twin = Story {
        title: "The administrator switches off single sign-on, as in the week before".to_owned(),
        attack: None,
        script: vec![work, switch_off(&format!("day 1 {}:59", &hour[..2])), switch_off(&last)],
        ..story.clone()
    };
    let file = |what: &str| format!("sso-off-{what}-{}", slug(app));
    Generated { name: file("unheard-of"), story, twin_name: file("as-before"), twin }
}
