//! What is published about a world's addresses, in the forms that such lists have.
//!
//! | part | form |
//! |---|---|
//! | this one | indicators as values: which there are, since when, under which id |
//! | [`plain`] | CSV, and the list of Tor exits |
//! | [`stix`] | STIX 2.1: objects, and a bundle of them |
//! | [`taxii`] | TAXII 2.1: collections of those, in pages |
//! | [`misp`] | a MISP feed: a manifest and an event for each listing |
//!
//! All of them say the same, and all of it is made from the scenario: the same world gives the same bytes. An indicator has
//! been there since the history began, and each was added a second after the one before.
//!
//! # Not imitated
//! Indicators that expire, that are doubtful, or that come after the event.
//!
//! # Sources
//! detections.md 7.5. The confidence is a guess: high enough for everybody's floor. RFC 9562, section 5.5 (ids).

pub mod misp;
pub mod plain;
pub mod stix;
pub mod taxii;

use std::time::Duration;

use ipnet::IpNet;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::World;
use crate::scenario::{NetworkTag, Scenario};
use crate::seed::Seed;
use crate::time::SimTime;

/// How sure the publisher is of every indicator, per cent.
pub const CONFIDENCE: u32 = 90;

/// A list of addresses that have one thing in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its name in paths and ids.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What its addresses are: a word of STIX's vocabulary of indicator types.
    pub label: &'static str,
    /// The tag of networks that stand in it.
    tag: NetworkTag,
}

/// Every list there is.
pub const LISTINGS: [Listing; 2] = [
    Listing {
        name: "malicious-addresses",
        title: "Addresses that attacks came from",
        label: "malicious-activity",
        tag: NetworkTag::Risky,
    },
    Listing { name: "tor-exits", title: "Exits of the Tor network", label: "anonymization", tag: NetworkTag::Tor },
];

/// The list that [`plain::csv`] writes.
pub const MALICIOUS: &Listing = &LISTINGS[0];

/// The list that [`plain::tor_exits`] writes.
pub const TOR_EXITS: &Listing = &LISTINGS[1];

/// An address block of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// The block.
    pub block: IpNet,
    /// Since when it is known, and so when it was added.
    pub since: SimTime,
}

/// The feeds of a world: `seed` is the scenario's, `since` when its history begins.
#[derive(Clone, Copy, Debug)]
pub struct Feeds<'w> {
    /// Whose addresses they tell of.
    pub world: &'w World,
    /// What ids are made from.
    pub seed: Seed,
    /// When the first was published.
    pub since: SimTime,
}

impl<'w> Feeds<'w> {
    /// The feeds of a scenario's world.
    pub fn of(scenario: &Scenario, world: &'w World) -> Self {
        Self { world, seed: scenario.seed, since: scenario.history_start() }
    }

    /// The indicators of a list, in the order in which they were added.
    pub fn indicators(&self, listing: &Listing) -> Vec<Indicator> {
        let listed = self.world.networks.iter().filter(|network| network.tags.contains(&listing.tag));
        let added = (0..).map(|n| self.since + Duration::from_secs(n));
        listed.zip(added).map(|(network, since)| Indicator { block: network.block, since }).collect()
    }

    /// When a list last changed: when the last of it was added.
    pub fn changed(&self, listing: &Listing) -> SimTime {
        self.indicators(listing).last().map_or(self.since, |indicator| indicator.since)
    }

    /// An id of something in the feeds: a UUID of version 5, whose namespace is the seed's.
    pub fn id(&self, name: &[&str]) -> String {
        let namespace = self.seed.uuid(&["feeds"]);
        let octets = namespace.replace('-', "");
        let octet = |at: usize| u8::from_str_radix(&octets[at..at + 2], 16).expect("a UUID is made of such digits");
        let mut text: Vec<u8> = (0..32).step_by(2).map(octet).collect();
        text.extend(name.join("/").bytes());
        let mut hash: [u8; 16] =
            digest(&SHA1_FOR_LEGACY_USE_ONLY, &text).as_ref()[..16].try_into().expect("twenty bytes");
        hash[6] = hash[6] & 0x0f | 0x50;
        hash[8] = hash[8] & 0x3f | 0x80;
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scenario::{Foreign, read_text};

    /// A world with two bad addresses, one Tor exit and a good one.
    pub(crate) fn scenario() -> Scenario {
        let text = "title: Four networks\nseed: 7\napps: { entra: {} }\nnetworks:\n  bad: { in: Lagos, tags: [risky] }\n  worse: \
                    { in: Oslo, tags: [risky] }\n  exit: { in: Frankfurt, tags: [tor] }\n  good: { in: Oslo }\n";
        read_text("s.yaml", text, &Foreign::default()).unwrap()
    }

    pub(crate) fn with_feeds(run: impl FnOnce(Feeds<'_>)) {
        let scenario = scenario();
        let world = World::build(&scenario).unwrap();
        run(Feeds::of(&scenario, &world));
    }

    #[test]
    fn a_list_holds_what_is_tagged_so_and_each_was_added_after_the_one_before() {
        with_feeds(|feeds| {
            let bad = feeds.indicators(MALICIOUS);
            let blocks = ["bad", "worse"].map(|name| feeds.world.networks[feeds.world.named_networks[name]].block);
            assert!(bad.len() == 2 && bad.iter().all(|one| blocks.contains(&one.block)), "{bad:?}");
            assert_eq!(bad[1].since.since(bad[0].since), Duration::from_secs(1));
            assert_eq!(feeds.changed(MALICIOUS), bad[1].since);
            assert_eq!(feeds.indicators(TOR_EXITS).len(), 1);
        });
    }

    #[test]
    fn ids_are_uuids_of_version_5_that_hang_on_seed_and_name() {
        with_feeds(|feeds| {
            let id = feeds.id(&["a", "b"]);
            assert_eq!((id.len(), &id[14..15]), (36, "5"), "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
            assert_eq!(id, feeds.id(&["a", "b"]));
            assert_ne!(id, feeds.id(&["a", "c"]));
            assert_ne!(id, Feeds { seed: Seed(8), ..feeds }.id(&["a", "b"]));
        });
    }
}
