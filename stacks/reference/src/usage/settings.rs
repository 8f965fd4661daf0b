//! What an administrator sets of the synchronisation.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use super::export::Search;
use crate::config::Span;

/// The part `usage` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// From one session to the next.
    pub(crate) every: Span,
    /// How far back the first session reads: three months, which is as long as discovery remembers.
    pub(crate) first: Span,
    /// Whoever did something within that time is active.
    pub(crate) active_within: Span,
    /// The same for single apps, by name.
    pub(crate) active_within_of: BTreeMap<String, Span>,
    /// Whom to tell, by mail, of sessions that fail, do not finish or do not run.
    pub(crate) contacts: Vec<String>,
    /// In whose name records are made.
    pub(crate) integration_user: Option<String>,
    /// The role of whoever is found.
    pub(crate) role: Option<String>,
    /// How users are named.
    pub(crate) username: UsernameFormat,
    /// Addresses of people of whom no record is made.
    pub(crate) restricted: Vec<String>,
    /// Saved searches, by name.
    pub(crate) searches: BTreeMap<String, Search>,
}

impl Default for Settings {
    fn default() -> Self {
        let days = |days: i64| Span(SignedDuration::from_hours(24 * days));
        Self {
            every: days(1),
            first: days(90),
            active_within: days(60),
            active_within_of: BTreeMap::new(),
            contacts: Vec::new(),
            integration_user: None,
            role: None,
            username: UsernameFormat::Address,
            restricted: Vec::new(),
            searches: BTreeMap::new(),
        }
    }
}

/// How users are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UsernameFormat {
    /// `ada@contoso.example`.
    Address,
    /// `ada`.
    BeforeTheAt,
}

impl Settings {
    /// How long somebody counts as active in an app.
    pub(crate) fn active_within(&self, app: &str) -> SignedDuration {
        self.active_within_of.get(app).unwrap_or(&self.active_within).0
    }

    /// A name in the wanted form.
    pub(crate) fn username(&self, address: &str) -> String {
        match self.username {
            UsernameFormat::Address => address.to_owned(),
            UsernameFormat::BeforeTheAt => address.split('@').next().unwrap_or_default().to_owned(),
        }
    }

    /// Whether no record is to be made of somebody.
    pub(crate) fn is_restricted(&self, address: &str) -> bool {
        self.restricted.iter().any(|restricted| restricted.eq_ignore_ascii_case(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: serde_json::Value) -> Settings {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn sixty_days_count_unless_an_app_has_its_own() {
        let settings = settings(serde_json::json!({"active_within_of": {"Miro": "30d"}}));
        assert_eq!(settings.active_within("Miro"), SignedDuration::from_hours(30 * 24));
        assert_eq!(settings.active_within("GitHub"), SignedDuration::from_hours(60 * 24));
    }

    #[test]
    fn names_have_the_wanted_form_and_the_restricted_are_known_in_any_case_of_letters() {
        let settings = settings(serde_json::json!({"username": "before_the_at", "restricted": ["Ada@x.example"]}));
        assert_eq!(settings.username("ada@x.example"), "ada");
        assert!(settings.is_restricted("ada@X.example") && !settings.is_restricted("bob@x.example"));
    }
}
