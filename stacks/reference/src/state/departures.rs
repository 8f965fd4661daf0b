//! Whom the directory has deleted.
//!
//! It keeps them for thirty days, and may take them back. What is kept here is what it said last, and when.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::accounts::Principal;
use super::{StateError, Tx, column, moment};
use crate::detect::Departure;

impl Tx<'_> {
    /// Notes that `object_id` of `directory` was deleted, as it still says at `confirmed_at`.
    pub(crate) fn keep_departure(
        &self,
        directory: &str,
        object_id: &str,
        departure: Departure,
    ) -> Result<(), StateError> {
        let person = Principal::person(directory, object_id);
        self.execute(
            "INSERT OR REPLACE INTO departures (person, directory, left_at, confirmed_at) VALUES (?1, ?2, ?3, ?4)",
            params![person.0, directory, column(departure.left_at), column(departure.confirmed_at)],
        )?;
        Ok(())
    }

    /// Forgets who is no longer among those that `directory` named at `confirmed_at`, and returns the others.
    pub(crate) fn settle_departures(
        &self,
        directory: &str,
        confirmed_at: Timestamp,
    ) -> Result<Vec<(Principal, Departure)>, StateError> {
        self.execute(
            "DELETE FROM departures WHERE directory = ?1 AND confirmed_at < ?2",
            params![directory, column(confirmed_at)],
        )?;
        let mut left =
            self.db.prepare_cached("SELECT person, left_at, confirmed_at FROM departures WHERE directory = ?1")?;
        let left = left.query_map([directory], |row| {
            let departure = Departure { left_at: moment(row.get(1)?), confirmed_at: moment(row.get(2)?) };
            Ok((Principal(row.get(0)?), departure))
        })?;
        Ok(left.collect::<Result<_, _>>()?)
    }

    /// How `principal` left, if the directory says so.
    pub(crate) fn departure(&self, principal: &Principal) -> Result<Option<Departure>, StateError> {
        let found =
            self.query_row("SELECT left_at, confirmed_at FROM departures WHERE person = ?1", [&principal.0], |row| {
                Ok(Departure { left_at: moment(row.get(0)?), confirmed_at: moment(row.get(1)?) })
            });
        Ok(found.optional()?)
    }
}
