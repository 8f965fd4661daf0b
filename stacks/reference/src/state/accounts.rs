//! Who is who: accounts in the apps, people in the directory, and which account is whose.
//!
//! A person is an object of the directory, known by its id for ever. An e-mail address only *finds* the person, once:
//! when account and directory entry are first seen together. From then on the ids are linked, so a renamed user stays
//! one person, and whoever inherits an address does not inherit a history.

use std::fmt;

use rusqlite::{OptionalExtension, params};

use super::{StateError, Tx};
use crate::bug::{Bug, planted};

/// Whose behaviour is watched: a person, an account without a person, or a name that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Principal(pub(crate) String);

impl Principal {
    /// An object of the directory `app`.
    pub(crate) fn person(app: &str, object_id: &str) -> Self {
        Self(format!("person:{app}:{object_id}"))
    }

    fn account(app: &str, uid: &str) -> Self {
        Self(format!("account:{app}:{uid}"))
    }

    fn name(app: &str, name: &str) -> Self {
        Self(format!("name:{app}:{name}"))
    }

    /// Directory and object id, if this is a person.
    pub(crate) fn as_person(&self) -> Option<(&str, &str)> {
        self.0.strip_prefix("person:")?.split_once(':')
    }

    /// The object id, the app's user id, or the name.
    pub(crate) fn id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row of an app's user list. Addresses are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: String,
    pub(crate) email: Option<String>,
    /// The name to sign in with, where it is not the address.
    pub(crate) login: Option<String>,
    pub(crate) active: bool,
}

/// Whether an app's user list is the list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserList {
    Directory,
    Members,
}

/// Whether a row is here for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    First,
    Before,
}

