//! An administrator's account acts as somebody else.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Vendor;

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "learning_days",
    about: "days in which nothing is called unusual",
    default: 7.0,
    least: 1.0,
    most: 30.0,
}];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "impersonation",
    title: "An administrator's account acts as somebody it never acted as",
    technique: "T1078.004",
    version: "19",
    about: "Somebody who has the administrator's account uses its right to act as other people, to read what is theirs.",
    seen: "The first impersonation of one person by another.",
    records: "GitHub: staff.fake_login; Okta: user.session.impersonation.initiate.",
    edges: "The first time is new, the second is not.",
    evasions: "Acting for somebody once, and never again.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { app, hour, abroad, victim, person, .. } = &setting;
    let learning = parameters.number(PARAMETERS, "learning_days").round();
    let policy = StoryPolicy {
        name: "unusual_impersonated_activity",
        parameters: vec![("learning_days", learning.to_string()), ("created", "day 1 00:00".to_owned())],
        action: None,
    };
    let desk = if setting.vendor == Vendor::Okta { app } else { "entra" };
    let work = Line::of("it_admin", &[("at", &format!("day 1 {hour}")), ("does", "sign_in"), ("app", desk)])
        .and(&[("times", &(learning + 1.0).to_string()), ("over", &format!("{learning}d"))]);
    let act_as =
        |at: &str| Line::of("it_admin", &[("at", at), ("does", "impersonate"), ("app", app), ("target", victim)]);
    let last = format!("day {} {hour}", learning + 2.0);
    let thief = act_as(&last).named("acted").attacking("takeover", abroad.name);
    let title = format!("Somebody in {} is the administrator and acts as {person}", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let story = setting.story(&ATTACK, "takeover", title, source, policy, vec![work.clone(), thief]);
    let twin = Story {
        title: format!("The administrator acts as {person}, as in the week before"),
        attack: None,
        script: vec![work, act_as(&format!("day 1 {}:59", &hour[..2])), act_as(&last)],
        ..story.clone()
    };
    let file = |what: &str| format!("{}-{what}", slug(victim));
    Generated { name: file("for-the-first-time"), story, twin_name: file("once-more"), twin }
}
