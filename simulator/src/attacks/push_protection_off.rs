//! Somebody switches off what keeps secrets out of repositories.

use super::Attack;
use super::story::Switch;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "push_protection_off",
    title: "What keeps secrets out of repositories, switched off",
    technique: "T1552.001",
    version: "19",
    about: "Somebody who has an administrator's account switches push protection off, and then finds the secrets that others push.",
    seen: "Push protection or secret scanning switched off.",
    records: "GitHub: org.secret_scanning_push_protection_disable.",
    edges: "Switching on is none. What is passed by in two repositories is two.",
    evasions: "Off for five minutes, long enough for one push; passed by once in place of being switched off.",
    parameters: &[],
    generate: |parameters| SWITCH.generate(&ATTACK, parameters),
};

const SWITCH: Switch = Switch {
    policy: "secret_scanning_or_push_protection_bypass",
    source: "https://docs.github.com/en/code-security/secret-scanning/introduction/about-push-protection",
    episode: "opening_up",
    setting: "push_protection",
    title: "Somebody in {place} is the administrator and switches push protection off",
    twin_title: "The administrator switches push protection on",
    twin: &[(None, "enabled")],
    files: ["push-protection-disabled", "push-protection-enabled"],
};
