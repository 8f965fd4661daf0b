//! Who uses which app, and the sessions in which that was learnt.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{StateError, Tx, column, moment};

/// From where the use of an app is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The app is connected: its activities are read.
    Activities,
    /// It was seen in traffic.
    Discovery,
}

impl Source {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Activities => "activities",
            Self::Discovery => "discovery",
        }
    }
}

/// What set a session off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// The time had come.
    Schedule,
    /// Somebody asked for it.
    Request,
}

impl Trigger {
    fn word(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Request => "request",
        }
    }
}

/// An app that somebody uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsedApp {
    pub(crate) uid: String,
    /// Which of several instances, from 0.
    pub(crate) number: i64,
    pub(crate) source: Source,
    pub(crate) name: String,
    pub(crate) website: Option<String>,
    /// How many users the vendor counts.
    pub(crate) users: Option<i64>,
    pub(crate) last_used: Option<Timestamp>,
}

/// A user of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppUser {
    /// The app's id, and which of its instances.
    pub(crate) app: String,
    pub(crate) number: i64,
    /// The id of the account; where none is known, its address.
    pub(crate) account: String,
    pub(crate) name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) last_at: Option<Timestamp>,
}

/// A session, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) number: i64,
    pub(crate) trigger: String,
    pub(crate) began: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) error: Option<String>,
}

