//! Somebody who has the password asks for the second factor again and again.

use super::Attack;
use super::story::Burst;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mfa_fatigue",
    title: "A second factor asked for until its owner gives in",
    technique: "T1621",
    version: "19",
    about: "Somebody has the victim's password and asks for the second factor again and again, hoping that the victim approves one prompt to have peace.",
    seen: "Prompts for the second factor of one person, denied one after the other.",
    records: "Entra: sign-ins with errorCode 500121, `user declined the authentication`.",
    edges: "Four prompts denied within ten minutes are too few, five enough; a success in between begins anew.",
    evasions: "One prompt an hour; prompts that nobody answers in place of denied ones; denials that the log calls \
            plain failures.",
    parameters: &Burst::limits(5.0, 600.0),
    generate: |parameters| BURST.generate(&ATTACK, parameters),
};

const BURST: Burst = Burst {
    policy: "mfa_fatigue",
    action: Some("require_sign_in"),
    source: "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection",
    episode: "push_bombing",
    verb: "sign_in",
    keys: &[("result", "mfa_denied")],
    title: "{person} denies {count} prompts in {over} that somebody in {place} asked for",
    twin_title: "{person} denies {count} prompts in {over}, one short of an alert",
    file: "prompts",
};
