//! Somebody deletes all that an account can delete.

use super::Attack;
use super::story::Burst;

/// The attack.
pub(super) const ATTACK: Attack = Attack {
    name: "mass_deletion",
    title: "Everything that an account can delete, deleted",
    technique: "T1485",
    version: "19",
    about: "Somebody who has the victim's session deletes what the victim may delete, one thing after the other.",
    seen: "More deletions of one person in some minutes than anybody tidies up.",
    records: "Miro: board_deleted; GitHub: repo.destroy. One for each thing.",
    edges: "Thirty things within ten minutes are too few, thirty-one enough.",
    evasions: "Deleting what holds the things in place of each of them.",
    parameters: &Burst::limits(31.0, 600.0),
    generate: |parameters| BURST.generate(&ATTACK, parameters),
};

const BURST: Burst = Burst {
    policy: "mass_deletion",
    action: Some("suspend"),
    source: "https://learn.microsoft.com/defender-cloud-apps/policies-threat-protection",
    episode: "wiping",
    verb: "delete",
    keys: &[],
    title: "{count} things of {person} are deleted from {place} in {over}",
    twin_title: "{person} tidies up and deletes {count} things in {over}, one short of an alert",
    file: "deleted",
};
