//! Somebody guesses passwords, one after the other.

use std::time::Duration;

use super::setting::{NAMES, apps};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Vendor;
use crate::seed::RngExt;
use crate::time::spell_duration;
use crate::world::{PLACES, Place};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "at_least", about: "so many failures make an alert", default: 11.0, least: 3.0, most: 1_000.0 },
    Parameter { name: "within", about: "in so many minutes", default: 5.0, least: 1.0, most: 1_440.0 },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "failed_logins",
    title: "A password guessed at, again and again",
    technique: "T1110.001",
    version: "19",
    about: "Somebody tries passwords of one account until the policy's number of failures is reached, and gives up.",
    seen: "As many wrong passwords of one person in a few minutes as nobody mistypes.",
    records: "Entra: sign-ins with errorCode 50126; an app with passwords of its own: its failed sign-ins, and none in Entra.",
    edges: "Ten in five minutes are too few, eleven enough. Where first and last are exactly five minutes apart, \
            the first is out of the window.",
    evasions: "Some before and some after a round five minutes, for whoever counts in fixed bins; the same name in \
            other spellings; failures that the vendor shows twice.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let mut rng = parameters.seed.stream(&["attack", ATTACK.name]);
    let number = |name| parameters.number(PARAMETERS, name).round();
    let (at_least, within_min) = (number("at_least"), number("within"));
    let home = &PLACES[rng.random_range(0..PLACES.len())];
    let elsewhere: Vec<&'static Place> = PLACES.iter().filter(|p| p.country != home.country).collect();
    let abroad = elsewhere[rng.random_range(0..elsewhere.len())];
    let victim = NAMES[rng.random_range(0..NAMES.len())];

    let within_s = within_min * 60.0;
    // Well inside the window, so that the count alone decides.
    let over = seconds(within_s * rng.random_range(0.5..0.9));
    let burst = Line {
        id: Some("guessing"),
        actor: victim.to_owned(),
        keys: vec![
            ("at", format!("day 1 {:02}:{:02}", rng.random_range(1..5), rng.random_range(0..60))),
            ("does", "sign_in".to_owned()),
            ("app", parameters.vendor.name().to_owned()),
            ("result", "wrong_password".to_owned()),
            ("times", at_least.to_string()),
            ("over", spell_duration(over)),
            ("from", abroad.name.to_owned()),
            ("attack", "guessing_passwords".to_owned()),
        ],
    };
    let person = victim[..1].to_uppercase() + &victim[1..];
    let story = Story {
        title: format!("{at_least} wrong passwords for {person} in {}, from {}", spell_duration(over), abroad.name),
        source: "https://learn.microsoft.com/defender-cloud-apps/policy-template-reference",
        seed: parameters.seed.0,
        apps: apps(parameters.vendor),
        cast: vec![(victim.to_owned(), home.name)],
        networks: Vec::new(),
        attack: Some(("guessing_passwords".to_owned(), ATTACK.technique.to_owned())),
        policy: StoryPolicy {
            name: "multiple_failed_logins",
            parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(seconds(within_s)))],
            // Okta sends no mail for others.
            action: Some(if parameters.vendor == Vendor::Okta { "suspend" } else { "notify" }),
        },
        script: vec![burst],
    };
    let few = at_least - 1.0;
    let forgetful = story.script[0].benign().with("times", Some(&few.to_string())).with("from", None);
    let twin = Story {
        title: format!("{person} mistypes a password {few} times in {}, one short of an alert", spell_duration(over)),
        attack: None,
        script: vec![forgetful],
        ..story.clone()
    };
    Generated {
        name: format!("{at_least}-in-{within_min}m"),
        story,
        twin_name: format!("{few}-in-{within_min}m"),
        twin,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds of at most a day")]
fn seconds(n: f64) -> Duration {
    Duration::from_secs(n as u64)
}
