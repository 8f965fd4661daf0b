//! Who gets which address.
//!
//! | range | for | chosen by |
//! |---|---|---|
//! | 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 | named networks; a person in a city of the script | hash of the names |
//! | 2001:db8::/32 | named networks that are of IPv6, each a network of its own | hash of the name |
//! | 198.18.0.0/15, first 114,688 | homes of the background | number of the person |
//! | … next 12,288 | homes of the cast and the administrator | hash of the name |
//! | … last 4,096 | phone carriers, one address a city | index of the city |
//!
//! What is chosen by hash takes the next free address when its own is taken, entries in their written order: so a line
//! added below moves nobody, and a line added above moves another entry only if both hash to one address. Running out is
//! an error of the scenario, never a silent re-use.
//!
//! # Not imitated
//! IPv6 of homes and cities, and the public-looking plan for stacks that skip reserved space.
//!
//! # Sources
//! RFC 5737 and RFC 3849 (documentation), RFC 2544 (198.18.0.0/15), RFC 5398 (AS numbers).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Network, PLACES, Place, WorldError};
use crate::scenario::{Listed, NetworkSpec, NetworkTag};
use crate::seed::Seed;

const DOCUMENTATION: [Ipv4Addr; 3] =
    [Ipv4Addr::new(192, 0, 2, 0), Ipv4Addr::new(198, 51, 100, 0), Ipv4Addr::new(203, 0, 113, 0)];
/// Hosts of a /24 without its first and last address.
const HOSTS: u32 = 254;
/// Networks of 64 bits in 2001:db8::/32 that are given out: as many as an index of ours can count.
const SUBNETS: u32 = u32::MAX;
const BENCHMARK: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 0);
const BACKGROUND: u32 = 114_688;
const CAST: u32 = 12_288;

/// The address plan being filled.
pub(super) struct Addresses {
    seed: Seed,
    documentation: BTreeSet<u32>,
    subnets: BTreeSet<u32>,
    cast: BTreeSet<u32>,
    carriers: BTreeSet<usize>,
    networks: Vec<Network>,
}

impl Addresses {
    pub(super) fn new(seed: Seed) -> Self {
        let networks = Vec::new();
        let (documentation, subnets, cast) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { seed, documentation, subnets, cast, carriers: BTreeSet::new(), networks }
    }

    /// Everything given out, sorted by address.
    pub(super) fn finish(mut self) -> Vec<Network> {
        self.networks.sort_by_key(|n| n.block);
        self.networks
    }

    /// The one address of a network with a name.
    pub(super) fn named(&mut self, spec: &NetworkSpec) -> Result<IpAddr, WorldError> {
        let label = ["network", spec.name.as_str()];
        let what = || format!("network `{}`", spec.name);
        let address = match spec.is_ipv6 {
            true => IpAddr::V6(self.subnet(&label, what)?),
            false => IpAddr::V4(self.documentation(&label, what)?),
        };
        let (asn, as_organisation) = holder(&spec.tags, &spec.name, self.seed);
        self.note(Network {
            name: Some(spec.name.clone()),
            block: address.into(),
            place: spec.place,
            accuracy_km: spec.accuracy_km,
            asn,
            as_organisation,
            tags: spec.tags.clone(),
            listed: spec.listed,
            known: spec.known,
        });
        Ok(address)
    }

    /// The address of a person in a city that is not their home.
    pub(super) fn away(&mut self, person: &str, place: &'static Place) -> Result<IpAddr, WorldError> {
        let what = || format!("`{person}` in {}", place.name);
        let address = self.documentation(&["away", person, place.name], what)?;
        self.plain(address, place, 64_498, "Example Access");
        Ok(IpAddr::V4(address))
    }

    /// The home of somebody of the cast.
    pub(super) fn cast_home(&mut self, person: &str, place: &'static Place) -> Result<IpAddr, WorldError> {
        let wanted = self.seed.number(&["address", "home", person]);
        let slot = probe(&mut self.cast, wanted, CAST)
            .ok_or_else(|| WorldError::AddressesExhausted { what: format!("the home of `{person}`"), of: CAST })?;
        let address = offset(BENCHMARK, BACKGROUND + slot);
        self.plain(address, place, 64_496, "Example Broadband");
        Ok(IpAddr::V4(address))
    }

    /// The home of the background person with this number, from 1.
    pub(super) fn background_home(&mut self, number: u32, place: &'static Place) -> Result<IpAddr, WorldError> {
        if number >= BACKGROUND {
            let what = format!("the home of background person {number}");
            return Err(WorldError::AddressesExhausted { what, of: BACKGROUND - 1 });
        }
        let address = offset(BENCHMARK, number);
        self.plain(address, place, 64_496, "Example Broadband");
        Ok(IpAddr::V4(address))
    }

    /// The address behind which a city's phones are.
    pub(super) fn carrier(&mut self, place: &'static Place) -> IpAddr {
        let index = PLACES.iter().position(|p| p == place).expect("every place is in the table");
        let address = offset(BENCHMARK, BACKGROUND + CAST + 1 + u32::try_from(index).expect("the table is short"));
        if self.carriers.insert(index) {
            let (asn, as_organisation) = holder(&[NetworkTag::MobileCarrier], place.name, self.seed);
            let tags = vec![NetworkTag::MobileCarrier];
            self.unnamed(address, place, asn, as_organisation, tags);
        }
        IpAddr::V4(address)
    }

