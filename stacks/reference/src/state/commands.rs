//! What is to be done about alerts. A command is written down before it is carried out, and closed in the same
//! transaction that reports it.

use jiff::Timestamp;
use rusqlite::params;

use super::{StateError, Tx, column, moment};

/// One action on one user because of one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// The idempotency key: the same alert never sets off the same action twice.
    pub(crate) uid: String,
    pub(crate) alert: String,
    /// The policy of that alert.
    pub(crate) policy: String,
    /// The stretch of time that the alert is about.
    pub(crate) span: (Timestamp, Timestamp),
    /// The directory or app that carries it out; nobody's account has none.
    pub(crate) instance: Option<String>,
    pub(crate) action: String,
    /// The user's id there, or whatever else is known of them.
    pub(crate) target: String,
    pub(crate) email: Option<String>,
    /// The vendor's id of the thing of theirs to which it is done, if it is done to one.
    pub(crate) object: Option<String>,
    /// When it was written down.
    pub(crate) ordered_at: Timestamp,
    pub(crate) attempt: u32,
    /// When the first call left, if one ever did.
    pub(crate) first_sent_at: Option<Timestamp>,
}

impl Tx<'_> {
    /// Writes a command down, once.
    pub(crate) fn order(&self, command: &Command) -> Result<(), StateError> {
        self.execute(
            "INSERT OR IGNORE INTO commands (uid, instance, alert, action, target, email, object, ordered_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                command.uid,
                command.instance,
                command.alert,
                command.action,
                command.target,
                command.email,
                command.object,
                column(command.ordered_at)
            ],
        )?;
        Ok(())
    }

    /// How many actions a policy has ordered after `since`.
    pub(crate) fn ordered_since(&self, policy: &str, since: Timestamp) -> Result<u32, StateError> {
        Ok(self.query_row(
            "SELECT count(*) FROM commands JOIN alerts ON alerts.uid = commands.alert
             WHERE alerts.policy = ?1 AND alerts.created_at > ?2",
            params![policy, column(since)],
            |row| row.get(0),
        )?)
    }

    /// The commands of `instance` that are not finished, oldest first.
    pub(crate) fn open_commands(&self, instance: &str) -> Result<Vec<Command>, StateError> {
        let mut open = self.db.prepare_cached(
            "SELECT commands.uid, alert, instance, action, target, email, attempt, first_sent_at, object, ordered_at,
                 policy, first_at, last_at
             FROM commands JOIN alerts ON alerts.uid = commands.alert
             WHERE instance = ?1 AND NOT finished ORDER BY number",
        )?;
        let commands = open.query_map([instance], |row| {
            Ok(Command {
                uid: row.get(0)?,
                alert: row.get(1)?,
                instance: row.get(2)?,
                action: row.get(3)?,
                target: row.get(4)?,
                email: row.get(5)?,
                attempt: row.get(6)?,
                first_sent_at: row.get::<_, Option<i64>>(7)?.map(moment),
                object: row.get(8)?,
                ordered_at: moment(row.get(9)?),
                policy: row.get(10)?,
                span: (moment(row.get(11)?), moment(row.get(12)?)),
            })
        })?;
        Ok(commands.collect::<Result<_, _>>()?)
    }

    /// Notes that a call is about to leave.
    pub(crate) fn note_attempt(&self, uid: &str) -> Result<(), StateError> {
        self.execute(
            "UPDATE commands SET attempt = attempt + 1, first_sent_at = coalesce(first_sent_at, ?2) WHERE uid = ?1",
            params![uid, column(self.now())],
        )?;
        Ok(())
    }

    /// How many calls have left for a command.
    pub(crate) fn attempts(&self, uid: &str) -> Result<u32, StateError> {
        Ok(self.query_row("SELECT attempt FROM commands WHERE uid = ?1", [uid], |row| row.get(0))?)
    }

    /// Closes a command.
    pub(crate) fn finish(&self, uid: &str) -> Result<(), StateError> {
        self.execute("UPDATE commands SET finished = 1 WHERE uid = ?1", [uid])?;
        Ok(())
    }
}
