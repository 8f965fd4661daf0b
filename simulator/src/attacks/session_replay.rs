//! Somebody goes on with a session that was stolen.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "session_replay",
    title: "A stolen session, used elsewhere",
    technique: "T1550.004",
    version: "19",
    about: "Somebody has taken the cookie out of the victim's browser and goes on with the session, without password or second factor.",
    seen: "One session, used from two addresses with two kinds of browser.",
    records: "GitHub: what is done, each with its session, address and user agent.",
    verbs: &[Verb::Create, Verb::Clone],
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, .. } = &setting;
    let policy = StoryPolicy { name: "token_theft_session_replay", parameters: Vec::new(), action: None };
    let desk = setting.step(&format!("day 1 {hour}"), "create");
    let later = setting.step("+20m", "create");
    let thief = later.clone().and(&[("using", "stolen_session")]).named("thief").attacking("replay", abroad.name);
    let title = format!(
        "{person} works at home, and twenty minutes later somebody in {} goes on with the session",
        abroad.name
    );
    let source = "https://attack.mitre.org/techniques/T1550/004/";
    let story = setting.story(&ATTACK, "replay", title, source, policy, vec![desk.clone().named("desk"), thief]);
    let twin = Story {
        title: format!("{person} goes on with the session from {}, with the laptop it began on", abroad.name),
        attack: None,
        script: vec![desk, later.and(&[("from", abroad.name)])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(setting.victim));
    Generated { name: file("session-replayed"), story, twin_name: file("session-taken-along"), twin }
}
