//! Apps, tokens and keys that are let into an app, as they were seen last.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{StateError, Tx, column};
use crate::normalize::Grant;

/// What has become of a grant since it was seen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was not there.
    New,
    /// It may do something else, or is called otherwise.
    Other,
    /// It is not there any more.
    Gone,
}

impl Tx<'_> {
    /// Keeps a grant as it is seen at `seen_at`; says what is new about it.
    pub(crate) fn keep_grant(
        &self,
        app: &str,
        list: &str,
        grant: &Grant,
        seen_at: Timestamp,
    ) -> Result<Option<Change>, StateError> {
        let facts = grant.facts.to_string();
        let before =
            self.query_row("SELECT name, facts FROM grants WHERE app = ?1 AND uid = ?2", [app, &grant.uid], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            });
        let before = before.optional()?;
        self.execute(
            "INSERT OR REPLACE INTO grants (app, uid, list, name, facts, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![app, grant.uid, list, grant.name, facts, column(seen_at)],
        )?;
        Ok(match before {
            None => Some(Change::New),
            Some((name, known)) if name == grant.name && known == facts => None,
            Some(_) => Some(Change::Other),
        })
    }

    /// Forgets the grants of a list that were not seen at `seen_at`, and returns them.
    pub(crate) fn settle_grants(&self, app: &str, list: &str, seen_at: Timestamp) -> Result<Vec<Grant>, StateError> {
        let mut gone = self.db.prepare_cached(
            "DELETE FROM grants WHERE app = ?1 AND list = ?2 AND seen_at < ?3 RETURNING uid, name, facts",
        )?;
        let gone = gone.query_map(params![app, list, column(seen_at)], |row| {
            let facts: String = row.get(2)?;
            let facts = serde_json::from_str(&facts).unwrap_or(Value::Null);
            Ok(Grant { uid: row.get(0)?, name: row.get(1)?, facts })
        })?;
        let mut gone: Vec<Grant> = gone.collect::<Result<_, _>>()?;
        gone.sort_by(|a, b| a.uid.cmp(&b.uid));
        Ok(gone)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::state::for_tests;

    #[test]
    fn what_is_new_other_or_gone_is_told_once() {
        let (_folder, state) = for_tests();
        let first: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let day = SignedDuration::from_hours(24);
        let grant = |facts: Value| Grant { uid: "installation:7".into(), name: "handy-bot".into(), facts };
        let kept = |facts: Value, at| state.write(|tx| tx.keep_grant("github", "installations", &grant(facts), at));
        assert_eq!(kept(json!({"contents": "read"}), first).unwrap(), Some(Change::New));
        assert_eq!(kept(json!({"contents": "read"}), first + day).unwrap(), None);
        assert_eq!(kept(json!({"contents": "write"}), first + day).unwrap(), Some(Change::Other));
        let settle = |at| state.write(|tx| tx.settle_grants("github", "installations", at)).unwrap();
        assert_eq!(settle(first + day), []);
        assert_eq!(settle(first + day + day), [grant(json!({"contents": "write"}))]);
        assert_eq!(settle(first + day + day), [], "it is forgotten");
    }
}
