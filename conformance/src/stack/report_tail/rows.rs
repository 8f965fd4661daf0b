//! Rows of a database, as a query tells them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value, json};
use simulator::time::SimTime;

use crate::recording::ReportLine;
use crate::stack::bounds::LARGEST_REPORT;

/// Follows what a query answers: each row is a record once, whatever the query tells again.
#[derive(Debug)]
pub(super) struct Rows {
    path: PathBuf,
    query: String,
    told: BTreeSet<String>,
    /// Of the database and of its log of writes, when last read.
    seen: [Option<(SystemTime, u64)>; 2],
    /// Why the query last gave nothing.
    failed: Option<String>,
}

impl Rows {
    /// A SQLite file that need not exist yet.
    pub(super) fn new(path: PathBuf, query: String) -> Self {
        Self { path, query, told: BTreeSet::new(), seen: [None, None], failed: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The rows that are new, one JSON object a line.
    pub(super) fn read(&mut self, now: SimTime) -> Vec<ReportLine> {
        let written = ["", "-wal"].map(|ending| {
            let about = std::fs::metadata(format!("{}{ending}", self.path.display())).ok()?;
            Some((about.modified().ok()?, about.len()))
        });
        if written[0].is_none() || written == self.seen {
            return Vec::new();
        }
        match self.ask() {
            Ok(rows) => {
                (self.seen, self.failed) = (written, None);
                let fresh = rows.into_iter().filter(|row| self.told.insert(row.clone()));
                fresh.map(|text| ReportLine { read_at: now, text, cut: false }).collect()
            }
            // A table that is not made yet, a lock: the next look may find it.
            Err(error) => {
                self.failed = Some(error.to_string());
                Vec::new()
            }
        }
    }

    /// The run is over: why nothing was ever told, if the query is wrong.
    pub(super) fn finish(&mut self, now: SimTime) -> Vec<ReportLine> {
        self.seen = [None, None];
        let mut lines = self.read(now);
        let failed = self.failed.take().filter(|_| self.told.is_empty());
        let why = failed.map(|why| format!("the query of `report` could not be answered: {why}"));
        lines.extend(why.map(|text| ReportLine { read_at: now, text, cut: false }));
        lines
    }

    fn ask(&self) -> rusqlite::Result<Vec<String>> {
        let database = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut query = database.prepare(&self.query)?;
        let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
        let rows = query.query_map([], |row| {
            let value = |(index, name): (usize, &String)| Ok((name.clone(), value(row.get_ref(index)?)));
            columns.iter().enumerate().map(value).collect::<rusqlite::Result<Map<String, Value>>>()
        })?;
        let (mut texts, mut length) = (Vec::new(), 0);
        for row in rows {
            let text = Value::Object(row?).to_string();
            length += text.len();
            texts.push(text);
            // As much as shows that it is more than a report may hold.
            if length > LARGEST_REPORT {
                break;
            }
        }
        Ok(texts)
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => json!(String::from_utf8_lossy(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: Vec<ReportLine>) -> Vec<Value> {
        lines.into_iter().map(|line| serde_json::from_str(&line.text).unwrap()).collect()
    }

    fn rows(dir: &tempfile::TempDir) -> (Connection, Rows) {
        let path = dir.path().join("alerts.db");
        let database = Connection::open(&path).unwrap();
        (database, Rows::new(path, "SELECT id, severity, note FROM alerts ORDER BY id".to_owned()))
    }

    #[test]
    fn each_row_is_a_record_once() {
        let dir = tempfile::tempdir().unwrap();
        let (database, mut rows) = rows(&dir);
        let at = |s: i64| SimTime::from_ms(s * 1_000);
        assert!(rows.read(at(0)).is_empty(), "there is no table yet");
        database
            .execute_batch(
                "CREATE TABLE alerts (id TEXT, severity REAL, note BLOB); INSERT INTO alerts VALUES ('a', 4, NULL);",
            )
            .unwrap();
        assert_eq!(told(rows.read(at(1))), [json!({ "id": "a", "severity": 4.0, "note": null })]);
        assert!(rows.read(at(2)).is_empty());
        database.execute_batch("INSERT INTO alerts VALUES ('b', 1.5, x'6869')").unwrap();
        assert_eq!(told(rows.finish(at(3))), [json!({ "id": "b", "severity": 1.5, "note": "hi" })]);
    }

    #[test]
    fn a_query_that_was_never_answered_says_so_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let (database, mut rows) = rows(&dir);
        database.execute_batch("CREATE TABLE alarms (id TEXT)").unwrap();
        let said = rows.finish(SimTime::from_ms(0));
        assert!(said[0].text.contains("no such table: alerts"), "{said:?}");
    }
}
