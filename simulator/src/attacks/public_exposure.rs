//! Somebody opens what is private to everybody.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "public_exposure",
    title: "Something that was private, opened to everybody",
    technique: "T1567.001",
    version: "19",
    about: "Somebody who has the victim's session makes what is private public, to fetch it without any account.",
    seen: "A visibility that becomes public.",
    records: "Miro: board_public_link_enabled; GitHub: repo.access with visibility public.",
    edges: "Open to everybody counts, open to the organisation does not.",
    evasions: "Open for three minutes, and closed again before anybody looks at the state.",
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, app, victim, .. } = &setting;
    let at = format!("day 1 {hour}");
    let deed = |keys: &[(&'static str, &str)]| {
        Line::of(setting.victim, &[("at", &at), ("does", keys[0].1), ("app", app)]).and(&keys[1..])
    };
    let policy = StoryPolicy { name: "public_repo_or_content_exposure", parameters: Vec::new(), action: None };
    let line = deed(&[("does", "set_visibility"), ("object", "Roadmap"), ("to", "public")])
        .named("deed")
        .attacking("opened", abroad.name);
    let title = format!("Somebody in {} is {person} and opens the roadmap to everybody", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "opened", title, source, policy, vec![line]);
    let twin = Story {
        title: format!("{person} makes the roadmap private"),
        attack: None,
        script: vec![deed(&[("does", "set_visibility"), ("object", "Roadmap"), ("to", "private")])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(victim));
    Generated { name: file("public"), story, twin_name: file("private"), twin }
}
