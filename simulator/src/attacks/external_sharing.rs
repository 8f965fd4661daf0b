//! Somebody shares what an account can read with a domain of their own.

use super::Attack;
use super::story::Burst;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "external_sharing",
    title: "What an account can read, shared with somebody elsewhere",
    technique: "T1567",
    version: "19",
    about: "Somebody who has the victim's session shares the victim's boards with an account of their own, and reads them there.",
    seen: "Many boards of one person shared in an hour with a domain that they never shared with.",
    records: "Miro: board_shared, with the domain in its details. GitHub names a login and no domain.",
    edges: "Nine things within an hour are too few, ten enough. Who was shared with before is no stranger.",
    evasions: "A partner's name that differs by a letter; what holds the things in place of each of them; shared \
            and taken back at once.",
    parameters: &Burst::limits(10.0, 3_600.0),
    generate: |parameters| BURST.generate(&ATTACK, parameters),
};

const BURST: Burst = Burst {
    policy: "unusual_external_sharing",
    action: None,
    source: "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection",
    episode: "sharing_out",
    verb: "share",
    keys: &[("with", "partner.example")],
    title: "{count} boards of {person} are shared from {place} with a stranger in {over}",
    twin_title: "{person} shares {count} boards with a new partner in {over}, one short of an alert",
    file: "shared",
};
