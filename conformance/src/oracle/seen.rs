//! What a perfect observer sees: every record once, with what the geo databases and the organisation's own ranges say of
//! its address.

use std::collections::BTreeSet;
use std::sync::Arc;

use simulator::scenario::{AppIndex, NetworkTag, Outcome, Scenario, Using, Vendor, Verb};
use simulator::timeline::{Activity, Record};
use simulator::world::{PersonIndex, World};

/// A record and what can be known of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it records.
    pub activity: Arc<Activity>,
    /// The record.
    pub record: Record,
    /// Name of the instance that wrote it.
    pub instance: String,
    /// Whose product that is.
    pub vendor: Vendor,
    /// Whose it is.
    pub principal: Principal,
    /// Where its address is, if it has one that can be placed.
    pub located: Option<Located>,
}

/// Whom a record is about: a person, or an account that nothing links to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// Whose account.
    pub person: PersonIndex,
    /// The instance, for an account that the directory does not know.
    pub unlinked: Option<AppIndex>,
}

/// Where an address is.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Radius, kilometres.
    pub accuracy_km: f64,
    /// ISO code of the country.
    pub country: String,
    /// What the feeds say of the address.
    pub tags: Vec<NetworkTag>,
    /// Whether it is in the organisation's own ranges, as told to the stack.
    pub known: bool,
}

/// Addresses with one of these say nothing about where somebody is.
const NOWHERE: [NetworkTag; 4] =
    [NetworkTag::PrivateRelay, NetworkTag::VpnConsumer, NetworkTag::Satellite, NetworkTag::Hosting];

impl Located {
    /// Whether it says where somebody is.
    pub fn is_a_place(&self) -> bool {
        (self.lat, self.lon) != (0.0, 0.0) && !self.has_any(&NOWHERE)
    }

    /// Whether the feeds say any of `tags` of it.
    pub fn has_any(&self, tags: &[NetworkTag]) -> bool {
        self.tags.iter().any(|tag| tags.contains(tag))
    }

    /// One of the organisation's own: `corporate` or `vpn_corporate`, and told to the stack. What the stack is not told
    /// it cannot know, so the tag alone does not make an address safe.
    pub fn is_safe(&self) -> bool {
        let own = |tag: &NetworkTag| matches!(tag, NetworkTag::Corporate | NetworkTag::VpnCorporate);
        self.known && self.tags.iter().any(own)
    }
}

impl Seen {
    /// Something that somebody did and that succeeded; not what a token or an application did by itself.
    pub fn is_done_in_person(&self) -> bool {
        self.succeeded() && !matches!(self.activity.using, Using::Token | Using::GrantedApp(_))
    }

    /// Whether it succeeded.
    pub fn succeeded(&self) -> bool {
        self.activity.outcome == Outcome::Success
    }

    /// Whether it is a guess at a name, a password or a code that failed.
    pub fn is_wrong_guess(&self) -> bool {
        self.activity.verb == Verb::SignIn && self.activity.outcome.is_credential_failure()
    }

    /// Whether it comes from one of the organisation's own addresses.
    pub fn is_at_home(&self) -> bool {
        self.located.as_ref().is_some_and(Located::is_safe)
    }

    /// Instance and the vendor's event id.
    pub fn cite(&self) -> (String, String) {
        (self.instance.clone(), self.record.event_id.to_string())
    }
}

/// The records of activities as a perfect observer sees them: each once, sorted by time and id.
pub fn observed<I, R>(scenario: &Scenario, world: &World, items: I) -> Vec<Seen>
where
    I: IntoIterator<Item = (Arc<Activity>, R)>,
    R: IntoIterator,
    R::Item: std::borrow::Borrow<Record>,
{
    let mut seen: Vec<Seen> = Vec::new();
    for (activity, records) in items {
        for record in records {
            let record: &Record = std::borrow::Borrow::borrow(&record);
            seen.push(Seen {
                principal: principal(world, &activity),
                located: activity.address.and_then(|a| world.locate(a)).map(|network| Located {
                    lat: network.place.lat,
                    lon: network.place.lon,
                    accuracy_km: f64::from(network.accuracy_km),
                    country: network.place.country.to_owned(),
                    tags: network.tags_at(activity.occurred),
                    known: network.known,
                }),
                instance: scenario.apps[record.log.app.0].name.clone(),
                vendor: scenario.apps[record.log.app.0].vendor,
                record: record.clone(),
                activity: Arc::clone(&activity),
            });
        }
    }
    once_each(seen)
}

/// Sorted by time and id; of several deliveries of one record the first shown stays.
pub(super) fn once_each(mut seen: Vec<Seen>) -> Vec<Seen> {
    let order = |s: &Seen| (s.activity.occurred, s.record.event_id.clone(), s.record.log, s.record.available);
    seen.sort_by_key(order);
    let mut known = BTreeSet::new();
    seen.retain(|s| known.insert((s.record.log, s.record.event_id.clone())));
    seen
}

/// An account that is linked belongs to the person; another stands alone.
fn principal(world: &World, activity: &Activity) -> Principal {
    let account = activity.app.and_then(|app| world.person(activity.actor).accounts.get(&app));
    let unlinked = activity.app.filter(|_| account.is_some_and(|a| !a.linked));
    Principal { person: activity.actor, unlinked }
}
