//! When each user list was last read, and which names in a log it was read for.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{StateError, Tx, column, moment};

impl Tx<'_> {
    /// When the user list of `app` was last read whole; none where it is to be read.
    pub(crate) fn users_read_at(&self, app: &str) -> Result<Option<Timestamp>, StateError> {
        let found =
            self.query_row("SELECT began FROM user_scans WHERE app = ?1", [app], |row| row.get(0)).optional()?;
        Ok(found.map(moment))
    }

    /// The user list of `app` was read whole, from `began` on.
    pub(crate) fn keep_user_scan(&self, app: &str, began: Timestamp) -> Result<(), StateError> {
        self.execute("INSERT OR REPLACE INTO user_scans (app, began) VALUES (?1, ?2)", params![app, column(began)])?;
        Ok(())
    }

    /// The user list of `app` is to be read before anything else.
    pub(crate) fn owe_user_scan(&self, app: &str) -> Result<(), StateError> {
        self.execute("DELETE FROM user_scans WHERE app = ?1", [app])?;
        Ok(())
    }

    /// Whether the log of `app` names somebody of whom its user list, as it was last read, says something else or nothing.
    /// True once for each name: who is in no list stays a stranger.
    pub(crate) fn is_new_stranger(
        &self,
        app: &str,
        account: Option<&str>,
        name: Option<&str>,
    ) -> Result<bool, StateError> {
        let known = match (account, name) {
            (None, None) => true,
            (Some(uid), name) => self.exists(
                "SELECT 1 FROM accounts WHERE app = ?1 AND uid = ?2
                 AND (?3 IS NULL OR email IS NULL OR email = ?3 OR login = ?3)",
                params![app, uid, name],
            )?,
            (None, Some(name)) => self.exists(
                "SELECT 1 FROM accounts WHERE (app = ?1 OR is_directory) AND (email = ?2 OR login = ?2)",
                params![app, name],
            )?,
        };
        if known {
            return Ok(false);
        }
        let shown = [account, name].map(Option::unwrap_or_default).join(" ");
        Ok(self.execute("INSERT OR IGNORE INTO strangers (app, name) VALUES (?1, ?2)", [app, &shown])? > 0)
    }

    fn exists(&self, sql: &str, params: impl rusqlite::Params) -> Result<bool, StateError> {
        Ok(self.query_row(sql, params, |_| Ok(())).optional()?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use crate::state::accounts::{Account, UserList};
    use crate::state::for_tests;

    #[test]
    fn a_name_that_the_list_does_not_have_is_strange_once() {
        #[rustfmt::skip]
        let cases = [
            // the log names                           the first and the second time
            ((Some("1"), None),                        (false, false)),
            ((Some("1"), Some("ana@x")),               (false, false)),
            ((Some("1"), Some("ana")),                 (false, false)),
            ((None,      Some("ana@x")),               (false, false)),
            ((None,      None),                        (false, false)),
            ((Some("2"), None),                        (true,  false)),
            ((Some("1"), Some("ana.new@x")),           (true,  false)),
            ((None,      Some("eve@x")),               (true,  false)),
        ];
        for ((account, name), expected) in cases {
            let (_folder, state) = for_tests();
            let asked = state.write(|tx| {
                let (email, login) = (Some("ana@x".to_owned()), Some("ana".to_owned()));
                let ana = Account { uid: "1".to_owned(), email, login, active: true };
                tx.keep_account("miro", UserList::Members, &ana)?;
                Ok((tx.is_new_stranger("miro", account, name)?, tx.is_new_stranger("miro", account, name)?))
            });
            assert_eq!(asked.unwrap(), expected, "{account:?} {name:?}");
        }
    }
}
