//! Somebody signs in where the victim cannot have got to.

use std::time::Duration;

use super::setting::{NAMES, appears, apps, office_hour, slug, title_case};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryPolicy};
use crate::seed::RngExt;
use crate::time::spell_duration;
use crate::world::{PLACES, Place};

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "speed", about: "the policy's limit, km/h", default: 900.0, least: 100.0, most: 2_000.0 },
    Parameter {
        name: "distance",
        about: "the policy's least distance, km",
        default: 500.0,
        least: 100.0,
        most: 5_000.0,
    },
    Parameter {
        name: "margin",
        about: "how far attack and twin keep from the limit, per cent",
        default: 4.0,
        least: 0.0,
        most: 50.0,
    },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "impossible_travel",
    title: "A stolen password, used from another country while its owner is at work",
    technique: "T1078.004",
    version: "19",
    about: "Somebody who has the victim's password signs in from a city that the victim, who signed in at home a little \
            earlier, cannot have reached.",
    seen: "Two successful sign-ins of one person whose places lie further apart than anybody travels in the time between.",
    records: "Miro: two sign_in_succeeded; Entra: two sign-ins with errorCode 0. The same addresses in both.",
    edges: "London to Madrid in 84 minutes is faster than 900 km/h, and in 85 it is not. What is nearer than 500 \
            km is never too fast. The radius that the geo database gives is taken off on both sides. Two \
            sign-ins at one instant count.",
    evasions: "The older of the two shown last; one in each of two apps; less than a minute apart; across the \
            antimeridian; astride the hour at which a rule runs.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let mut rng = parameters.seed.stream(&["attack", ATTACK.name]);
    let number = |name| parameters.number(PARAMETERS, name);
    let (speed, distance, margin) = (number("speed"), number("distance"), 1.0 + number("margin") / 100.0);
    let home = &PLACES[rng.random_range(0..PLACES.len())];
    // Less than a day away at the policy's speed, in another country, and clearly far enough.
    let reachable = |p: &&Place| {
        let km = home.distance_km(p);
        p.country != home.country && km > distance * 1.05 && km / speed < 18.0
    };
    let far: Vec<&'static Place> = PLACES.iter().filter(reachable).collect();
    let abroad = far.get(rng.random_range(0..far.len().max(1))).copied().unwrap_or(&PLACES[0]);
    let victim = NAMES[rng.random_range(0..NAMES.len())];

    let limit_min = home.distance_km(abroad) / speed * 60.0;
    // A minute at least separates the two even without a margin: whole minutes on both sides of the limit.
    let (quick, slow) = (minutes(libm::ceil(limit_min / margin) - 1.0), minutes(libm::floor(limit_min * margin) + 1.0));
    let verb = appears(parameters.vendor);
    // Whoever does anything else than sign in is looked at only if that is asked for.
    let any_activity = (verb != "sign_in").then(|| ("any_activity", "true".to_owned()));
    let app = ("app", parameters.vendor.name().to_owned());
    let desk = Line {
        id: Some("desk"),
        actor: victim.to_owned(),
        keys: vec![("at", office_hour(home, &mut rng)), ("does", verb.to_owned()), app.clone()],
    };
    let thief = Line {
        id: Some("thief"),
        actor: victim.to_owned(),
        keys: vec![
            ("at", format!("+{}", spell_duration(quick))),
            ("does", verb.to_owned()),
            app,
            ("from", abroad.name.to_owned()),
            ("attack", "takeover".to_owned()),
        ],
    };
    let person = title_case(victim);
    let story = Story {
        title: format!(
            "{person} works in {} and, {} later, somebody is {person} in {}",
            home.name,
            spell_duration(quick),
            abroad.name
        ),
        source: "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy",
        seed: parameters.seed.0,
        apps: apps(parameters.vendor),
        cast: vec![(victim.to_owned(), home.name)],
        networks: Vec::new(),
        attack: Some(("takeover".to_owned(), ATTACK.technique.to_owned())),
        policy: StoryPolicy {
            name: "impossible_travel",
            parameters: [("speed", speed.to_string()), ("distance", distance.to_string())]
                .into_iter()
                .chain(any_activity)
                .collect(),
            action: Some("require_sign_in"),
        },
        script: vec![desk, thief],
    };
    let journey = story.script[1].benign().with("at", Some(&format!("+{}", spell_duration(slow))));
    let twin = Story {
        title: format!(
            "{person} signs in in {} and, {} later, in {}, just slow enough",
            home.name,
            spell_duration(slow),
            abroad.name
        ),
        attack: None,
        script: vec![story.script[0].benign(), journey],
        ..story.clone()
    };
    let file = |t: Duration| format!("{}-{}-{}", slug(home.name), slug(abroad.name), spell_duration(t));
    Generated { name: file(quick), story, twin_name: file(slow), twin }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole minutes of less than a day")]
fn minutes(n: f64) -> Duration {
    Duration::from_secs(n.max(1.0) as u64 * 60)
}
