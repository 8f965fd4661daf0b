//! Somebody makes an account an administrator's.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "owner_escalation",
    title: "Somebody becomes an administrator",
    technique: "T1098.003",
    version: "19",
    about: "Somebody who has the administrator's account makes another account an administrator's as well, to come back by it.",
    seen: "A role of owner or administrator granted.",
    records: "Miro: organization_admin_granted; GitHub: org.update_member with permission admin.",
    edges: "The highest role counts, and none below it.",
    evasions: "A group that has the role; a role made to measure that may do the same.",
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
    let policy = StoryPolicy { name: "privilege_escalation_to_owner", parameters: Vec::new(), action: None };
    let line = deed(&[("does", "change_role"), ("target", victim), ("role", "admin")])
        .named("deed")
        .attacking("second_key", abroad.name);
    let title = format!("Somebody in {} is the administrator and makes {person} one", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "second_key", title, source, policy, vec![line]);
    let twin = Story {
        title: format!("The administrator takes from {person} what makes an administrator"),
        attack: None,
        script: vec![deed(&[("does", "change_role"), ("target", victim), ("role", "member")])],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-{}", slug(victim));
    Generated { name: file("granted"), story, twin_name: file("taken"), twin }
}
