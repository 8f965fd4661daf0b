//! A file policy: a card number or a credential stands in something that people have made.
//!
//! One alert for every file that holds what should not stand there, about its owner, whatever the app. It is decided by what
//! stands in files and by no record of a log, so that it rests on none.
//!
//! # Not decided here
//! Who may see the file; files that are made or changed during the story.
//!
//! # Sources
//! Defender for Cloud Apps, the pages on file policies and on data protection policies (content inspection).

use std::time::Duration;

use simulator::scenario::Scenario;
use simulator::world::World;

use super::Owed;

/// The policy's name.
pub const NAME: &str = "sensitive_content";

/// What the policy owes, where it is in force: only files that the scenario writes are judged.
pub fn owed(scenario: &Scenario, world: &World) -> Vec<Owed> {
    if !scenario.policies.iter().any(|policy| policy.name == NAME) {
        return Vec::new();
    }
    let at = scenario.stack.starts;
    let sensitive = world.files.iter().filter(|(_, file)| file.holds.is_sensitive());
    let owed = sensitive.map(|(owner, file)| Owed {
        policy: NAME.to_owned(),
        actor: *owner,
        app: Some(file.app),
        evidence: Vec::new(),
        decided_at: at,
        first: at,
        last: at,
        available_at: at,
        waits: Duration::ZERO,
        attack: None,
        triggers: Vec::new(),
    });
    owed.collect()
}
