//! Somebody goes on with a session by a machine of another kind.

use super::Attack;
use super::story::Takeover;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "agent_change",
    title: "A session that changes its operating system",
    technique: "T1539",
    version: "19",
    about: "Somebody has taken the cookie out of the victim's browser and goes on with the session on a machine of their own, without password or second factor.",
    seen: "One session whose requests come from another operating system within the hour.",
    records: "GitHub: what is done, each with its session, address and user agent.",
    edges: "Another operating system within the hour counts, later it does not. A request without a user agent \
            has not changed it.",
    evasions: "The user agent copied together with the cookie; a script that calls itself a browser.",
    parameters: &[],
    generate: |parameters| TAKEOVER.generate(&ATTACK, parameters),
};

const TAKEOVER: Takeover = Takeover {
    policy: "impossible_user_agent_change",
    source: "https://attack.mitre.org/techniques/T1539/",
    episode: "change",
    title: "{person} works at home, and twenty minutes later somebody in {place} goes on with the session on another machine",
    twin_title: "{person} works with the laptop, and twenty minutes later with the phone",
    twin_key: ("using", "phone"),
    files: ["machine-changed", "phone-taken-out"],
};
