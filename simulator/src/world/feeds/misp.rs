//! A MISP feed: a folder with a manifest and a file for each event, one event a list.
//!
//! # Not imitated
//! `hashes.csv`, galaxies, sightings, events that are published again.
//!
//! # Sources
//! MISP core format (draft-dulaunoy-misp-core-format): sections 2.2 (event), 2.4 (attribute), 2.3.1 (Orgc), 3 (manifest).

use serde_json::{Map, Value, json};

use super::stix::PUBLISHER;
use super::{Feeds, Indicator, LISTINGS, Listing};
use crate::time::SimTime;

/// Which events there are: by id, what each is about.
pub fn manifest(feeds: &Feeds<'_>) -> Value {
    let all = LISTINGS.iter().map(|listing| (event_id(feeds, listing), head(feeds, listing)));
    Value::Object(all.collect::<Map<_, _>>())
}

/// The event of this id.
pub fn event(feeds: &Feeds<'_>, id: &str) -> Option<Value> {
    let listing = LISTINGS.iter().find(|listing| event_id(feeds, listing) == id)?;
    let mut event = head(feeds, listing);
    event["uuid"] = json!(id);
    event["published"] = json!(true);
    event["publish_timestamp"] = event["timestamp"].clone();
    let attributes = feeds.indicators(listing).into_iter().map(|indicator| attribute(feeds, listing, indicator));
    event["Attribute"] = attributes.collect();
    Some(json!({ "Event": event }))
}

fn event_id(feeds: &Feeds<'_>, listing: &Listing) -> String {
    feeds.id(&["misp", listing.name])
}

fn head(feeds: &Feeds<'_>, listing: &Listing) -> Value {
    json!({
        "info": listing.title,
        "date": feeds.since.civil().strftime("%Y-%m-%d").to_string(),
        "timestamp": feeds.changed(listing).s().to_string(),
        "analysis": "2",
        "threat_level_id": "2",
        "Orgc": { "name": PUBLISHER, "uuid": feeds.id(&["publisher"]) },
        "Tag": [{ "name": "tlp:clear", "colour": "#ffffff" }],
    })
}

fn attribute(feeds: &Feeds<'_>, listing: &Listing, indicator: Indicator) -> Value {
    let block = indicator.block;
    let valid_until = indicator.valid_until;
    let single = block.prefix_len() == block.max_prefix_len();
    json!({
        "uuid": feeds.id(&["misp", listing.name, &block.to_string()]),
        "type": "ip-src",
        "category": "Network activity",
        "value": if single { block.addr().to_string() } else { block.to_string() },
        "comment": listing.label,
        "to_ids": valid_until.is_none(),
        "timestamp": indicator.changed().s().to_string(),
        "first_seen": indicator.valid_from.rfc3339(),
        "last_seen": valid_until.map(SimTime::rfc3339),
    })
}

#[cfg(test)]
mod tests {
    use super::super::MALICIOUS;
    use super::super::tests::with_feeds;
    use super::*;

    #[test]
    fn every_event_of_the_manifest_can_be_had_and_says_the_same_of_itself() {
        with_feeds(|feeds| {
            let manifest = manifest(&feeds);
            assert_eq!(manifest.as_object().unwrap().len(), 2);
            for (id, told) in manifest.as_object().unwrap() {
                let event = &event(&feeds, id).unwrap()["Event"];
                assert!(told.as_object().unwrap().iter().all(|(key, value)| event[key] == *value), "{event}");
            }
            assert_eq!(event(&feeds, "somebody-elses"), None);
        });
    }

    #[test]
    fn an_attribute_is_an_address() {
        with_feeds(|feeds| {
            let event = event(&feeds, &event_id(&feeds, MALICIOUS)).unwrap();
            let values: Vec<&str> =
                event["Event"]["Attribute"].as_array().unwrap().iter().map(|a| a["value"].as_str().unwrap()).collect();
            let listed: Vec<String> =
                feeds.indicators(MALICIOUS).iter().map(|indicator| indicator.block.addr().to_string()).collect();
            assert_eq!(values, listed);
        });
    }
}
