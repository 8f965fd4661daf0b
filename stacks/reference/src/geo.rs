//! Where an address is and what kind of network it belongs to.
//!
//! Places come from a City database, whose network it is from an ASN database, kinds from an Anonymous-IP database and from
//! a feed of indicators. Where lists tell from when until when ([`crate::lists`]), those alone say what is bad and what is
//! an exit of Tor. Where the organisation itself says what a network is, its word wins.

use std::net::IpAddr;
use std::path::Path;

use jiff::Timestamp;
use maxminddb::{Reader, geoip2};
use serde::{Deserialize, Serialize};

use crate::connections::{Cidr, Feeds, GeoFiles, Network};
use crate::lists::{LEAST_CONFIDENCE, Lists};

/// Kilometres by which a record without city and radius may be wrong.
const COUNTRY_ACCURACY_KM: f64 = 100.0;

/// What is known of an address, as it was when the event was kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) country: Option<String>,
    pub(crate) city: Option<String>,
    /// Latitude, longitude and how many kilometres they may be wrong.
    pub(crate) position: Option<Position>,
    pub(crate) tags: Vec<String>,
    /// Whose network it is.
    #[serde(default)]
    pub(crate) holder: Option<Holder>,
}

/// An autonomous system and the organisation that runs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) number: u32,
    pub(crate) organisation: Option<String>,
}

/// A point on the globe.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) lat: f64,
    pub(crate) long: f64,
    pub(crate) accuracy_km: f64,
}

/// Networks whose users are not where their addresses are.
const ELSEWHERE: [&str; 5] = ["private_relay", "vpn_consumer", "satellite", "cloud_provider", "hosting"];
/// What lists tell from when until when.
const LISTED: [&str; 2] = ["risky", "tor"];
const SAFE: [&str; 2] = ["corporate", "vpn_corporate"];

impl Place {
    /// Whether it is one of the organisation's own.
    pub(crate) fn is_safe(&self) -> bool {
        self.has_any(&SAFE)
    }

    /// Whether whoever uses the address is somewhere else.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.has_any(&ELSEWHERE)
    }

    /// Whether any of `tags` is on the address.
    pub(crate) fn has_any(&self, tags: &[&str]) -> bool {
        self.tags.iter().any(|tag| tags.contains(&tag.as_str()))
    }
}

/// The databases, the feeds and the organisation's own networks.
#[derive(Default)]
pub(crate) struct Geo {
    city: Option<Reader<Vec<u8>>>,
    asn: Option<Reader<Vec<u8>>>,
    anonymous: Option<Reader<Vec<u8>>>,
    /// Addresses that are known to be bad.
    risky: Vec<Cidr>,
    /// Lists that tell from when until when.
    pub(crate) lists: Option<Lists>,
    networks: Vec<Network>,
}

impl Geo {
    /// Opens what there is.
    pub(crate) fn open(files: &GeoFiles, feeds: &Feeds, networks: Vec<Network>) -> Result<Self, GeoError> {
        Ok(Self {
            city: open(files.city.as_deref())?,
            asn: open(files.asn.as_deref())?,
            anonymous: open(files.anonymous_ip.as_deref())?,
            risky: feeds.indicators.as_deref().map(indicators).transpose()?.unwrap_or_default(),
            lists: None,
            networks,
        })
    }

    /// What was known of `ip` at that moment. A record that cannot be read counts as none.
    pub(crate) fn place(&self, ip: IpAddr, at: Timestamp) -> Place {
        let mut place = self.city.as_ref().and_then(|db| city(db, ip)).unwrap_or_default();
        place.tags = self.own_tags(ip).unwrap_or_else(|| self.feed_tags(ip, at));
        place.holder = self.asn.as_ref().and_then(|db| holder(db, ip));
        place
    }

    fn own_tags(&self, ip: IpAddr) -> Option<Vec<String>> {
        let ours = |network: &&Network| network.cidrs.iter().any(|cidr| cidr.contains(ip));
        let tags: Vec<_> = self.networks.iter().filter(ours).flat_map(|network| network.tags.clone()).collect();
        (!tags.is_empty()).then_some(tags)
    }

    fn feed_tags(&self, ip: IpAddr, at: Timestamp) -> Vec<String> {
        let Some(listed) = self.lists.as_ref().and_then(|lists| lists.tags(ip, at)) else { return self.found_tags(ip) };
        let found = self.found_tags(ip).into_iter().filter(|tag| !LISTED.contains(&tag.as_str()));
        found.chain(listed.into_iter().map(str::to_owned)).collect()
    }

