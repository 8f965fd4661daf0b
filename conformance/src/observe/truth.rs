//! Which record is meant by an instance and an event id.

use std::collections::BTreeMap;

use crate::recording::TruthRecord;

/// Every record by its names. Records are told by their place in [`crate::recording::Recording::truth`].
#[derive(Clone, Debug, Default)]
pub struct Truth {
    by_app: BTreeMap<(String, String), Vec<(String, usize)>>,
    by_id: BTreeMap<String, Vec<usize>>,
}

impl Truth {
    /// Indexes every record.
    pub fn new(records: &[TruthRecord]) -> Self {
        let mut truth = Self::default();
        for (index, record) in records.iter().enumerate() {
            truth.name(&record.app, &record.log, &record.event_id, index);
        }
        truth
    }

    /// Gives a record a name, beside those it has.
    pub(super) fn name(&mut self, app: &str, log: &str, id: &str, record: usize) {
        self.by_app.entry((app.to_owned(), id.to_owned())).or_default().push((log.to_owned(), record));
        self.by_id.entry(id.to_owned()).or_default().push(record);
    }

    /// The record of an instance with this id; among several logs the named one, else the first.
    pub fn find(&self, app: &str, log: Option<&str>, id: &str) -> Option<usize> {
        let found = self.by_app.get(&(app.to_owned(), id.to_owned()))?;
        let named = found.iter().find(|(name, _)| Some(name.as_str()) == log);
        named.or_else(|| found.first()).map(|(_, index)| *index)
    }

    /// Records with this id anywhere; in `app` alone, if it has one.
    pub fn anywhere(&self, app: Option<&str>, id: &str) -> Vec<usize> {
        match app.and_then(|app| self.by_app.get(&(app.to_owned(), id.to_owned()))) {
            Some(found) => found.iter().map(|(_, index)| *index).collect(),
            None => self.by_id.get(id).cloned().unwrap_or_default(),
        }
    }
}
