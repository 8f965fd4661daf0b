//! The stack's alerts, each with its updates folded into it.

use std::collections::{BTreeMap, BTreeSet};

use simulator::time::SimTime;

use crate::contract::{Declares, Said};

use super::people::People;
use super::truth::Truth;
use super::{Heard, said};

/// An alert.
#[derive(Clone, Debug)]
pub struct AlertFact {
    /// Its stable id.
    pub uid: String,
    /// The scenario's name of its policy, as far as the stack's ids can be resolved.
    pub policy: String,
    /// Keys of the people it is about: usually one, none if nobody has the ids it names.
    pub people: BTreeSet<String>,
    /// Ids and addresses it names, for findings.
    pub named: Vec<String>,
    /// Ids of the events it rests on, over all its updates.
    pub evidence: Vec<String>,
    /// The records with these ids.
    pub records: Vec<usize>,
    /// The highest severity it had.
    pub severity: u64,
    /// Seen and suppressed, at last.
    pub suppressed: bool,
    /// ATT&CK's ids of what it is a sign of, over all its updates.
    pub techniques: Vec<String>,
    /// Its lines: creation and updates.
    pub versions: Vec<Version>,
}

/// A creation or an update, with all that was known by then.
#[derive(Clone, Debug)]
pub struct Version {
    /// Number of its line.
    pub number: usize,
    /// When it was read.
    pub read_at: SimTime,
    /// Records cited so far.
    pub records: Vec<usize>,
    /// The highest severity so far.
    pub severity: u64,
}

impl AlertFact {
    /// When it was first read.
    pub fn created(&self) -> SimTime {
        self.versions[0].read_at
    }

    /// Whether it is about this person.
    pub fn about(&self, key: &str) -> bool {
        self.people.contains(key)
    }
}

/// Folds alerts by their ids, in order of first appearance.
pub(super) fn fold(heard: &[Heard], declares: &Declares, people: &People, truth: &Truth) -> Vec<AlertFact> {
    let mut alerts: Vec<AlertFact> = Vec::new();
    let mut by_uid: BTreeMap<String, usize> = BTreeMap::new();
    for (heard, said) in said(heard) {
        let Said::Alert(told) = said else { continue };
        let index = *by_uid.entry(told.uid.clone()).or_insert_with(|| {
            alerts.push(AlertFact {
                uid: told.uid.clone(),
                policy: declares.policy(&told.policy).to_owned(),
                people: BTreeSet::new(),
                named: Vec::new(),
                evidence: Vec::new(),
                records: Vec::new(),
                severity: 0,
                suppressed: false,
                techniques: Vec::new(),
                versions: Vec::new(),
            });
            alerts.len() - 1
        });
        let alert = &mut alerts[index];
        alert.people.extend(people.find(&told.principal, told.tenant.as_deref()));
        for name in told.principal.uids.iter().chain(&told.principal.emails) {
            push_new(&mut alert.named, name.clone());
        }
        for id in &told.evidence {
            push_new(&mut alert.evidence, id.clone());
            for record in truth.anywhere(told.tenant.as_deref(), id) {
                push_new(&mut alert.records, record);
            }
        }
        alert.severity = alert.severity.max(told.severity);
        alert.suppressed = told.suppressed;
        told.techniques.iter().for_each(|id| push_new(&mut alert.techniques, id.clone()));
        alert.versions.push(Version {
            number: heard.number,
            read_at: heard.read_at,
            records: alert.records.clone(),
            severity: alert.severity,
        });
    }
    alerts
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
