//! The threat-intelligence feed that goes with a world's addresses: those that are tagged `risky`.
//!
//! One line an address block: `cidr,label,confidence,first_seen,last_seen`, as plain lists are usually published.
//!
//! # Not imitated
//! Indicators that expire, that are doubtful, or that come after the event; STIX, TAXII and MISP.
//!
//! # Sources
//! detections.md 7.5 ("plain CSV"). The confidence is a guess: high enough for everybody's floor.

use std::fmt::Write as _;

use super::World;
use crate::scenario::NetworkTag;
use crate::time::SimTime;

const CONFIDENCE: u32 = 90;

/// The feed, as it was published at `at`.
pub fn csv(world: &World, at: SimTime) -> String {
    let mut text = "# cidr,label,confidence,first_seen,last_seen\n".to_owned();
    for network in world.networks.iter().filter(|network| network.tags.contains(&NetworkTag::Risky)) {
        let seen = at.rfc3339();
        let _ = writeln!(text, "{},malicious-activity,{CONFIDENCE},{seen},{seen}", network.block);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Foreign, read_text};

    #[test]
    fn what_is_risky_is_told_and_nothing_else() {
        let text = "title: Two networks\napps: { entra: {} }\nnetworks: { bad: { in: Lagos, tags: [risky] }, good: { in: Oslo } }\n";
        let scenario = read_text("s.yaml", text, &Foreign::default()).unwrap();
        let world = World::build(&scenario).unwrap();
        let feed = csv(&world, scenario.history_start());
        let bad = world.networks[world.named_networks["bad"]].block;
        let expected = format!("{bad},malicious-activity,90,2026-02-16T00:00:00Z,2026-02-16T00:00:00Z");
        assert_eq!(feed.lines().collect::<Vec<_>>(), ["# cidr,label,confidence,first_seen,last_seen", &expected]);
    }
}