    fn documentation(&mut self, label: &[&str], what: impl FnOnce() -> String) -> Result<Ipv4Addr, WorldError> {
        let of = HOSTS * 3;
        let path: Vec<&str> = ["address"].iter().chain(label).copied().collect();
        let slot = probe(&mut self.documentation, self.seed.number(&path), of)
            .ok_or_else(|| WorldError::AddressesExhausted { what: what(), of })?;
        Ok(offset(DOCUMENTATION[(slot / HOSTS) as usize], 1 + slot % HOSTS))
    }

    /// The first address of a network of 64 bits.
    fn subnet(&mut self, label: &[&str], what: impl FnOnce() -> String) -> Result<Ipv6Addr, WorldError> {
        let path: Vec<&str> = ["address"].iter().chain(label).copied().collect();
        let slot = probe(&mut self.subnets, self.seed.number(&path), SUBNETS)
            .ok_or_else(|| WorldError::AddressesExhausted { what: what(), of: SUBNETS })?;
        Ok(Ipv6Addr::from(0x2001_0db8 << 96 | u128::from(slot) << 64 | 1))
    }

    fn plain(&mut self, address: Ipv4Addr, place: &'static Place, asn: u32, holder: &str) {
        self.unnamed(address, place, asn, holder.to_owned(), Vec::new());
    }

    fn unnamed(
        &mut self,
        address: Ipv4Addr,
        place: &'static Place,
        asn: u32,
        as_organisation: String,
        tags: Vec<NetworkTag>,
    ) {
        self.note(Network {
            name: None,
            block: IpAddr::V4(address).into(),
            place,
            accuracy_km: 0,
            asn,
            as_organisation,
            tags,
            listed: Listed::default(),
            known: false,
        });
    }

    fn note(&mut self, network: Network) {
        self.networks.push(network);
    }
}

/// The first free slot at or after the wanted one, going round.
fn probe(taken: &mut BTreeSet<u32>, wanted: u64, size: u32) -> Option<u32> {
    let start = u32::try_from(wanted % u64::from(size)).expect("smaller than the size");
    let slot = (0..size).map(|step| (start + step) % size).find(|slot| !taken.contains(slot))?;
    taken.insert(slot);
    Some(slot)
}

fn offset(base: Ipv4Addr, by: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(base) + by)
}

/// Number and name of the autonomous system. Satellites and private relays have no flag in the anonymiser database, as in
/// the real one: the holder's name is what tells them.
fn holder(tags: &[NetworkTag], name: &str, seed: Seed) -> (u32, String) {
    let has = |tag| tags.contains(&tag);
    if has(NetworkTag::Satellite) {
        (64_510, "Example Satellite".to_owned())
    } else if has(NetworkTag::PrivateRelay) {
        (64_511, "Example Private Relay".to_owned())
    } else if has(NetworkTag::MobileCarrier) {
        (64_497, "Example Mobile".to_owned())
    } else if has(NetworkTag::Hosting) {
        (64_509, "Example Cloud Hosting".to_owned())
    } else {
        let pick = u32::try_from(seed.number(&["asn", name]) % 16).expect("below sixteen");
        (65_536 + pick, format!("Example Network {}", pick + 1))
    }
}

#[cfg(test)]
mod tests {
    use ipnet::IpNet;

    use super::*;
    use crate::world::place;

    fn london() -> &'static Place {
        place("London").unwrap()
    }

    #[test]
    fn the_763rd_address_of_the_script_is_refused_and_says_for_whom() {
        let mut plan = Addresses::new(Seed(1));
        for n in 0..762 {
            plan.away(&format!("others-{n}"), london()).unwrap();
        }
        let refused = plan.away("last", london()).unwrap_err();
        assert_eq!(refused.to_string(), "no address is left for `last` in London: this range has 762");
        let networks = plan.finish();
        let distinct: BTreeSet<IpNet> = networks.iter().map(|n| n.block).collect();
        assert_eq!(distinct.len(), 762);
        let documentation: Vec<IpNet> =
            ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"].iter().map(|n| n.parse().unwrap()).collect();
        assert!(networks.iter().all(|n| documentation.iter().any(|d| d.contains(&n.block))));
    }

    #[test]
    fn an_entry_written_below_moves_no_address_above() {
        let mut short = Addresses::new(Seed(3));
        let mut long = Addresses::new(Seed(3));
        let first: Vec<IpAddr> = (0..400).map(|n| short.away(&format!("a{n}"), london()).unwrap()).collect();
        let again: Vec<IpAddr> = (0..400).map(|n| long.away(&format!("a{n}"), london()).unwrap()).collect();
        long.away("new", london()).unwrap();
        assert_eq!(first, again);
    }

    #[test]
    fn an_address_of_ipv6_lies_in_the_documentation_range_and_is_nobody_elses() {
        let mut plan = Addresses::new(Seed(5));
        let spec = |n: u32| NetworkSpec {
            name: format!("six_{n}"),
            place: london(),
            tags: Vec::new(),
            known: false,
            accuracy_km: 0,
            listed: Listed::default(),
            is_ipv6: true,
            at: crate::scenario::Position::default(),
        };
        let given: BTreeSet<IpAddr> = (0..300).map(|n| plan.named(&spec(n)).unwrap()).collect();
        let range: IpNet = "2001:db8::/32".parse().unwrap();
        assert!(given.len() == 300 && given.iter().all(|address| range.contains(address)));
        assert!(plan.finish().iter().all(|network| network.block.prefix_len() == 128));
    }

    #[test]
    fn homes_run_out_with_an_error() {
        let mut plan = Addresses::new(Seed(1));
        assert_eq!(plan.background_home(100_000, london()).unwrap().to_string(), "198.19.134.160");
        assert!(matches!(plan.background_home(114_688, london()), Err(WorldError::AddressesExhausted { .. })));
    }
}
