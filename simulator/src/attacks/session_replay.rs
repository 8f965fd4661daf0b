//! Somebody goes on with a session that was stolen.

use super::Attack;
use super::story::Takeover;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "session_replay",
    title: "A stolen session, used elsewhere",
    technique: "T1550.004",
    version: "19",
    about: "Somebody has taken the cookie out of the victim's browser and goes on with the session, without password or second factor.",
    seen: "One session, used from two addresses with two kinds of browser.",
    records: "GitHub: what is done, each with its session, address and user agent.",
    edges: "The same machine at another place is its owner on the way.",
    evasions: "The user agent copied together with the cookie, from the victim's own city.",
    parameters: &[],
    generate: |parameters| TAKEOVER.generate(&ATTACK, parameters),
};

const TAKEOVER: Takeover = Takeover {
    policy: "token_theft_session_replay",
    source: "https://attack.mitre.org/techniques/T1550/004/",
    episode: "replay",
    title: "{person} works at home, and twenty minutes later somebody in {place} goes on with the session",
    twin_title: "{person} goes on with the session from {place}, with the laptop it began on",
    twin_key: ("from", "{place}"),
    files: ["session-replayed", "session-taken-along"],
};
