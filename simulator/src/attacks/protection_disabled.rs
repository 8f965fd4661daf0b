//! Somebody switches off what asks for more than a password.

use super::Attack;
use super::story::Switch;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "protection_disabled",
    title: "Single sign-on switched off",
    technique: "T1556.006",
    version: "19",
    about: "Somebody who has the administrator's account switches off single sign-on, so that a password is enough from then on.",
    seen: "Single sign-on of an organisation switched off.",
    records: "Miro: sso_disabled.",
    edges: "Switching on is none; neither is a page of settings saved as it was.",
    evasions: "Off and on again within minutes; an exception for one group in place of the switch.",
    parameters: &[],
    generate: |parameters| SWITCH.generate(&ATTACK, parameters),
};

const SWITCH: Switch = Switch {
    policy: "mfa_or_sso_disabled",
    source: "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection",
    episode: "opening_up",
    setting: "sso",
    title: "Somebody in {place} is the administrator and switches off single sign-on",
    twin_title: "The administrator switches on single sign-on",
    twin: &[(None, "enabled")],
    files: ["sso-disabled-{app}", "sso-enabled-{app}"],
};