impl Tx<'_> {
    /// Writes down that a session begins.
    pub(crate) fn begin_session(&self, app: &str, trigger: Trigger) -> Result<i64, StateError> {
        self.execute(
            "INSERT INTO sync_sessions (app, trigger, began) VALUES (?1, ?2, ?3)",
            params![app, trigger.word(), column(self.now())],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    /// Writes down that it ended, and what went wrong.
    pub(crate) fn end_session(&self, number: i64, error: Option<&str>) -> Result<(), StateError> {
        self.execute(
            "UPDATE sync_sessions SET ended = ?2, error = ?3 WHERE number = ?1",
            params![number, column(self.now()), error],
        )?;
        Ok(())
    }

    /// The last session that began.
    pub(crate) fn last_session(&self, app: &str) -> Result<Option<Session>, StateError> {
        let found = self.query_row(
            "SELECT number, trigger, began, ended, error FROM sync_sessions WHERE app = ?1 ORDER BY number DESC LIMIT 1",
            [app],
            |row| {
                Ok(Session {
                    number: row.get(0)?,
                    trigger: row.get(1)?,
                    began: moment(row.get(2)?),
                    ended: row.get::<_, Option<i64>>(3)?.map(moment),
                    error: row.get(4)?,
                })
            },
        );
        Ok(found.optional()?)
    }

    /// Whether the last session has no end: a process was ended in the midst of it.
    pub(crate) fn has_unfinished_session(&self, app: &str) -> Result<bool, StateError> {
        Ok(self.last_session(app)?.is_some_and(|session| session.ended.is_none()))
    }

    /// Keeps an app, under its newest name.
    pub(crate) fn keep_used_app(&self, app: &str, used: &UsedApp) -> Result<(), StateError> {
        self.execute(
            "INSERT INTO used_apps (app, uid, number, source, name, website, users, last_used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET
                 name = iif(coalesce(excluded.last_used >= last_used, 1), excluded.name, name),
                 website = coalesce(excluded.website, website), users = coalesce(excluded.users, users),
                 last_used = max(coalesce(last_used, excluded.last_used), coalesce(excluded.last_used, last_used))",
            params![
                app,
                used.uid,
                used.number,
                used.source.word(),
                used.name,
                used.website,
                used.users,
                used.last_used.map(column)
            ],
        )?;
        Ok(())
    }

    /// Keeps a user of an app, with the newest name and the latest activity.
    pub(crate) fn keep_app_user(
        &self,
        app: &str,
        user: &AppUser,
        created_by: Option<&str>,
        role: Option<&str>,
    ) -> Result<(), StateError> {
        self.execute(
            "INSERT INTO app_users (app, uid, number, account, name, username, last_at, created_by, role)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO UPDATE SET
                 name = iif(coalesce(excluded.last_at >= last_at, 1), coalesce(excluded.name, name), name),
                 username = iif(coalesce(excluded.last_at >= last_at, 1), coalesce(excluded.username, username), username),
                 last_at = max(coalesce(last_at, excluded.last_at), coalesce(excluded.last_at, last_at))",
            params![
                app,
                user.app,
                user.number,
                user.account,
                user.name,
                user.username,
                user.last_at.map(column),
                created_by,
                role
            ],
        )?;
        Ok(())
    }

    /// Every user of every app that is known from `source`, with what was last told of them.
    pub(crate) fn app_users(
        &self,
        app: &str,
        source: Source,
    ) -> Result<Vec<(UsedApp, AppUser, Option<String>)>, StateError> {
        let mut rows = self.db.prepare_cached(
            "SELECT uid, number, source, a.name, website, users, last_used, account, u.name, username, last_at, reported
             FROM app_users u JOIN used_apps a USING (app, uid, number)
             WHERE app = ?1 AND source = ?2 ORDER BY uid, number, account",
        )?;
        let rows = rows.query_map([app, source.word()], |row| app_user(row, source))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets a user of an app.
    pub(crate) fn forget_app_user(&self, app: &str, user: &AppUser) -> Result<(), StateError> {
        self.execute(
            "DELETE FROM app_users WHERE app = ?1 AND uid = ?2 AND number = ?3 AND account = ?4",
            params![app, user.app, user.number, user.account],
        )?;
        Ok(())
    }

    /// Notes what was told of a user.
    pub(crate) fn note_told(
        &self,
        app: &str,
        user: &AppUser,
        active: Option<bool>,
        told: &str,
    ) -> Result<(), StateError> {
        self.execute(
            "UPDATE app_users SET active = ?5, reported = ?6
             WHERE app = ?1 AND uid = ?2 AND number = ?3 AND account = ?4",
            params![app, user.app, user.number, user.account, active, told],
        )?;
        Ok(())
    }
}

fn app_user(row: &Row<'_>, source: Source) -> rusqlite::Result<(UsedApp, AppUser, Option<String>)> {
    let app = UsedApp {
        uid: row.get(0)?,
        number: row.get(1)?,
        source,
        name: row.get(3)?,
        website: row.get(4)?,
        users: row.get(5)?,
        last_used: row.get::<_, Option<i64>>(6)?.map(moment),
    };
    let user = AppUser {
        app: app.uid.clone(),
        number: app.number,
        account: row.get(7)?,
        name: row.get(8)?,
        username: row.get(9)?,
        last_at: row.get::<_, Option<i64>>(10)?.map(moment),
    };
    Ok((app, user, row.get(11)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::for_tests;

    fn app(name: &str, second: i64) -> UsedApp {
        UsedApp {
            uid: "90001".to_owned(),
            number: 0,
            source: Source::Activities,
            name: name.to_owned(),
            website: None,
            users: None,
            last_used: Some(Timestamp::from_second(second).unwrap()),
        }
    }

    fn user(name: &str, second: i64) -> AppUser {
        AppUser {
            app: "90001".to_owned(),
            number: 0,
            account: "7".to_owned(),
            name: Some(name.to_owned()),
            username: None,
            last_at: Some(Timestamp::from_second(second).unwrap()),
        }
    }

    #[test]
    fn the_latest_activity_stands_and_names_are_the_newest_in_whatever_order_they_come() {
        let (_folder, state) = for_tests();
        let rows = state.write(|tx| {
            for (app_name, name, second) in [("Miro", "Ada", 5), ("Miro Boards", "Ada B", 9), ("Old", "A", 2)] {
                tx.keep_used_app("defender", &app(app_name, second))?;
                tx.keep_app_user("defender", &user(name, second), None, None)?;
            }
            tx.app_users("defender", Source::Activities)
        });
        let rows = rows.unwrap();
        assert_eq!(rows, [(app("Miro Boards", 9), user("Ada B", 9), None)]);
    }

    #[test]
    fn a_session_without_an_end_is_unfinished() {
        let (_folder, state) = for_tests();
        let told = state.write(|tx| {
            let first = tx.begin_session("defender", Trigger::Schedule)?;
            let before = tx.has_unfinished_session("defender")?;
            tx.end_session(first, Some("throttled"))?;
            Ok((before, tx.has_unfinished_session("defender")?, tx.last_session("defender")?.unwrap().error))
        });
        assert_eq!(told.unwrap(), (true, false, Some("throttled".to_owned())));
    }
}
