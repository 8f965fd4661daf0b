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
//! All of them say the same as it is at one moment, and all of it is made from the scenario: the same world gives the same
//! bytes. An indicator is there from when its network is listed, else since the history began, and then each was added a
//! second after the one before. Once its network is delisted, STIX, TAXII and MISP tell until when it held; the CSV and
//! the list of Tor exits have it no longer.
//!
//! # Not imitated
//! Indicators that are doubtful, or that are told of later than they hold.
//!
//! # Sources
//! RFC 9562, section 5.5 (ids). The confidence is a guess: high enough for everybody's floor. The forms' own stand with
//! each part.

pub mod misp;
pub mod plain;
pub mod stix;
pub mod taxii;

use std::time::Duration;

use ipnet::IpNet;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::{Network, World};
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
    /// Since when it holds.
    pub valid_from: SimTime,
    /// Until when it held, once that is over.
    pub valid_until: Option<SimTime>,
    /// When it was added.
    pub added: SimTime,
}

impl Indicator {
    /// When it last changed: when it was added, or when it ceased to hold.
    pub fn changed(self) -> SimTime {
        self.valid_until.unwrap_or(self.added)
    }
}

/// The feeds of a world as they are at one moment: `seed` is the scenario's, `since` when its history begins.
#[derive(Clone, Copy, Debug)]
pub struct Feeds<'w> {
    /// Whose addresses they tell of.
    pub world: &'w World,
    /// What ids are made from.
    pub seed: Seed,
    /// When the first was published.
    pub since: SimTime,
    /// The moment.
    pub at: SimTime,
}

impl<'w> Feeds<'w> {
    /// The feeds of a scenario's world as they are `at` that moment.
    pub fn of(scenario: &Scenario, world: &'w World, at: SimTime) -> Self {
        Self { world, seed: scenario.seed, since: scenario.history_start(), at }
    }

    /// The indicators of a list that were ever added, in the order in which they last changed.
    pub fn indicators(&self, listing: &Listing) -> Vec<Indicator> {
        let tagged = self.world.networks.iter().filter(|network| network.tags.contains(&listing.tag));
        let from_the_start = (0..).map(|n| self.since + Duration::from_secs(n));
        let indicator = |(network, then): (&Network, SimTime)| Indicator {
            block: network.block,
            valid_from: network.listed.from.unwrap_or(self.since),
            valid_until: network.listed.until.filter(|until| *until <= self.at),
            added: network.listed.from.unwrap_or(then),
        };
        let added = |indicator: &Indicator| indicator.added <= self.at.max(self.since);
        let mut all: Vec<Indicator> = tagged.zip(from_the_start).map(indicator).filter(added).collect();
        all.sort_by_key(|indicator| (indicator.changed(), indicator.block));
        all
    }

    /// Those that hold.
    pub fn holding(&self, listing: &Listing) -> impl Iterator<Item = Indicator> + use<> {
        self.indicators(listing).into_iter().filter(|indicator| indicator.valid_until.is_none())
    }

    /// When a list last changed.
    pub fn changed(&self, listing: &Listing) -> SimTime {
        self.indicators(listing).last().map_or(self.since, |indicator| indicator.changed())
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
        run(Feeds::of(&scenario, &world, scenario.calendar().day_1()));
    }

    /// A machine that is bad from nine until noon of day 1, and the feeds at an hour of that day.
    pub(crate) fn with_feeds_at(hour: u64, run: impl FnOnce(Feeds<'_>)) {
        let text = "title: Bad for three hours\napps: { entra: {} }\nnetworks:\n  bad: { in: Lagos, tags: [risky], listed: \
                    day 1 09:00, delisted: day 1 12:00, ipv6: true }\n";
        let scenario = read_text("s.yaml", text, &Foreign::default()).unwrap();
        let world = World::build(&scenario).unwrap();
        run(Feeds::of(&scenario, &world, scenario.calendar().day_1() + Duration::from_secs(3_600 * hour)));
    }

    #[test]
    fn an_indicator_comes_with_its_listing_and_is_told_as_over_when_it_ends() {
        #[rustfmt::skip]
        let cases = [
            //hour, known, holds, changed after so many hours
            (8,  0, 0, None),
            (9,  1, 1, Some(9)),
            (11, 1, 1, Some(9)),
            (12, 1, 0, Some(12)),
            (20, 1, 0, Some(12)),
        ];
        for (hour, known, holding, changed) in cases {
            with_feeds_at(hour, |feeds| {
                let day_1 = feeds.at - Duration::from_secs(3_600 * hour);
                let expected = changed.map_or(feeds.since, |hour| day_1 + Duration::from_secs(3_600 * hour));
                let found = (feeds.indicators(MALICIOUS).len(), feeds.holding(MALICIOUS).count());
                assert_eq!((found, feeds.changed(MALICIOUS)), ((known, holding), expected), "at {hour}:00");
            });
        }
    }

    #[test]
    fn a_list_holds_what_is_tagged_so_and_each_was_added_after_the_one_before() {
        with_feeds(|feeds| {
            let bad = feeds.indicators(MALICIOUS);
            let blocks = ["bad", "worse"].map(|name| feeds.world.networks[feeds.world.named_networks[name]].block);
            assert!(bad.len() == 2 && bad.iter().all(|one| blocks.contains(&one.block)), "{bad:?}");
            assert_eq!(bad[1].added.since(bad[0].added), Duration::from_secs(1));
            assert_eq!(feeds.changed(MALICIOUS), bad[1].added);
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
