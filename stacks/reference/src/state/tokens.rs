//! OAuth tokens, and codes that are about to become tokens.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StateError, Tx, column, moment};
use crate::secret::Secret;

/// What an app's token endpoint gave us last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Tx<'_> {
    /// The tokens of `app`.
    pub(crate) fn tokens(&self, app: &str) -> Result<Option<Tokens>, StateError> {
        let found = self
            .query_row("SELECT access_token, refresh_token, expires_at FROM tokens WHERE app = ?1", [app], |row| {
                Ok(Tokens {
                    access: Secret::new(row.get::<_, String>(0)?),
                    refresh: row.get::<_, Option<String>>(1)?.map(Secret::new),
                    expires_at: row.get::<_, Option<i64>>(2)?.map(moment),
                })
            })
            .optional()?;
        Ok(found)
    }

    /// Keeps new tokens, and forgets the code they came from.
    pub(crate) fn keep_tokens(&self, app: &str, tokens: &Tokens) -> Result<(), StateError> {
        self.execute(
            "INSERT OR REPLACE INTO tokens (app, access_token, refresh_token, expires_at) VALUES (?1, ?2, ?3, ?4)",
            params![
                app,
                tokens.access.reveal(),
                tokens.refresh.as_ref().map(Secret::reveal),
                tokens.expires_at.map(column)
            ],
        )?;
        self.forget_code(app)
    }

    /// Forgets tokens that are worth nothing any more.
    pub(crate) fn forget_tokens(&self, app: &str) -> Result<(), StateError> {
        self.execute("DELETE FROM tokens WHERE app = ?1", [app])?;
        Ok(())
    }

    /// The code the browser brought for `app`, if it is not yet a token.
    pub(crate) fn code(&self, app: &str) -> Result<Option<Secret>, StateError> {
        let found =
            self.query_row("SELECT code FROM codes WHERE app = ?1", [app], |row| row.get::<_, String>(0)).optional()?;
        Ok(found.map(Secret::new))
    }

    /// Keeps a code.
    pub(crate) fn keep_code(&self, app: &str, code: &Secret) -> Result<(), StateError> {
        self.execute("INSERT OR REPLACE INTO codes (app, code) VALUES (?1, ?2)", [app, code.reveal()])?;
        Ok(())
    }

    /// Forgets a code that was used or refused.
    pub(crate) fn forget_code(&self, app: &str) -> Result<(), StateError> {
        self.execute("DELETE FROM codes WHERE app = ?1", [app])?;
        Ok(())
    }
}
