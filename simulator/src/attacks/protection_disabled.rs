//! Somebody switches off what asks for more than a password.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "protection_disabled",
    title: "Single sign-on switched off",
    technique: "T1556.006",
    version: "19",
    about: "Somebody who has the administrator's account switches off single sign-on, so that a password is enough from then on.",
    seen: "Single sign-on of an organisation switched off.",
    records: "Miro: sso_disabled.",
    verbs: &[Verb::ChangeSetting, Verb::Open],
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { abroad, hour, app, .. } = &setting;
    let at = format!("day 1 {hour}");
    let deed = |keys: &[(&'static str, &str)]| {
        Line::of("it_admin", &[("at", &at), ("does", keys[0].1), ("app", app)]).and(&keys[1..])
    };
    let policy = StoryPolicy { name: "mfa_or_sso_disabled", parameters: Vec::new(), action: None };
    let line = deed(&[("does", "change_setting"), ("setting", "sso"), ("to", "disabled")])
        .named("deed")
        .attacking("opening_up", abroad.name);
    let title = format!("Somebody in {} is the administrator and switches off single sign-on", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = Story { cast: Vec::new(), ..setting.story(&ATTACK, "opening_up", title, source, policy, vec![line]) };
    let twin = Story {
        title: "The administrator switches on single sign-on".to_owned(),
        attack: None,
        script: vec![deed(&[("does", "change_setting"), ("setting", "sso"), ("to", "enabled")])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(app));
    Generated { name: file("sso-disabled"), story, twin_name: file("sso-enabled"), twin }
}
