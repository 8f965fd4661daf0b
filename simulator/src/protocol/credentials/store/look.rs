//! The store as a person at a desk sees it: every token by its name, never by its value.

use super::super::rules::TokenKind;
use super::{SecretState, TokenStore};
use crate::time::SimTime;
use crate::world::PersonIndex;

/// A code, a token or a key that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Display name: `<token:miro/stack#2>`.
    pub name: String,
    /// `token`, `refresh`, `code` or `key`.
    pub kind: &'static str,
    /// Display name of the grant it comes from: `miro/stack#1`.
    pub grant: String,
    /// Who consented; none for an application on its own.
    pub user: Option<PersonIndex>,
    /// What it carries.
    pub scopes: Vec<String>,
    /// When it was made.
    pub issued: SimTime,
    /// When it ends, if it does.
    pub expires: Option<SimTime>,
    /// `good`, `expired`, `replaced` or `withdrawn`.
    pub state: &'static str,
}

impl TokenStore {
    /// The latest secrets that were given out, newest first.
    pub fn glance(&self, now: SimTime, most: usize) -> Vec<Glance> {
        let secrets = self.age.iter().rev().filter_map(|value| self.secrets.get(value)).take(most);
        let glance = |secret: &super::Secret| Glance {
            name: self.display(secret),
            kind: secret.kind.word(),
            grant: self.grant_name(secret),
            user: secret.user,
            scopes: secret.scopes.clone(),
            issued: secret.issued,
            expires: secret.expires,
            state: match secret.state {
                SecretState::Used => "replaced",
                SecretState::Revoked => "withdrawn",
                SecretState::Good if secret.expires.is_some_and(|end| now >= end) => "expired",
                SecretState::Good => "good",
            },
        };
        secrets.map(glance).collect()
    }

    /// Ends an access token before its time, told by its name: from now on it is refused as expired. Says whether there is
    /// one.
    pub fn expire_named(&mut self, name: &str, now: SimTime) -> bool {
        let is_it = |value: &&String| self.secrets.get(*value).is_some_and(|s| self.display(s) == name);
        let Some(value) = self.age.iter().find(is_it).cloned() else { return false };
        let secret = self.secrets.get_mut(&value).filter(|s| s.kind == TokenKind::Access);
        secret.map(|secret| secret.expires = Some(secret.expires.map_or(now, |end| end.min(now)))).is_some()
    }
}
