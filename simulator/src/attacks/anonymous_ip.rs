//! Somebody signs in through a network that hides where they are.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameters, Story, StoryNetwork, StoryPolicy};

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "anonymous_ip",
    title: "A stolen password, used through Tor",
    technique: "T1090.003",
    version: "19",
    about: "Somebody who has the victim's password signs in through Tor, so that nobody learns where they are.",
    seen: "A successful sign-in from an address that the anonymiser database calls a Tor exit.",
    records: "Miro: sign_in_succeeded; Entra: a sign-in with errorCode 0. The exit's address in both.",
    edges: "Tor and public proxies are anonymous; a VPN that people buy and a private relay are not.",
    evasions: "An address written in its IPv4-mapped form; an exit that no feed lists yet.",
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, home, .. } = &setting;
    let at = format!("day 1 {}", setting.hour);
    let policy =
        StoryPolicy { name: "activity_from_anonymous_ip", parameters: Vec::new(), action: Some("require_sign_in") };
    let thief = setting.appears(&at).named("thief").attacking("hidden", "exit");
    let title = format!("Somebody is {person} through a Tor exit in {}", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let exit = |tags| vec![StoryNetwork { name: "exit", place: abroad.name, tags }];
    let story =
        Story { networks: exit("[tor]"), ..setting.story(&ATTACK, "hidden", title, source, policy, vec![thief]) };
    let twin = Story {
        title: format!("{person} of {} works through a VPN that comes out in {}", home.name, abroad.name),
        networks: exit("[vpn_consumer]"),
        attack: None,
        script: vec![story.script[0].benign()],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-in-{}", slug(abroad.name));
    Generated { name: file("tor-exit"), story, twin_name: file("vpn-exit"), twin }
}