impl Tx<'_> {
    /// Keeps what the user list says now.
    pub(crate) fn keep_account(&self, app: &str, list: UserList, account: &Account) -> Result<Seen, StateError> {
        let directory = list == UserList::Directory;
        let person = directory.then(|| Principal::person(app, &account.uid).0);
        let updated = self.execute(
            // An address that was learnt elsewhere outlives a list that shows none.
            "UPDATE accounts SET email = CASE WHEN is_directory THEN ?3 ELSE coalesce(?3, email) END, login = ?4, active = ?5
             WHERE app = ?1 AND uid = ?2",
            params![app, account.uid, account.email, account.login, account.active],
        )?;
        if updated > 0 {
            return Ok(Seen::Before);
        }
        self.db
            .prepare_cached(
                "INSERT INTO accounts (app, uid, email, login, active, person, is_directory)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![app, account.uid, account.email, account.login, account.active, person, directory])?;
        Ok(Seen::First)
    }

    /// Keeps the address of an account whose list shows none; says whether it is new.
    pub(crate) fn learn_address(&self, app: &str, uid: &str, email: &str) -> Result<bool, StateError> {
        let learnt = self.execute(
            "UPDATE accounts SET email = ?3 WHERE app = ?1 AND uid = ?2 AND email IS NULL AND NOT is_directory",
            [app, uid, email],
        )?;
        Ok(learnt > 0)
    }

    /// The name under which an account signs in.
    pub(crate) fn login_of(&self, app: &str, uid: &str) -> Result<Option<String>, StateError> {
        let found = self
            .query_row("SELECT login FROM accounts WHERE app = ?1 AND uid = ?2", [app, uid], |row| {
                row.get::<_, Option<String>>(0)
            })
            .optional()?;
        Ok(found.flatten())
    }

    /// Links accounts that have no person yet, and hands their history over. Returns the people concerned.
    pub(crate) fn link_accounts(&self) -> Result<Vec<Principal>, StateError> {
        let mut unlinked = self
            .db
            .prepare_cached("SELECT app, uid, email FROM accounts WHERE person IS NULL AND email IS NOT NULL")?;
        let unlinked = unlinked
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<Vec<(String, String, String)>, _>>()?;
        let mut people = Vec::new();
        for (app, uid, email) in unlinked {
            if planted(Bug::DetNeverJoined) {
                break;
            }
            let Some(person) = self.person_with_address(&email)? else { continue };
            self.db
                .execute("UPDATE accounts SET person = ?3 WHERE app = ?1 AND uid = ?2", params![app, uid, person.0])?;
            let account = Principal::account(&app, &uid).0;
            for table in ["events", "alerts"] {
                self.execute(
                    &format!("UPDATE {table} SET principal = ?2 WHERE principal = ?1"),
                    [&account, &person.0],
                )?;
            }
            people.push(person);
        }
        Ok(people)
    }

    /// Whose activity it is: `account` if the record names one, else whoever signs in as `name`.
    pub(crate) fn principal(
        &self,
        app: &str,
        list: UserList,
        account: Option<&str>,
        name: Option<&str>,
    ) -> Result<Option<Principal>, StateError> {
        if let Some(uid) = account.filter(|_| name.is_none() || !planted(Bug::DetJoinByAddress)) {
            return self.principal_of_account(app, list, uid).map(Some);
        }
        let Some(name) = name else { return Ok(None) };
        let uid = self
            .query_row(
                "SELECT uid FROM accounts WHERE app = ?1 AND (email = ?2 OR login = ?2) ORDER BY active DESC, uid",
                [app, name],
                |row| row.get::<_, String>(0),
            )
            .optional()?;
        match uid {
            Some(uid) => self.principal_of_account(app, list, &uid).map(Some),
            None => Ok(Some(self.person_with_address(name)?.unwrap_or_else(|| Principal::name(app, name)))),
        }
    }

    fn principal_of_account(&self, app: &str, list: UserList, uid: &str) -> Result<Principal, StateError> {
        if list == UserList::Directory {
            return Ok(Principal::person(app, uid));
        }
        let person = self
            .query_row("SELECT person FROM accounts WHERE app = ?1 AND uid = ?2", [app, uid], |row| {
                row.get::<_, Option<String>>(0)
            })
            .optional()?
            .flatten();
        Ok(person.map_or_else(|| Principal::account(app, uid), Principal))
    }

    /// The one person with this address; two with the same are nobody.
    fn person_with_address(&self, address: &str) -> Result<Option<Principal>, StateError> {
        let mut found = self.db.prepare_cached(
            "SELECT person, active FROM accounts
             WHERE is_directory = 1 AND (email = ?1 OR login = ?1) ORDER BY active DESC",
        )?;
        let found = found
            .query_map([address], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(String, bool)>, _>>()?;
        Ok(match found.as_slice() {
            [(person, _)] | [(person, true), (_, false), ..] => Some(Principal(person.clone())),
            _ => None,
        })
    }

    /// The address under which a principal is reached.
    pub(crate) fn address_of(&self, principal: &Principal) -> Result<Option<String>, StateError> {
        let found = self
            .query_row(
                "SELECT coalesce(email, login) FROM accounts WHERE person = ?1
                 OR (?2 = 'account:' || app || ':' || uid) ORDER BY is_directory DESC",
                [&principal.0, &principal.0],
                |row| row.get::<_, Option<String>>(0),
            )
            .optional()?;
        Ok(found.flatten())
    }

    /// Whoever of the directory has this address now.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn whoever_has(&self, directory: &str, address: &str) -> Result<Option<String>, StateError> {
        let found =
            self.query_row("SELECT uid FROM accounts WHERE app = ?1 AND email = ?2", [directory, address], |row| {
                row.get(0)
            });
        Ok(found.optional()?)
    }

    /// Somebody of the directory who is not `object_id`.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn somebody_else(&self, directory: &str, object_id: &str) -> Result<Option<String>, StateError> {
        Ok(self
            .query_row(
                "SELECT uid FROM accounts WHERE app = ?1 AND uid <> ?2 AND active ORDER BY uid",
                [directory, object_id],
                |row| row.get(0),
            )
            .optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::for_tests;

    fn account(uid: &str, email: &str, active: bool) -> Account {
        Account { uid: uid.to_owned(), email: Some(email.to_owned()), login: None, active }
    }

    /// Keeps `people` and `members`, links them, and says whose the member `uid` is.
    fn whose(people: &[Account], members: &[Account], uid: &str) -> String {
        let (_folder, state) = for_tests();
        let principal = state.write(|tx| {
            for person in people {
                tx.keep_account("entra", UserList::Directory, person)?;
            }
            for member in members {
                tx.keep_account("miro", UserList::Members, member)?;
                tx.link_accounts()?;
            }
            tx.principal("miro", UserList::Members, Some(uid), None)
        });
        principal.unwrap().unwrap().0
    }

    #[test]
    fn an_account_belongs_to_the_person_with_its_address() {
        let people = [account("ana", "ana@x", true), account("bob", "bob@x", true)];
        assert_eq!(whose(&people, &[account("1", "bob@x", true)], "1"), "person:entra:bob");
    }

    #[test]
    fn a_new_address_does_not_make_a_new_person() {
        let people = [account("ana", "ana@x", true), account("bob", "bob@x", true)];
        let members = [account("1", "ana@x", true), account("1", "bob@x", true)];
        assert_eq!(whose(&people, &members, "1"), "person:entra:ana");
    }

    #[test]
    fn two_people_with_one_address_are_nobody_unless_one_has_left() {
        let member = [account("1", "ana@x", true)];
        let both = [account("old", "ana@x", true), account("new", "ana@x", true)];
        assert_eq!(whose(&both, &member, "1"), "account:miro:1");
        let one_left = [account("old", "ana@x", false), account("new", "ana@x", true)];
        assert_eq!(whose(&one_left, &member, "1"), "person:entra:new");
    }

    #[test]
    fn a_name_that_nobody_has_is_watched_as_it_was_typed() {
        let (_folder, state) = for_tests();
        let principal = state.read(|tx| tx.principal("miro", UserList::Members, None, Some("eve@x"))).unwrap();
        assert_eq!(principal.unwrap().0, "name:miro:eve@x");
    }

    #[test]
    fn work_that_fails_leaves_nothing_behind() {
        let (_folder, state) = for_tests();
        let failed = state.write(|tx| {
            tx.keep_account("miro", UserList::Members, &account("1", "ana@x", true))?;
            Err::<(), _>(StateError::Database(rusqlite::Error::QueryReturnedNoRows))
        });
        assert!(failed.is_err());
        let seen = state.write(|tx| tx.keep_account("miro", UserList::Members, &account("1", "ana@x", true)));
        assert_eq!(seen.unwrap(), Seen::First);
    }
}
