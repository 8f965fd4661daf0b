//! Secrets that a client has chosen itself: keys of its webhooks' signatures, words by which it knows who delivers.

use std::collections::BTreeMap;

/// Most that are known by value; what is chosen later is told by the name of its field alone.
const CAPACITY: usize = 1_024;

/// Shorter values occur by chance in what is no secret.
const SHORTEST: usize = 8;

/// The secrets that a client has chosen.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Display names by value.
    names: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, u32>,
}

impl Chosen {
    /// Keeps a secret of this sort, chosen for `instance`. The first verify token is `<verify_token:workplace>`, the next
    /// `<verify_token:workplace#2>`; hooks are numbered from `<hook:github#1>`.
    pub(super) fn keep(&mut self, sort: ChosenSort, instance: &str, value: &str) {
        if value.len() < SHORTEST || self.names.contains_key(value) || self.names.len() == CAPACITY {
            return;
        }
        let count = self.counts.entry(sort.word()).or_default();
        *count += 1;
        let name = match (sort, *count) {
            (ChosenSort::VerifyToken, 1) => format!("<{}:{instance}>", sort.word()),
            (_, count) => format!("<{}:{instance}#{count}>", sort.word()),
        };
        self.names.insert(value.to_owned(), name);
    }

    /// The display name of a value.
    pub(super) fn name(&self, value: &str) -> Option<&String> {
        self.names.get(value)
    }

    /// Display names and values.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.names.iter().map(|(value, name)| (name.clone(), value.clone()))
    }
}

/// What a client has chosen a secret for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenSort {
    /// To sign deliveries with.
    Hook,
    /// To know whoever delivers by.
    VerifyToken,
}

impl ChosenSort {
    const fn word(self) -> &'static str {
        match self {
            Self::Hook => "hook",
            Self::VerifyToken => "verify_token",
        }
    }
}
