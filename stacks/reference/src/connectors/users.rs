//! The user lists of one connection: read whole before the first entry of the log, then every [`SCAN_EVERY`], and at once
//! where the log tells of somebody who is not in them or of a change to them.
//!
//! A directory is read before any list of members: an address may have passed on to somebody else, and then the directory
//! says to whom.

use jiff::{SignedDuration, Timestamp};

use super::Conditional;
use super::connection::Connection;
use super::walk::{Remaining, Walk};
use crate::api::Trouble;

/// As Defender for Cloud Apps scans periodically (its files; of users it says "periodically").
const SCAN_EVERY: SignedDuration = SignedDuration::from_hours(12);

impl Connection {
    /// Reads the user lists if it is time to.
    pub(super) async fn scan_users_if_due(&self) -> Result<(), Trouble> {
        let now = self.api.clock().now();
        let read = self.api.state.read(|tx| tx.users_read_at(&self.api.instance))?;
        match read.is_none_or(|read| read + SCAN_EVERY <= now) {
            true => self.scan_users(now).await,
            false => Ok(()),
        }
    }

    /// Reads the user lists, those of the directories first, unless that was begun at `since` or later.
    pub(super) async fn scan_users(&self, since: Timestamp) -> Result<(), Trouble> {
        for directory in &self.directories {
            // What is wrong with a directory is told by its own connection.
            if let Err(fatal @ (Trouble::State(_) | Trouble::Stopping)) = directory.scan_own_users(since).await {
                return Err(fatal);
            }
        }
        self.scan_own_users(since).await
    }

    async fn scan_own_users(&self, since: Timestamp) -> Result<(), Trouble> {
        let mut begun = self.scanning.lock().await;
        // One that failed counts: whoever waited for it needs not fail once more.
        if begun.is_some_and(|begun| begun >= since) {
            return Ok(());
        }
        let now = self.api.clock().now();
        *begun = Some(now);
        let scanned = self.read_users(now).await;
        if scanned.is_err() {
            self.api.state.write(|tx| tx.owe_user_scan(&self.api.instance))?;
        }
        scanned
    }

    async fn read_users(&self, now: Timestamp) -> Result<(), Trouble> {
        let lists = (self.intake.connector.users.first)(&self.app);
        for first in &lists {
            let known = match self.intake.connector.users.conditional {
                Conditional::Yes => Some(&self.known),
                Conditional::No => None,
            };
            let first = self.intake.connector.asked_by(&self.intake.rules.habits, first);
            let mut walk = Walk::new(&self.api, self.intake.connector, &first, known);
            while let Some((rows, _)) = walk.page().await? {
                self.api.state.write(|tx| rows.iter().try_for_each(|row| self.intake.take_user(tx, row)))?;
            }
        }
        self.api.state.write(|tx| {
            self.intake.link_accounts(tx)?;
            tx.keep_user_scan(&self.api.instance, now)
        })?;
        self.intake.rules.ordered.send_replace(());
        Ok(())
    }

    /// Whom the directory has deleted, if a policy asks for it.
    pub(super) async fn read_departures(&self) -> Result<(), Trouble> {
        let first = self.intake.connector.users.departed.and_then(|departed| departed(&self.app));
        let Some(first) = first.filter(|_| self.intake.rules.policies.want_departures()) else { return Ok(()) };
        let asked_at = self.api.clock().now();
        let mut walk = Walk::new(&self.api, self.intake.connector, &first, None);
        while let Some((rows, remaining)) = walk.page().await? {
            self.api.state.write(|tx| {
                for row in &rows {
                    self.intake.take_departure(tx, row, asked_at)?;
                }
                if remaining == Remaining::None {
                    self.intake.settle_departures(tx, asked_at)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
