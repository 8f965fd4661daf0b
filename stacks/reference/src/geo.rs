//! Where an address is and what kind of network it belongs to.
//!
//! Places come from a City database, kinds from an Anonymous-IP database. Where the organisation itself says what a
//! network is, its word wins.

use std::net::IpAddr;
use std::path::Path;

use maxminddb::{Reader, geoip2};
use serde::{Deserialize, Serialize};

use crate::connections::{GeoFiles, Network};

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
}

/// A point on the globe.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) lat: f64,
    pub(crate) long: f64,
    pub(crate) accuracy_km: f64,
}

impl Place {
    /// Whether any of `tags` is on the address.
    pub(crate) fn has_any(&self, tags: &[&str]) -> bool {
        self.tags.iter().any(|tag| tags.contains(&tag.as_str()))
    }
}

/// The databases and the organisation's own networks.
#[derive(Default)]
pub(crate) struct Geo {
    city: Option<Reader<Vec<u8>>>,
    anonymous: Option<Reader<Vec<u8>>>,
    networks: Vec<Network>,
}

impl Geo {
    /// Opens what there is.
    pub(crate) fn open(files: &GeoFiles, networks: Vec<Network>) -> Result<Self, GeoError> {
        Ok(Self { city: open(files.city.as_deref())?, anonymous: open(files.anonymous_ip.as_deref())?, networks })
    }

    /// What is known of `ip`. A record that cannot be read counts as none.
    pub(crate) fn place(&self, ip: IpAddr) -> Place {
        let mut place = self.city.as_ref().and_then(|db| city(db, ip)).unwrap_or_default();
        place.tags = self.own_tags(ip).unwrap_or_else(|| self.feed_tags(ip));
        place
    }

    fn own_tags(&self, ip: IpAddr) -> Option<Vec<String>> {
        let ours = |network: &&Network| network.cidrs.iter().any(|cidr| cidr.contains(ip));
        let tags: Vec<_> = self.networks.iter().filter(ours).flat_map(|network| network.tags.clone()).collect();
        (!tags.is_empty()).then_some(tags)
    }

    fn feed_tags(&self, ip: IpAddr) -> Vec<String> {
        let record = self.anonymous.as_ref().and_then(|db| db.lookup(ip).ok()?.decode::<geoip2::AnonymousIp>().ok()?);
        let Some(record) = record else { return Vec::new() };
        let tags = [
            (record.is_anonymous_vpn, "vpn_consumer"),
            (record.is_hosting_provider, "hosting"),
            (record.is_public_proxy, "public_proxy"),
            (record.is_residential_proxy, "residential_proxy"),
            (record.is_tor_exit_node, "tor"),
        ];
        tags.into_iter().filter(|(set, _)| *set == Some(true)).map(|(_, tag)| tag.to_owned()).collect()
    }
}

fn open(path: Option<&Path>) -> Result<Option<Reader<Vec<u8>>>, GeoError> {
    path.map(|path| Reader::open_readfile(path).map_err(|source| GeoError { path: path.to_path_buf(), source }))
        .transpose()
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
    Some(Place { country: record.country.iso_code.map(str::to_owned), city, position, tags: Vec::new() })
}

/// A location database cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("location database {}: {source}", path.display())]
pub struct GeoError {
    path: std::path::PathBuf,
    source: maxminddb::MaxMindDbError,
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
            assert_eq!(geo.place(ip.parse().unwrap()).has_any(&["corporate"]), ours, "{ip}");
        }
    }
}
