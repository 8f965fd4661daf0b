//! What the script and the APIs have made of things: settings, visibility, roles, second factors.

use std::collections::BTreeMap;

use super::Activity;
use crate::scenario::{AppIndex, Verb};
use crate::world::PersonIndex;

/// Something about an instance that a verb can change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// A setting, by its name (`change_setting`): its latest value.
    Setting(String),
    /// Who sees an object, by its name (`set_visibility`): `public`, `private`, ….
    Visibility(String),
    /// Whether an object is there (`create`, `delete`): `created` or `deleted`.
    Object(String),
    /// A person's role (`change_role`).
    Role(PersonIndex),
    /// A person's second factor (`enroll_mfa`, `remove_mfa`): `enrolled` or `removed`.
    SecondFactor(PersonIndex),
    /// A person's latest token (`create_token`, `revoke_token`): `created` or `revoked`.
    Token(PersonIndex),
    /// An app that was let in or removed (`grant_app`, `remove_app`), by its name: `granted` or `removed`.
    App(String),
    /// Anything else (`event`), by its name: its object, or an empty text.
    Event(String),
    /// Likewise, by the name's family and the object: the last word of the latest event's name. `destroy`, of
    /// `ip_allow_list_entry.destroy` with the object `stack`.
    Latest {
        /// What stands before the name's last dot.
        family: String,
        /// The object, or an empty text.
        object: String,
    },
}

impl Aspect {
    /// The events of a family that are about an object.
    pub fn latest(family: &str, object: &str) -> Self {
        Self::Latest { family: family.to_owned(), object: object.to_owned() }
    }
}

/// The latest value of every aspect that was ever changed. What was not is as the vendor has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(BTreeMap<(AppIndex, Aspect), String>);

impl Changes {
    pub(super) fn get(&self, app: AppIndex, aspect: &Aspect) -> Option<&str> {
        self.0.get(&(app, aspect.clone())).map(String::as_str)
    }

    /// Every aspect of an instance that was changed, with its latest value.
    pub(super) fn of(&self, app: AppIndex) -> impl Iterator<Item = (&Aspect, &str)> {
        self.0.iter().filter(move |((there, _), _)| *there == app).map(|((_, aspect), value)| (aspect, value.as_str()))
    }

    pub(super) fn note(&mut self, activity: &Activity) {
        let Some(app) = activity.app else { return };
        let detail = |key: &str| activity.details.get(key).cloned();
        let object = || activity.object.as_deref().map(str::to_owned);
        let who = activity.target.unwrap_or(activity.actor);
        let change = match activity.verb {
            Verb::ChangeSetting => detail("setting").map(Aspect::Setting).zip(detail("to")),
            Verb::SetVisibility => object().map(Aspect::Visibility).zip(detail("to")),
            Verb::Create => object().map(|name| (Aspect::Object(name), "created".to_owned())),
            Verb::Delete => object().map(|name| (Aspect::Object(name), "deleted".to_owned())),
            Verb::ChangeRole => activity.target.map(Aspect::Role).zip(detail("role")),
            Verb::EnrollMfa => Some((Aspect::SecondFactor(who), "enrolled".to_owned())),
            Verb::RemoveMfa => Some((Aspect::SecondFactor(who), "removed".to_owned())),
            Verb::CreateToken => Some((Aspect::Token(who), "created".to_owned())),
            Verb::RevokeToken => Some((Aspect::Token(who), "revoked".to_owned())),
            Verb::GrantApp => object().map(|name| (Aspect::App(name), "granted".to_owned())),
            Verb::RemoveApp => object().map(|name| (Aspect::App(name), "removed".to_owned())),
            Verb::Event => detail("name").map(|name| (Aspect::Event(name), object().unwrap_or_default())),
            _ => None,
        };
        if let Some((aspect, value)) = change {
            self.0.insert((app, aspect), value);
        }
        let name = detail("name").filter(|_| activity.verb == Verb::Event);
        if let (Some((family, word)), Some(object)) = (name.as_deref().and_then(|n| n.rsplit_once('.')), object()) {
            self.0.insert((app, Aspect::latest(family, &object)), word.to_owned());
        }
    }
}
