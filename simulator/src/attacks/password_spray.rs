//! Somebody guesses at many people's passwords, once each.

use super::setting::{NAMES, Setting, title_case};
use super::{Attack, Generated, Line, Parameter, Parameters, Story, StoryNetwork, StoryPolicy};

const PARAMETERS: &[Parameter] =
    &[Parameter { name: "accounts", about: "so many people make an alert", default: 10.0, least: 3.0, most: 12.0 }];

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "password_spray",
    title: "One password, tried at everybody",
    technique: "T1110.003",
    version: "19",
    about: "Somebody tries a password that is often used at one account after the other, so that none of them is locked.",
    seen: "Wrong passwords of many people from one address within an hour, and hardly anybody let in from there.",
    records: "Entra: sign-ins with errorCode 50126; an app with passwords of its own: its failed sign-ins.",
    edges: "Nine people from one address within an hour are too few, ten enough; with the first and the last \
            exactly an hour apart the first is out of the window. An address from which many get in is an \
            office.",
    evasions: "Half of it at an app with passwords of its own and half at the directory; an address for each \
            person; one try an hour.",
    parameters: PARAMETERS,
    generate,
};

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of at most twelve")]
fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let accounts = parameters.number(PARAMETERS, "accounts").round() as usize;
    let policy = StoryPolicy {
        name: "password_spray",
        parameters: vec![("accounts", accounts.to_string()), ("within", "1h".to_owned())],
        action: None,
    };
    let guess = |(n, name): (usize, &&str)| {
        let at = if n == 0 { format!("day 1 {}", setting.hour) } else { "+3m".to_owned() };
        Line::of(name, &[("at", &at), ("does", "sign_in"), ("app", setting.app), ("result", "wrong_password")])
            .attacking("spray", "machine")
    };
    let mut script: Vec<Line> = NAMES[..accounts].iter().enumerate().map(guess).collect();
    let last = script.pop().map(|line| line.named("last"));
    script.extend(last);
    let place = setting.abroad.name;
    let title = format!("A machine in {place} tries the passwords of {accounts} people, once each");
    let source = "https://attack.mitre.org/techniques/T1110/003/";
    let story = Story {
        cast: NAMES[..accounts].iter().map(|name| ((*name).to_owned(), setting.home.name)).collect(),
        networks: vec![StoryNetwork { name: "machine", place, tags: "[hosting]" }],
        ..setting.story(&ATTACK, "spray", title, source, policy, script)
    };
    let few = accounts - 1;
    let twin = Story {
        title: format!(
            "{few} people mistype their passwords at a machine in {place}, {} the last",
            title_case(NAMES[few - 1])
        ),
        attack: None,
        script: story.script[..few].iter().map(Line::benign).collect(),
        ..story.clone()
    };
    let file = |n: usize| format!("{n}-people-one-address");
    Generated { name: file(accounts), story, twin_name: file(few), twin }
}
