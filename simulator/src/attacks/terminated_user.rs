//! Somebody who has left goes on working.

use std::time::Duration;

use super::setting::{Setting, goes_on, slug};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Vendor;
use crate::time::spell_duration;

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "grace",
    about: "minutes after leaving in which nothing is said",
    default: 15.0,
    least: 1.0,
    most: 40.0,
}];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "terminated_user",
    title: "A session that outlives its owner's employment",
    technique: "T1078.004",
    version: "19",
    about: "The directory deletes somebody; the session in an app that trusts it lives on until it expires.",
    seen: "Work in an app, by somebody whom the directory deleted before.",
    records: "Entra: a directory audit `Delete user`; Miro: board_opened, later.",
    edges: "A quarter of an hour after leaving belongs to closing up; a second more does not.",
    evasions: "An account or a token that the directory does not know; an address that somebody else has had since.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, victim, home, hour, .. } = &setting;
    let grace = Duration::from_secs(60) * whole(parameters.number(PARAMETERS, "grace"));
    let (after, within) = (grace + Duration::from_secs(1), grace - Duration::from_secs(1));
    let policy = StoryPolicy {
        name: "activity_by_terminated_user",
        parameters: vec![("grace", spell_duration(grace))],
        action: None,
    };
    let desk = setting.appears(&format!("day 1 {hour}"));
    let leaves = Line::of("it_admin", &[("at", "+10m"), ("does", "terminate"), ("target", victim)]);
    let open = |after: Duration| setting.step(&format!("+{}", spell_duration(after)), goes_on(setting.vendor));
    let work = open(after).named("work").and(&[("using", "laptop")]).attacking("leftover", home.name);
    let title = format!("{person} leaves and still works {} later", spell_duration(after));
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let script = vec![desk.clone(), leaves.clone(), work];
    // Whoever has left has left the directory, whichever app trusts it.
    let apps = vec![Vendor::Entra, setting.vendor];
    let story = Story { apps, ..setting.story(&ATTACK, "leftover", title, source, policy, script) };
    let twin = Story {
        title: format!("{person} leaves and closes the last board {} later", spell_duration(within)),
        attack: None,
        script: vec![desk, leaves, open(within).and(&[("using", "laptop")])],
        ..story.clone()
    };
    let file = |t: Duration| format!("{}-leaves-{}", slug(victim), spell_duration(t));
    Generated { name: file(after), story, twin_name: file(within), twin }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole minutes of less than an hour")]
fn whole(n: f64) -> u32 {
    n.max(1.0) as u32
}
