//! Finding people by what a vendor knows of them, and networks by address.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Network, Person, PersonIndex, Place, World};
use crate::scenario::{self, AppIndex};

/// Indices of a world, made once.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    by_key: HashMap<String, PersonIndex>,
    by_directory_id: HashMap<String, PersonIndex>,
    by_account: HashMap<(AppIndex, String), PersonIndex>,
    by_email: HashMap<String, Vec<PersonIndex>>,
    by_login: HashMap<(AppIndex, String), Vec<PersonIndex>>,
}

impl Lookup {
    pub(super) fn new(people: &[Person]) -> Self {
        let mut lookup = Self::default();
        for (index, person) in people.iter().enumerate() {
            let index = PersonIndex(index);
            lookup.by_key.insert(person.key.clone(), index);
            lookup.by_directory_id.insert(person.directory_id.clone(), index);
            lookup.by_email.entry(person.email.to_lowercase()).or_default().push(index);
            for (app, account) in &person.accounts {
                lookup.by_account.insert((*app, account.user_id.clone()), index);
                lookup.by_login.entry((*app, account.login.to_lowercase())).or_default().push(index);
            }
        }
        lookup
    }
}

impl World {
    /// The person at an index.
    pub fn person(&self, index: PersonIndex) -> &Person {
        &self.people[index.0]
    }

    /// Every index of [`World::people`].
    pub fn person_indices(&self) -> impl DoubleEndedIterator<Item = PersonIndex> + Clone + use<> {
        (0..self.people.len()).map(PersonIndex)
    }

    /// The person with a key: `it_admin`, `alice`, `others-3`, `p07`.
    pub fn person_by_key(&self, key: &str) -> Option<PersonIndex> {
        self.lookup.by_key.get(key).copied()
    }

    /// The person with an object id in the directory.
    pub fn person_by_directory_id(&self, id: &str) -> Option<PersonIndex> {
        self.lookup.by_directory_id.get(id).copied()
    }

    /// The person with a vendor's user id in one instance.
    pub fn person_by_account(&self, app: AppIndex, user_id: &str) -> Option<PersonIndex> {
        self.lookup.by_account.get(&(app, user_id.to_owned())).copied()
    }

    /// The first person with an e-mail address, whatever its case.
    pub fn person_by_email(&self, email: &str) -> Option<PersonIndex> {
        self.people_by_email(email).first().copied()
    }

    /// Everybody with an e-mail address: two people may have had it one after the other.
    pub fn people_by_email(&self, email: &str) -> &[PersonIndex] {
        self.lookup.by_email.get(&email.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Everybody with a login in one instance, whatever its case.
    pub fn people_by_login(&self, app: AppIndex, login: &str) -> &[PersonIndex] {
        self.lookup.by_login.get(&(app, login.to_lowercase())).map_or(&[], Vec::as_slice)
    }

    /// The network that an address belongs to.
    pub fn locate(&self, address: IpAddr) -> Option<&Network> {
        let after = self.networks.partition_point(|n| n.block.network() <= address);
        self.networks[..after].last().filter(|n| n.block.contains(&address))
    }

    /// Where a request of a person comes from: the address, and where that really is. Without `from`, home.
    ///
    /// A city that the script does not name for this person gives their home.
    pub fn address(&self, person: PersonIndex, from: Option<scenario::From>) -> (IpAddr, &'static Place) {
        let somebody = self.person(person);
        match from {
            Some(scenario::From::Network(network)) => {
                let network = &self.networks[self.scripted_networks[network]];
                (network.block.addr(), network.place)
            }
            Some(scenario::From::Place(place)) if place != somebody.home => {
                self.away.get(&(person, place.name)).map_or((somebody.home_address, somebody.home), |a| (*a, place))
            }
            _ => (somebody.home_address, somebody.home),
        }
    }
}
