//! Somebody takes out all that an account can read.

use std::time::Duration;

use super::setting::{Setting, slug};
use super::{Attack, Generated, Parameter, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;
use crate::time::spell_duration;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "at_least", about: "so many make an alert", default: 51.0, least: 3.0, most: 1_000.0 },
    Parameter { name: "within", about: "in so many seconds", default: 60.0, least: 10.0, most: 86_400.0 },
];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mass_download",
    title: "Everything that an account can read, taken out in a minute",
    technique: "T1530",
    version: "19",
    about: "Somebody who has the victim's session downloads what the victim can read, as fast as the app allows.",
    seen: "More different files of one person in a minute than anybody reads.",
    records: "Miro: board_file_downloaded; GitHub: repo.download_zip. One for each file.",
    verbs: &[Verb::Download, Verb::Export],
    parameters: PARAMETERS,
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let Setting { person, abroad, hour, .. } = &setting;
    let at_least = parameters.number(PARAMETERS, "at_least").round();
    let within = Duration::from_secs_f64(parameters.number(PARAMETERS, "within").round());
    // Well inside the window, so that the count alone decides.
    let over = spell_duration(Duration::from_secs(within.as_secs() * 4 / 5));
    let policy = StoryPolicy {
        name: "mass_download",
        parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(within))],
        action: Some("suspend"),
    };
    let burst = |times: f64| {
        let at = format!("day 1 {hour}");
        setting.step(&at, "download").and(&[("times", &times.to_string()), ("over", &over)])
    };
    let many = burst(at_least).named("many").attacking("hoarding", abroad.name);
    let title = format!("{at_least} files of {person} go to {} in {over}", abroad.name);
    let source = "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection";
    let story = setting.story(&ATTACK, "hoarding", title, source, policy, vec![many]);
    let few = at_least - 1.0;
    let twin = Story {
        title: format!("{person} downloads {few} files in {over}, one short of an alert"),
        attack: None,
        script: vec![burst(few)],
        ..story.clone()
    };
    let file = |n: f64| format!("files-{n}-by-{}", slug(setting.victim));
    Generated { name: file(at_least), story, twin_name: file(few), twin }
}
