//! Somebody signs in from an address that is known to be bad.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameters, Story, StoryNetwork, StoryPolicy};

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "suspicious_ip",
    title: "A stolen password, used from a known bad address",
    technique: "T1078.004",
    version: "19",
    about: "Somebody who has the victim's password signs in from a rented machine that attacked others before.",
    seen: "A successful sign-in from an address that the feed of indicators names.",
    records: "Miro: sign_in_succeeded; Entra: a sign-in with errorCode 0. The address in both.",
    edges: "An address that no feed lists turns bad with its twentieth failure over ten accounts within a day, \
            and with a success after that.",
    evasions: "Few failures each of many people; an indicator that comes after the deed.",
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, .. } = &setting;
    let at = format!("day 1 {}", setting.hour);
    let policy = StoryPolicy { name: "activity_from_suspicious_ip", parameters: Vec::new(), action: Some("suspend") };
    let thief = setting.appears(&at).named("thief").attacking("rented", "machine");
    let title = format!("Somebody is {person} from a machine in {} that every feed knows", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let machine = |tags| vec![StoryNetwork { name: "machine", place: abroad.name, tags }];
    let story = Story {
        networks: machine("[hosting, risky]"),
        ..setting.story(&ATTACK, "rented", title, source, policy, vec![thief])
    };
    let twin = Story {
        title: format!("{person} works on a rented machine in {} that nobody complains of", abroad.name),
        networks: machine("[hosting]"),
        attack: None,
        script: vec![story.script[0].benign()],
        ..story.clone()
    };
    let file = |what: &str| format!("{what}-in-{}", slug(abroad.name));
    Generated { name: file("bad-machine"), story, twin_name: file("rented-machine"), twin }
}
