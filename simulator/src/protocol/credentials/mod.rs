//! Which grants a vendor takes, what its tokens look like, how they end; and the store that lives by these rules.
//!
//! Every value is drawn from the seed, so the same run hands out the same tokens. Every secret has a display name
//! (`<token:miro/stack#2>`) under which the journal knows it.

mod chosen;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use chosen::ChosenSort;
pub use rules::{
    BearerFrom, CredentialRules, FINE_GRAINED, FOREVER, Grant, HEX, Mint, OAUTH, Permitted, READY, Rotation, TokenKind,
    drawn_text, opened_by,
};
pub use store::{Client, Glance, Issued, Order, Token, TokenStore};

use super::dialect::Failure;
use crate::world::PersonIndex;

/// Who asks: what a valid access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The OAuth client that the token was given to.
    pub client_id: String,
    /// That client's name: `stack`.
    pub client: String,
    /// Display name of the token: `<token:miro/stack#2>`.
    pub name: String,
    /// Display name of the grant behind it, the same for every token refreshed from one consent: `miro/stack#1`.
    pub grant: String,
    /// Scopes or application permissions it carries.
    pub scopes: Vec<String>,
    /// Who consented; none for an application on its own.
    pub user: Option<PersonIndex>,
    /// What sort of token it is: [`OAUTH`], [`READY`], or a word of the vendor's own.
    pub token_kind: &'static str,
    /// Number of the token in its store.
    pub access_token: u32,
}

impl Principal {
    /// Whether the token carries one of these scopes; any token will do where none is listed.
    pub fn require(&self, wanted: &[&str]) -> Result<(), Failure> {
        if wanted.is_empty() || wanted.iter().any(|w| self.scopes.iter().any(|s| s == w)) {
            return Ok(());
        }
        let wanted = wanted.iter().map(|s| (*s).to_owned()).collect();
        Err(Failure::MissingScope { wanted, held: self.scopes.clone(), token_kind: self.token_kind })
    }
}
