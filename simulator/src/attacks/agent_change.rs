//! Somebody goes on with a session by a machine of another kind.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "agent_change",
    title: "A session that changes its operating system",
    technique: "T1539",
    version: "19",
    about: "Somebody has taken the cookie out of the victim's browser and goes on with the session on a machine of their own, without password or second factor.",
    seen: "One session whose requests come from another operating system within the hour.",
    records: "GitHub: what is done, each with its session, address and user agent.",
    verbs: &[Verb::Create, Verb::Clone],
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, .. } = &setting;
    let policy = StoryPolicy { name: "impossible_user_agent_change", parameters: Vec::new(), action: None };
    let desk = setting.step(&format!("day 1 {hour}"), "create");
    let later = setting.step("+20m", "create");
    let thief = later.clone().and(&[("using", "stolen_session")]).named("thief").attacking("change", abroad.name);
    let title = format!(
        "{person} works at home, and twenty minutes later somebody in {} goes on with the session on another machine",
        abroad.name
    );
    let source = "https://attack.mitre.org/techniques/T1539/";
    let story = setting.story(&ATTACK, "change", title, source, policy, vec![desk.clone().named("desk"), thief]);
    let twin = Story {
        title: format!("{person} works with the laptop, and twenty minutes later with the phone"),
        attack: None,
        script: vec![desk, later.and(&[("using", "phone")])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(setting.victim));
    Generated { name: file("machine-changed"), story, twin_name: file("phone-taken-out"), twin }
}
