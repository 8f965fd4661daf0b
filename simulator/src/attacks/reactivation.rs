//! Somebody brings back an account that was suspended.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "reactivation",
    title: "A suspended account, brought back",
    technique: "T1098",
    version: "19",
    about: "Somebody who has the administrator's account brings back an account that was suspended, to use it.",
    seen: "A suspended account brought back by a person.",
    records: "Miro: user_reactivated; GitHub: user.unsuspend.",
    edges: "Somebody who is suspended and stays so is none.",
    evasions: "A second account of the same name; an invitation as a guest.",
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, app, victim, .. } = &setting;
    let at = format!("day 1 {hour}");
    let deed = |keys: &[(&'static str, &str)]| {
        Line::of("it_admin", &[("at", &at), ("does", keys[0].1), ("app", app)]).and(&keys[1..])
    };
    let policy = StoryPolicy { name: "deactivated_user_reactivated", parameters: Vec::new(), action: None };
    let line = deed(&[("does", "restore"), ("target", victim)]).named("deed").attacking("brought_back", abroad.name);
    let title = format!("Somebody in {} is the administrator and brings {person} back", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "brought_back", title, source, policy, vec![line]);
    let twin = Story {
        title: format!("The administrator suspends {person}"),
        attack: None,
        script: vec![deed(&[("does", "suspend"), ("target", victim)])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(victim));
    Generated { name: file("restored"), story, twin_name: file("suspended"), twin }
}
