//! The apps that are connected: every other instance of the scenario whose vendor has a connector here.
//!
//! # Not imitated
//! The connector of Okta, which the product has: what happens there raises nothing here. Connecting and disconnecting, and
//! the first scan with its backfill: every instance has been connected since before the history began. The item kinds that
//! connectors read beside accounts and activities.
//!
//! # Sources
//! The pages `protect-*` of the documentation for what each connector reads; microsoft/MCAS and the alerts API for app ids.
//! The ids of GitHub, Miro and Workplace are published nowhere: those here are invented, above 90000. So are the delays:
//! log-ons of the directory were seen two to six minutes late, the other connectors are said to poll and not how often
//! (Salesforce's every fifteen minutes).

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};

use crate::protocol::directory;
use crate::scenario::{Vendor, Verb};
use crate::world::{Instance, Person, World};

/// Microsoft 365: the app that directory and people belong to.
pub(super) const MICROSOFT_365: u32 = 11_161;

/// What a connector reads, and when it is shown.
#[derive(Debug)]
pub(super) struct Connector {
    /// Whose service.
    pub(super) vendor: Vendor,
    /// The product's id of it.
    pub(super) app_id: u32,
    /// The product's name for it.
    pub(super) name: &'static str,
    /// What stands between `EVENT_` and the rest of an event's type.
    pub(super) event_word: &'static str,
    /// What stands behind `APPID_` in CEF.
    pub(super) cef_word: &'static str,
    /// The kinds of activity it reads.
    reads: &'static [Kind],
    /// How long after the app shows an entry its activity is saved.
    pub(super) delay: Duration,
    /// The built-in policies that look at it, by their letters in [`super::alerts`].
    pub(super) policies: &'static str,
}

/// Kinds of activity that connectors tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Signing in and out.
    LogOn,
    /// What an administrator does.
    Admin,
    /// What people do with what they have.
    User,
}

impl Kind {
    /// What kind a verb is.
    pub(super) const fn of(verb: Verb) -> Self {
        match verb {
            Verb::SignIn | Verb::SignOut => Self::LogOn,
            Verb::Hire
            | Verb::Suspend
            | Verb::Restore
            | Verb::Terminate
            | Verb::Rename
            | Verb::ChangeEmail
            | Verb::ChangeRole
            | Verb::ChangeSetting
            | Verb::Impersonate
            | Verb::RevokeSessions => Self::Admin,
            _ => Self::User,
        }
    }
}

const MINUTE: u64 = 60;

/// Every connector.
static CONNECTORS: [Connector; 4] = [
    Connector {
        vendor: Vendor::Entra,
        app_id: MICROSOFT_365,
        name: "Microsoft 365",
        event_word: "AAD",
        cef_word: "O365",
        reads: &[Kind::LogOn, Kind::Admin, Kind::User],
        delay: Duration::from_secs(2 * MINUTE),
        policies: "ACSTZF",
    },
    Connector {
        vendor: Vendor::Miro,
        app_id: 90_001,
        name: "Miro",
        event_word: "MIRO",
        cef_word: "90001",
        reads: &[Kind::LogOn, Kind::User],
        delay: Duration::from_secs(15 * MINUTE),
        policies: "ACSTZF",
    },
    Connector {
        vendor: Vendor::Github,
        app_id: 90_002,
        name: "GitHub",
        event_word: "GITHUB",
        cef_word: "90002",
        reads: &[Kind::Admin, Kind::User],
        delay: Duration::from_secs(15 * MINUTE),
        policies: "",
    },
    Connector {
        vendor: Vendor::Workplace,
        app_id: 90_003,
        name: "Workplace by Meta",
        event_word: "WORKPLACE",
        cef_word: "90003",
        reads: &[Kind::LogOn, Kind::Admin, Kind::User],
        delay: Duration::from_secs(15 * MINUTE),
        policies: "ACSTZFDM",
    },
];

/// An instance that is connected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connected<'a> {
    /// The instance.
    pub(super) instance: &'a Instance,
    /// What reads it.
    pub(super) connector: &'static Connector,
    /// Its number among the instances of its vendor, from 0.
    pub(super) number: u32,
}

impl<'a> Connected<'a> {
    /// The connection to an instance; none to another Defender, nor where no connector is built.
    pub(super) fn to(world: &'a World, instance: &'a Instance) -> Option<Self> {
        let connector = CONNECTORS.iter().find(|c| c.vendor == instance.vendor)?;
        let before = world.instances.iter().take_while(|i| i.app != instance.app);
        let number = before.filter(|i| i.vendor == instance.vendor).count();
        Some(Self { instance, connector, number: u32::try_from(number).unwrap_or(u32::MAX) })
    }

    /// Every connection, in the scenario's order.
    pub(super) fn all(world: &'a World) -> impl Iterator<Item = Self> {
        world.instances.iter().filter_map(move |instance| Self::to(world, instance))
    }

    /// Whether the connector reads what a verb leaves.
    pub(super) fn reads(&self, verb: Verb) -> bool {
        self.connector.reads.contains(&Kind::of(verb))
    }

    /// The app's name for people; a second instance tells itself apart.
    pub(super) fn name(&self) -> Cow<'static, str> {
        match self.number {
            0 => self.connector.name.into(),
            _ => format!("{} - {}", self.connector.name, self.instance.name).into(),
        }
    }

    /// The value of the filter `instance`: the number of the instance beside the app's.
    pub(super) fn instance_id(&self) -> u64 {
        (u64::from(self.number) << 20) | u64::from(self.connector.app_id)
    }

    /// A person's account in the app as the key of an entity.
    pub(super) fn account_key(&self, person: &Person) -> Option<Value> {
        let account = person.accounts.get(&self.instance.app)?;
        Some(json!({ "id": account.user_id, "saas": self.connector.app_id, "inst": self.number }))
    }
}

/// A person as the key of an entity: the directory's object.
pub(super) fn person_key(person: &Person) -> Value {
    json!({ "id": person.directory_id, "saas": MICROSOFT_365, "inst": 0 })
}

/// The directory's id of the tenant; one of the product's own where the scenario has no directory.
pub(super) fn tenant_id(world: &World, own: &Instance, seed: crate::seed::Seed) -> String {
    let directory = directory::directory(world).map(|directory| directory.organisation_id.clone());
    directory.unwrap_or_else(|| seed.uuid(&["defender tenant", &own.name]))
}

/// The longest that any app's activity is waited for.
pub(super) const LONGEST: Duration = Duration::from_secs(30 * MINUTE);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors;

    #[test]
    fn every_connector_is_in_time_and_no_two_share_an_id() {
        for connector in &CONNECTORS {
            let slowest = vendors::spec(connector.vendor).feeds.iter().map(|feed| feed.delay).max().unwrap_or_default();
            assert!(slowest + connector.delay <= LONGEST, "{}", connector.name);
            assert_eq!(CONNECTORS.iter().filter(|c| c.app_id == connector.app_id).count(), 1);
        }
    }
}
