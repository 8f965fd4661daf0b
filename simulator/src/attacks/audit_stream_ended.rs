//! Somebody ends the stream that carries the audit log elsewhere.

use super::setting::Setting;
use super::{Attack, Generated, Line, Parameters, Story, StoryPolicy};
use crate::scenario::Verb;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "audit_stream_ended",
    title: "The audit log, no longer sent elsewhere",
    technique: "T1685.002",
    version: "19",
    about: "Somebody who has an administrator's account ends the stream of the audit log, so that what follows is seen by nobody.",
    seen: "A stream of the audit log ended, and no new one to the same sink.",
    records: "GitHub: audit_log_streaming.destroy.",
    verbs: &[Verb::ChangeSetting, Verb::Clone],
    parameters: &[],
    generate,
};

fn generate(parameters: &Parameters) -> Generated {
    let setting = Setting::draw(&ATTACK, parameters);
    let at = format!("day 1 {}", setting.hour);
    let deed = |at: &str, to: &str| {
        let keys = [
            ("at", at),
            ("does", "change_setting"),
            ("app", setting.app),
            ("setting", "audit_log_streaming"),
            ("to", to),
        ];
        Line::of("it_admin", &keys)
    };
    let policy = StoryPolicy { name: "audit_log_streaming_disabled", parameters: Vec::new(), action: None };
    let line = deed(&at, "disabled").named("deed").attacking("blinding", setting.abroad.name);
    let title =
        format!("Somebody in {} is the administrator and ends the stream of the audit log", setting.abroad.name);
    let source = "https://attack.mitre.org/techniques/T1562/008/";
    let story = Story { cast: Vec::new(), ..setting.story(&ATTACK, "blinding", title, source, policy, vec![line]) };
    let twin = Story {
        title: "The administrator ends the stream of the audit log and makes it anew five minutes later".to_owned(),
        attack: None,
        script: vec![deed(&at, "disabled"), deed("+5m", "enabled")],
        ..story.clone()
    };
    Generated { name: "stream-ended".to_owned(), story, twin_name: "stream-made-anew".to_owned(), twin }
}