    /// What the files say.
    fn found_tags(&self, ip: IpAddr) -> Vec<String> {
        let record = self.anonymous.as_ref().and_then(|db| db.lookup(ip).ok()?.decode::<geoip2::AnonymousIp>().ok()?);
        let risky = self.risky.iter().any(|cidr| cidr.contains(ip)).then(|| "risky".to_owned());
        let Some(record) = record else { return risky.into_iter().collect() };
        let tags = [
            (record.is_anonymous_vpn, "vpn_consumer"),
            (record.is_hosting_provider, "hosting"),
            (record.is_public_proxy, "public_proxy"),
            (record.is_residential_proxy, "residential_proxy"),
            (record.is_tor_exit_node, "tor"),
        ];
        tags.into_iter().filter(|(set, _)| *set == Some(true)).map(|(_, tag)| tag.to_owned()).chain(risky).collect()
    }
}

fn open(path: Option<&Path>) -> Result<Option<Reader<Vec<u8>>>, GeoError> {
    path.map(|path| {
        Reader::open_readfile(path).map_err(|source| GeoError::Database { path: path.to_path_buf(), source })
    })
    .transpose()
}

/// The ranges that a feed is sure enough of. A line that cannot be read counts as none.
fn indicators(path: &Path) -> Result<Vec<Cidr>, GeoError> {
    let text = std::fs::read_to_string(path).map_err(|source| GeoError::Feed { path: path.to_path_buf(), source })?;
    let indicator = |line: &str| {
        let mut columns = line.split(',').map(str::trim);
        let cidr = Cidr::try_from(columns.next()?.to_owned()).ok()?;
        let confidence: u64 = columns.nth(1)?.parse().ok()?;
        (confidence >= LEAST_CONFIDENCE).then_some(cidr)
    };
    Ok(text.lines().filter_map(indicator).collect())
}

fn city(db: &Reader<Vec<u8>>, ip: IpAddr) -> Option<Place> {
    let record: geoip2::City<'_> = db.lookup(ip).ok()?.decode().ok()??;
    let city = record.city.names.english.map(str::to_owned);
    let location = &record.location;
    let position = match (location.latitude, location.longitude) {
        // The middle of the Gulf of Guinea is where records without a place point.
        (Some(lat), Some(long)) if (lat, long) != (0.0, 0.0) => {
            let unknown = if city.is_some() { 0.0 } else { COUNTRY_ACCURACY_KM };
            Some(Position { lat, long, accuracy_km: location.accuracy_radius.map_or(unknown, f64::from) })
        }
        _ => None,
    };
    let country = record.country.iso_code.map(str::to_owned);
    Some(Place { country, city, position, ..Place::default() })
}

fn holder(db: &Reader<Vec<u8>>, ip: IpAddr) -> Option<Holder> {
    let record: geoip2::Asn<'_> = db.lookup(ip).ok()?.decode().ok()??;
    let organisation = record.autonomous_system_organization.map(str::to_owned);
    record.autonomous_system_number.map(|number| Holder { number, organisation })
}

/// What is known of addresses cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// A location database.
    #[error("location database {}: {source}", path.display())]
    Database {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        source: maxminddb::MaxMindDbError,
    },
    /// A feed of indicators.
    #[error("feed of indicators {}: {source}", path.display())]
    Feed {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_organisation_says_of_its_own_network_is_found_by_range() {
        let office =
            serde_json::json!([{"name": "office", "cidrs": ["192.0.2.16/28", "2001:db8::/32"], "tags": ["corporate"]}]);
        let geo = Geo { networks: serde_json::from_value(office).unwrap(), ..Geo::default() };
        #[rustfmt::skip]
        let cases = [
            ("192.0.2.16",  true),
            ("192.0.2.31",  true),
            ("192.0.2.32",  false),
            ("2001:db8::7", true),
            ("2001:db9::7", false),
        ];
        for (ip, ours) in cases {
            assert_eq!(geo.place(ip.parse().unwrap(), Timestamp::UNIX_EPOCH).has_any(&["corporate"]), ours, "{ip}");
        }
    }

    #[test]
    fn of_a_feed_only_what_it_is_sure_of_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("indicators.csv");
        let lines =
            "# cidr,label,confidence\n203.0.113.7/32,malicious-activity,90,,\n203.0.113.8/32,botnet,20,,\nnonsense\n";
        std::fs::write(&file, lines).unwrap();
        let geo = Geo { risky: indicators(&file).unwrap(), ..Geo::default() };
        let risky = |ip: &str| geo.place(ip.parse().unwrap(), Timestamp::UNIX_EPOCH).has_any(&["risky"]);
        assert_eq!((risky("203.0.113.7"), risky("203.0.113.8")), (true, false));
    }
}
