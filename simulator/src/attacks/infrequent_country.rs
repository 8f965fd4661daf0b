//! Somebody signs in from a country in which the victim has never been.

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};

const PARAMETERS: &[Parameter] = &[Parameter {
    name: "learning_days",
    about: "days in which nothing is called new",
    default: 7.0,
    least: 1.0,
    most: 30.0,
}];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "infrequent_country",
    title: "A stolen password, used from a country that its owner never worked in",
    technique: "T1078.004",
    version: "19",
    about: "Somebody who has the victim's password signs in from another country, long enough after the victim's own last \
            sign-in for a journey to be possible.",
    seen: "A successful sign-in from a country that nothing of the person's last month is from.",
    records: "Miro: sign_in_succeeded; Entra: a sign-in with errorCode 0. The same address in both.",
    edges: "What is seen within the first seven days is learned; what is first seen on the eighth is new.",
    evasions: "A refused sign-in first, which must teach nothing; a country whose code is a part of another text.",
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, home, hour, .. } = &setting;
    let learning = parameters.number(PARAMETERS, "learning_days").round();
    let policy = StoryPolicy {
        name: "activity_from_infrequent_country",
        // Every stack begins to learn at one time, whatever it reads of the past.
        parameters: vec![("learning_days", learning.to_string()), ("created", "day 1 00:00".to_owned())],
        action: Some("require_sign_in"),
    };
    let work = setting
        .appears(&format!("day 1 {hour}"))
        .and(&[("times", &(learning + 1.0).to_string()), ("over", &format!("{learning}d"))]);
    let last = format!("day {} {hour}", learning + 2.0);
    let thief = setting.appears(&last).named("thief").attacking("takeover", abroad.name);
    let title = format!("After a week in {} somebody is {person} in {}", home.name, abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy";
    let story = setting.story(&ATTACK, "takeover", title, source, policy, vec![work.clone(), thief]);
    // The work's first day comes before the journey, its later ones do not: lines stand in order of their beginning.
    let journey = setting.appears(&format!("day 1 {}", later(hour))).and(&[("from", abroad.name)]);
    let twin = Story {
        title: format!("{person} was in {} in the first week, and is there again in the second", abroad.name),
        attack: None,
        script: vec![work, journey, story.script[1].benign()],
        ..story.clone()
    };
    let file = |what: &str| format!("{}-{}-{what}", slug(home.name), slug(abroad.name));
    Generated { name: file("never"), story, twin_name: file("again"), twin }
}

/// The last minute of the hour.
fn later(hour: &str) -> String {
    format!("{}:59", &hour[..2])
}
