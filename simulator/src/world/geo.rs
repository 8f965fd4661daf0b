//! The geo databases that go with a world's addresses, in MaxMind's format.
//!
//! Four databases in the documented layouts: City, Country, ASN, Anonymous IP. The build epoch is the caller's (the scenario's
//! start), so the same world gives the same bytes.
//!
//! # Not imitated
//! `geoname_id`, `postal`, `subdivisions`, `is_in_european_union`; `registered_country` always equals `country`. A network
//! whose accuracy is 0 says `accuracy_radius` 0, which the real databases round up to 1. Satellites and private relays are
//! told by the holder's name in the ASN database alone, phone carriers likewise: the anonymiser database has no flag for
//! them.
//!
//! # Sources
//! MaxMind-DB `source-data`, dev.maxmind.com (Anonymous IP: a flag is present only when true).

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use mmdb_writer::{IpVersion, Writer};
use serde::Serialize;

use super::{Network, Place, World};
use crate::scenario::NetworkTag;
use crate::time::SimTime;

#[derive(Serialize)]
struct CityRecord<'a> {
    city: Named<'a>,
    continent: Continent<'a>,
    country: Country<'a>,
    location: Location<'a>,
    registered_country: Country<'a>,
}

#[derive(Serialize)]
struct CountryRecord<'a> {
    continent: Continent<'a>,
    country: Country<'a>,
    registered_country: Country<'a>,
}

#[derive(Serialize)]
struct Named<'a> {
    names: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Continent<'a> {
    code: &'a str,
    names: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Country<'a> {
    iso_code: &'a str,
    names: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct Location<'a> {
    accuracy_radius: u16,
    latitude: f64,
    longitude: f64,
    time_zone: &'a str,
}

#[derive(Serialize)]
struct AsnRecord<'a> {
    autonomous_system_number: u32,
    autonomous_system_organization: &'a str,
}

/// The City database (`GeoLite2-City`).
pub fn city(world: &World, build_epoch: SimTime) -> Vec<u8> {
    write(world, "GeoLite2-City", build_epoch, |network| {
        let place = network.place;
        Some(CityRecord {
            city: Named { names: english(place.name) },
            continent: continent_of(place),
            country: country_of(place),
            location: Location {
                accuracy_radius: u16::try_from(network.accuracy_km).unwrap_or(u16::MAX),
                latitude: place.lat,
                longitude: place.lon,
                time_zone: place.zone,
            },
            registered_country: country_of(place),
        })
    })
}

/// The Country database (`GeoLite2-Country`).
pub fn country(world: &World, build_epoch: SimTime) -> Vec<u8> {
    write(world, "GeoLite2-Country", build_epoch, |network| {
        let place = network.place;
        let country = || country_of(place);
        Some(CountryRecord { continent: continent_of(place), country: country(), registered_country: country() })
    })
}

/// The ASN database (`GeoLite2-ASN`).
pub fn asn(world: &World, build_epoch: SimTime) -> Vec<u8> {
    write(world, "GeoLite2-ASN", build_epoch, |network| {
        Some(AsnRecord {
            autonomous_system_number: network.asn,
            autonomous_system_organization: &network.as_organisation,
        })
    })
}

/// The anonymiser database (`GeoIP2-Anonymous-IP`) as it was at that moment. Ordinary addresses are not in it.
pub fn anonymous_ip(world: &World, build_epoch: SimTime) -> Vec<u8> {
    const FLAGS: [(NetworkTag, &str); 4] = [
        (NetworkTag::VpnConsumer, "is_anonymous_vpn"),
        (NetworkTag::Hosting, "is_hosting_provider"),
        (NetworkTag::PublicProxy, "is_public_proxy"),
        (NetworkTag::Tor, "is_tor_exit_node"),
    ];
    write(world, "GeoIP2-Anonymous-IP", build_epoch, |network| {
        let mut record: BTreeMap<&str, bool> = FLAGS
            .iter()
            .filter(|(tag, _)| network.is_tagged(*tag, build_epoch))
            .map(|(_, flag)| (*flag, true))
            .collect();
        if record.is_empty() {
            return None;
        }
        record.insert("is_anonymous", true);
        Some(record)
    })
}

fn write<'w, R: Serialize>(
    world: &'w World,
    database_type: &str,
    build_epoch: SimTime,
    record: impl Fn(&'w Network) -> Option<R>,
) -> Vec<u8> {
    let epoch = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(build_epoch.s()).unwrap_or(0));
    let mut writer = Writer::builder(database_type)
        .ip_version(IpVersion::V6)
        .description(&[("en", "Generated addresses of a simulated world")])
        .build_epoch(epoch)
        .build();
    for network in &world.networks {
        if let Some(record) = record(network) {
            writer.insert(network.block, &record).expect("plain records and single addresses can be written");
        }
    }
    writer.to_bytes().expect("a tree of single addresses fits the format")
}

fn country_of(place: &Place) -> Country<'_> {
    Country { iso_code: place.country, names: english(place.country_name) }
}

fn continent_of(place: &Place) -> Continent<'_> {
    Continent { code: place.continent, names: english(continent_name(place.continent)) }
}

fn english(name: &str) -> BTreeMap<&str, &str> {
    BTreeMap::from([("en", name)])
}

fn continent_name(code: &str) -> &'static str {
    match code {
        "AF" => "Africa",
        "AS" => "Asia",
        "EU" => "Europe",
        "NA" => "North America",
        "OC" => "Oceania",
        "SA" => "South America",
        _ => "Antarctica",
    }
}
