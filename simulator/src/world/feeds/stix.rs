//! STIX 2.1: an identity that publishes, and an indicator for each address block.
//!
//! # Not imitated
//! Sightings, relationships, observed data; indicators that are revoked.
//!
//! # Sources
//! STIX version 2.1, OASIS Standard: sections 3.2 (common properties), 4.5 (identity), 4.7 (indicator), 8 (bundle), 9
//! (patterns: `ISSUBSET` for blocks, `=` for single addresses).

use ipnet::IpNet;
use serde_json::{Value, json};

use super::{CONFIDENCE, Feeds, Indicator, LISTINGS, Listing};
use crate::time::SimTime;

/// An object and when it was added.
#[derive(Clone, Debug, PartialEq)]
pub struct Added {
    /// When.
    pub at: SimTime,
    /// The object.
    pub object: Value,
}

/// Whoever publishes.
pub const PUBLISHER: &str = "Example Threat Intelligence";

/// Objects of a list in the order in which they were added: the publisher first.
pub fn objects(feeds: &Feeds<'_>, listing: &Listing) -> Vec<Added> {
    let publisher = Added { at: feeds.since, object: publisher(feeds) };
    let indicators = feeds
        .indicators(listing)
        .into_iter()
        .map(|indicator| Added { at: indicator.changed(), object: object(feeds, listing, indicator) });
    [publisher].into_iter().chain(indicators).collect()
}

/// Everything in one bundle.
pub fn bundle(feeds: &Feeds<'_>) -> Value {
    let indicators = LISTINGS.iter().flat_map(|listing| objects(feeds, listing).into_iter().skip(1));
    let all: Vec<Value> = [publisher(feeds)].into_iter().chain(indicators.map(|added| added.object)).collect();
    json!({ "type": "bundle", "id": format!("bundle--{}", feeds.id(&["bundle"])), "objects": all })
}

fn publisher(feeds: &Feeds<'_>) -> Value {
    json!({
        "type": "identity",
        "spec_version": "2.1",
        "id": publisher_id(feeds),
        "created": feeds.since.rfc3339(),
        "modified": feeds.since.rfc3339(),
        "name": PUBLISHER,
        "identity_class": "organization",
    })
}

fn publisher_id(feeds: &Feeds<'_>) -> String {
    format!("identity--{}", feeds.id(&["publisher"]))
}

fn object(feeds: &Feeds<'_>, listing: &Listing, indicator: Indicator) -> Value {
    let block = indicator.block.to_string();
    let mut object = json!({
        "type": "indicator",
        "spec_version": "2.1",
        "id": format!("indicator--{}", feeds.id(&[listing.name, &block])),
        "created_by_ref": publisher_id(feeds),
        "created": indicator.added.rfc3339(),
        "modified": indicator.changed().rfc3339(),
        "name": block,
        "indicator_types": [listing.label],
        "labels": [listing.label],
        "pattern": pattern(indicator.block),
        "pattern_type": "stix",
        "valid_from": indicator.valid_from.rfc3339(),
        "confidence": CONFIDENCE,
    });
    if let Some(until) = indicator.valid_until {
        object["valid_until"] = json!(until.rfc3339());
    }
    object
}

fn pattern(block: IpNet) -> String {
    let kind = if matches!(block, IpNet::V4(_)) { "ipv4-addr" } else { "ipv6-addr" };
    match block.prefix_len() == block.max_prefix_len() {
        true => format!("[{kind}:value = '{}']", block.addr()),
        false => format!("[{kind}:value ISSUBSET '{block}']"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{with_feeds, with_feeds_at};
    use super::super::{MALICIOUS, TOR_EXITS};
    use super::*;

    #[test]
    fn an_address_and_a_block_have_patterns_of_their_own() {
        #[rustfmt::skip]
        let cases = [
            ("203.0.113.7/32",    "[ipv4-addr:value = '203.0.113.7']"),
            ("203.0.113.0/28",    "[ipv4-addr:value ISSUBSET '203.0.113.0/28']"),
            ("2001:db8::1/128",   "[ipv6-addr:value = '2001:db8::1']"),
        ];
        for (block, expected) in cases {
            assert_eq!(pattern(block.parse().unwrap()), expected);
        }
    }

    #[test]
    fn a_bundle_holds_the_publisher_once_and_every_indicator_of_every_list() {
        with_feeds(|feeds| {
            let bundle = bundle(&feeds);
            let objects = bundle["objects"].as_array().unwrap();
            let of = |kind: &str| objects.iter().filter(|o| o["type"] == kind).count();
            assert_eq!((of("identity"), of("indicator"), objects.len()), (1, 3, 4));
            assert!(objects[1..].iter().all(|o| o["created_by_ref"] == objects[0]["id"]));
            let ids: std::collections::BTreeSet<&str> = objects.iter().map(|o| o["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), 4);
        });
    }

    #[test]
    fn an_indicator_that_holds_no_longer_is_a_newer_version_that_says_until_when() {
        let mut told = Vec::new();
        for hour in [9, 12] {
            with_feeds_at(hour, |feeds| told.push(objects(&feeds, MALICIOUS).remove(1)));
        }
        let [before, after] = &told[..] else { panic!("two") };
        assert_eq!((&before.object["id"], &before.object["created"]), (&after.object["id"], &after.object["created"]));
        assert_eq!(
            (&before.object["modified"], &before.object["valid_until"]),
            (&before.object["created"], &Value::Null)
        );
        assert_eq!(after.object["valid_until"], "2026-03-02T12:00:00Z");
        assert_eq!(
            (&after.object["modified"], after.at.rfc3339()),
            (&after.object["valid_until"], "2026-03-02T12:00:00Z".to_owned())
        );
    }

    #[test]
    fn each_list_has_its_own_type_of_indicator() {
        with_feeds(|feeds| {
            for (listing, label) in [(MALICIOUS, "malicious-activity"), (TOR_EXITS, "anonymization")] {
                let objects = objects(&feeds, listing);
                assert!(objects[1..].iter().all(|added| added.object["indicator_types"] == json!([label])));
            }
        });
    }
}
