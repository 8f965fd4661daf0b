//! Somebody switches off what keeps secrets out of repositories.

use super::setting::Setting;
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "push_protection_off",
    title: "What keeps secrets out of repositories, switched off",
    technique: "T1552.001",
    version: "19",
    about: "Somebody who has an administrator's account switches push protection off, and then finds the secrets that others push.",
    seen: "Push protection or secret scanning switched off.",
    records: "GitHub: org.secret_scanning_push_protection_disable.",
    verbs: &[Verb::ChangeSetting, Verb::Clone],
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let at = format!("day 1 {}", setting.hour);
    let deed = |at: &str, to: &str| {
        let keys =
            [("at", at), ("does", "change_setting"), ("app", setting.app), ("setting", "push_protection"), ("to", to)];
        Line::of("it_admin", &keys)
    };
    let policy =
        StoryPolicy { name: "secret_scanning_or_push_protection_bypass", parameters: Vec::new(), action: None };
    let line = deed(&at, "disabled").named("deed").attacking("opening_up", setting.abroad.name);
    let title = format!("Somebody in {} is the administrator and switches push protection off", setting.abroad.name);
    let source = "https://docs.github.com/en/code-security/secret-scanning/introduction/about-push-protection";
    let story = Story { cast: Vec::new(), ..setting.story(&ATTACK, "opening_up", title, source, policy, vec![line]) };
    let twin = Story {
        title: "The administrator switches push protection on".to_owned(),
        attack: None,
        script: vec![deed(&at, "enabled")],
        ..story.clone()
    };
    Generated {
        name: "push-protection-disabled".to_owned(),
        story,
        twin_name: "push-protection-enabled".to_owned(),
        twin,
    }
}
