//! People, places, networks, accounts and addresses: what the story plays in. Derived from the seed, or named in the cast.
//!
//! | file | says |
//! |---|---|
//! | [`places`](Place) | the cities that can be named |
//! | `build` | scenario and seed become people with accounts, one stream of chance each |
//! | `addresses` | who gets which address, and when there are none left |
//! | [`groups`](Group) | departments, divisions and groups that cut across them |
//! | `lookup` | finding people by what a vendor knows of them, networks by address |
//! | [`content`] | the documents people have, for data scans |
//! | [`discovery`] | the cloud apps that people use, for shadow IT reports |
//! | [`geo`] | the geo databases that go with the addresses |
//! | [`feeds`] | what is published about addresses: CSV, the Tor list, STIX, TAXII, MISP |

mod addresses;
mod build;
pub mod content;
pub mod discovery;
pub mod feeds;
pub mod geo;
mod groups;
mod lookup;
mod places;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use build::WorldError;
pub use groups::{Group, GroupIndex, GroupKind};
pub use places::{PLACES, Place, place};

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::scenario::{
    AppIndex, FileSpec, LISTED, Listed, MdaMode, NetworkTag, PersonKind, SignIn, Vendor, VendorProfile,
};
use crate::time::SimTime;

/// Index into [`World::people`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonIndex(pub usize);

/// Everything that stands still while the story runs.
#[derive(Clone, Debug)]
pub struct World {
    /// The organisation's name, e.g. `Contoso`.
    pub organisation: String,
    /// Its domain, under `.example`.
    pub domain: String,
    /// `it_admin` first, then the cast (groups spread out), then the background.
    pub people: Vec<Person>,
    /// The organisation's groups.
    pub groups: Vec<Group>,
    /// Vendor instances, in the scenario's order.
    pub instances: Vec<Instance>,
    /// Every address block with a position, for the geo databases. Sorted by address.
    pub networks: Vec<Network>,
    /// By name in the scenario: index into `networks`.
    pub named_networks: BTreeMap<String, usize>,
    /// What a scenario writes that people have made, with whose it is; what is not written is drawn ([`content`]).
    pub files: Vec<(PersonIndex, FileSpec)>,
    /// Addresses in cities of the script, one for each (person, city).
    away: BTreeMap<(PersonIndex, &'static str), IpAddr>,
    /// By index into [`crate::scenario::Scenario::networks`]: index into `networks`.
    scripted_networks: Vec<usize>,
    lookup: lookup::Lookup,
}

/// Somebody with accounts.
#[derive(Clone, Debug)]
pub struct Person {
    /// `it_admin`, the cast's key (`alice`, `others-3`) or `p07` for the background.
    pub key: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail address, also the user principal name.
    pub email: String,
    /// Where they live.
    pub home: &'static Place,
    /// Job title.
    pub job: String,
    /// Employee, guest or service.
    pub kind: PersonKind,
    /// Object id in the directory: immutable, a UUID.
    pub directory_id: String,
    /// Index into [`crate::scenario::Scenario::cast`] for people of the story.
    pub cast: Option<usize>,
    /// False for those who are hired during the script: they do not exist before.
    pub exists_from_start: bool,
    /// Accounts by instance.
    pub accounts: BTreeMap<AppIndex, Account>,
    /// Address at home.
    pub home_address: IpAddr,
    /// Address of their phone's carrier in their own city, for those who work on a phone too.
    pub phone_address: Option<IpAddr>,
}

impl Person {
    /// Given and family name.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// A person's account in one instance.
#[derive(Clone, Debug)]
pub struct Account {
    /// The vendor's id of the user, in the vendor's form.
    pub user_id: String,
    /// Login name or e-mail in that app.
    pub login: String,
    /// Whether the directory knows the account.
    pub linked: bool,
    /// Whether it is an administrator's.
    pub admin: bool,
}

/// A customer's copy of a vendor's service.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Index in the scenario.
    pub app: AppIndex,
    /// Its name: key in the connections document.
    pub name: String,
    /// Whose service it is.
    pub vendor: Vendor,
    /// Which documented variant of it.
    pub profile: VendorProfile,
    /// What Defender for Cloud Apps makes of its built-in policies.
    pub mda_mode: MdaMode,
    /// Where people prove who they are.
    pub sign_in: SignIn,
    /// The vendor's id of the organisation or tenant.
    pub organisation_id: String,
    /// The vendor's id of the one team, where it has teams.
    pub team_id: String,
    /// Name of that team.
    pub team_name: String,
}

/// An address block with a position and what the feeds say of it.
#[derive(Clone, Debug)]
pub struct Network {
    /// The scenario's name for it, or none for homes and cities.
    pub name: Option<String>,
    /// The block.
    pub block: ipnet::IpNet,
    /// Where it is.
    pub place: &'static Place,
    /// Radius in the geo database, kilometres.
    pub accuracy_km: u32,
    /// Autonomous system number, from the documentation ranges.
    pub asn: u32,
    /// Its holder's name.
    pub as_organisation: String,
    /// What the feeds say, at whatever time.
    pub tags: Vec<NetworkTag>,
    /// When they name it as risky, or as a Tor exit.
    pub listed: Listed,
    /// Also in the organisation's own ranges, as told to the stack.
    pub known: bool,
}

impl Network {
    /// Whether the feeds say `tag` of it at that moment.
    pub fn is_tagged(&self, tag: NetworkTag, at: SimTime) -> bool {
        self.tags.contains(&tag) && (!LISTED.contains(&tag) || self.listed.at(at))
    }

    /// What the feeds say of it at that moment.
    pub fn tags_at(&self, at: SimTime) -> Vec<NetworkTag> {
        self.tags.iter().copied().filter(|tag| self.is_tagged(*tag, at)).collect()
    }
}
