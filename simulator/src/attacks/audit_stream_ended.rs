//! Somebody ends the stream that carries the audit log elsewhere.

use super::Attack;
use super::story::Switch;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "audit_stream_ended",
    title: "The audit log, no longer sent elsewhere",
    technique: "T1685.002",
    version: "19",
    about: "Somebody who has an administrator's account ends the stream of the audit log, so that what follows is seen by nobody.",
    seen: "A stream of the audit log ended, and no new one to the same sink.",
    records: "GitHub: audit_log_streaming.destroy.",
    edges: "A stream to the same sink, made anew in less than fifteen minutes, is the old one; at fifteen it is \
            not. Nobody knows before those are over.",
    evasions: "The stream led elsewhere in place of being ended; another one made beside it first.",
    parameters: &[],
    generate: |parameters| SWITCH.generate(&ATTACK, parameters),
};

const SWITCH: Switch = Switch {
    policy: "audit_log_streaming_disabled",
    source: "https://attack.mitre.org/techniques/T1562/008/",
    episode: "blinding",
    setting: "audit_log_streaming",
    title: "Somebody in {place} is the administrator and ends the stream of the audit log",
    twin_title: "The administrator ends the stream of the audit log and makes it anew five minutes later",
    twin: &[(None, "disabled"), (Some("+5m"), "enabled")],
    files: ["stream-ended", "stream-made-anew"],
};
