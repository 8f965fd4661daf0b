//! Where a request came from, and what threat intelligence and the organisation say of the address.

use serde_json::{Value, json};

use crate::scenario::NetworkTag;
use crate::time::SimTime;
use crate::timeline::Activity;
use crate::world::{Network, World};

const ANONYMOUS_PROXY: &str = "000000030000000000000000";
const TOR: &str = "2dfa95cd7922d979d66fcff5";
const SATELLITE: &str = "000000040000000000000000";
const BOTNET: &str = "0000000c0000000000000000";
const INTERNAL: &str = "000000310000000000000000";

/// Category of the organisation's own addresses.
pub(in super::super) const CORPORATE: u8 = 1;
const RISKY: u8 = 3;
const VPN: u8 = 4;
const CLOUD: u8 = 5;

/// What the feeds' tags are here: tag of the scenario, category, its word, id of the built-in tag. The first that fits
/// decides on the category: what the organisation says of its own addresses, then threat intelligence, then the rest.
#[rustfmt::skip]
const TAGS: [(NetworkTag, u8, &str, Option<&str>); 8] = [
    (NetworkTag::Corporate,    CORPORATE, "CORPORATE",      Some(INTERNAL)),
    (NetworkTag::VpnCorporate, VPN,       "VPN",            None),
    (NetworkTag::Tor,          RISKY,     "RISKY",          Some(TOR)),
    (NetworkTag::PublicProxy,  RISKY,     "RISKY",          Some(ANONYMOUS_PROXY)),
    (NetworkTag::Risky,        RISKY,     "RISKY",          Some(BOTNET)),
    (NetworkTag::VpnConsumer,  VPN,       "VPN",            None),
    (NetworkTag::Satellite,    0,         "NONE",           Some(SATELLITE)),
    (NetworkTag::Hosting,      CLOUD,     "CLOUD_PROVIDER", None),
];

/// Whether threat intelligence knows the network as one that hides who comes from it, and nobody here says otherwise.
pub(in super::super) fn is_anonymous(network: &Network, at: SimTime, tor_alone: bool) -> bool {
    let has = |tag| network.is_tagged(tag, at);
    let hides = has(NetworkTag::Tor) || (!tor_alone && has(NetworkTag::PublicProxy));
    hides && !has(NetworkTag::Corporate) && !has(NetworkTag::VpnCorporate)
}

/// `location` of a record.
pub(super) fn location(activity: &Activity, world: &World) -> Value {
    let network = activity.address.and_then(|address| world.locate(address));
    let has = |tag| network.is_some_and(|n| n.is_tagged(tag, activity.occurred));
    let tags = || TAGS.iter().filter(|row| has(row.0));
    let (category, value) = tags().next().map_or((0, "NONE"), |row| (row.1, row.2));
    let ids: Vec<&str> = tags().filter_map(|row| row.3).collect();
    json!({
        "countryCode": activity.place.map(|p| p.country),
        "city": activity.place.map(|p| p.name),
        "region": activity.place.map(|p| p.name),
        "latitude": activity.place.map(|p| p.lat),
        "longitude": activity.place.map(|p| p.lon),
        "organizationSearchable": network.map(|n| &n.as_organisation),
        "anonymousProxy": has(NetworkTag::Tor) || has(NetworkTag::PublicProxy),
        "isSatelliteProvider": has(NetworkTag::Satellite),
        "category": category,
        "categoryValue": value,
        "ipTags": ids,
    })
}
