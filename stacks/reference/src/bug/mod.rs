//! Mistakes that real connectors made, each one changed decision at one place, so that a test suite can be seen to
//! catch them. Without the feature `planted-bugs` there are none: every question below is a constant, and every value
//! goes through as it is.
//!
//! - [`catalogue`]: every mistake, what it does, and what has to catch it
//! - `pages`, `records`, `failures`, `windows`, `policies`, `said`: mistakes about the same thing, together; what they
//!   are in an ordinary build is `none`
//!
//! A mistake that is another value is written [`spoilt`], one that leaves something out asks [`planted`].

mod catalogue;
#[cfg(feature = "planted-bugs")]
mod failures;
#[cfg(not(feature = "planted-bugs"))]
mod none;
#[cfg(feature = "planted-bugs")]
mod pages;
#[cfg(feature = "planted-bugs")]
mod policies;
#[cfg(feature = "planted-bugs")]
mod records;
#[cfg(feature = "planted-bugs")]
mod said;
#[cfg(feature = "planted-bugs")]
mod windows;

use serde::{Deserialize, Deserializer, de};

pub(crate) use self::catalogue::Bug;
#[cfg(not(feature = "planted-bugs"))]
pub(crate) use self::none::*;
#[cfg(feature = "planted-bugs")]
pub(crate) use self::{
    failures::{ends_the_list, miscounted, misjudged},
    pages::{misread_page, note_size, noted_size},
    policies::misset,
    records::{has_poison, misread},
    said::misreport,
    windows::misplaced,
};

/// A mistake as the catalogue has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlantedBug {
    /// What it is chosen by: the `bug` of the configuration.
    pub id: &'static str,
    /// What goes wrong, in one sentence.
    pub does: &'static str,
    /// The checks that name it: one of them has to.
    pub checks: &'static [&'static str],
    /// The scenarios in which it shows, the aptest first.
    pub scenarios: &'static [&'static str],
}

/// Every mistake that can be planted; none without the feature `planted-bugs`.
pub fn planted_bugs() -> Vec<PlantedBug> {
    catalogue::ALL.iter().map(|(_, bug)| *bug).collect()
}

impl<'de> Deserialize<'de> for Bug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        if catalogue::ALL.is_empty() {
            return Err(de::Error::custom("`bug` needs a build with the feature `planted-bugs`"));
        }
        let found = catalogue::ALL.iter().find(|(_, planted)| planted.id == id);
        found.map(|(bug, _)| *bug).ok_or_else(|| de::Error::custom(format!("there is no bug `{id}`")))
    }
}

#[cfg(feature = "planted-bugs")]
static PLANTED: std::sync::OnceLock<Bug> = std::sync::OnceLock::new();

/// Plants `bug` for the rest of this process.
#[cfg(feature = "planted-bugs")]
pub(crate) fn plant(bug: Option<Bug>) {
    if let Some(bug) = bug {
        let _ = PLANTED.set(bug);
    }
}

/// Without the feature there is nothing to plant; the configuration was refused before.
#[cfg(not(feature = "planted-bugs"))]
pub(crate) fn plant(_bug: Option<Bug>) {}

/// Whether `bug` was planted.
#[cfg(feature = "planted-bugs")]
pub(crate) fn planted(bug: Bug) -> bool {
    PLANTED.get() == Some(&bug)
}

/// Never.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub(crate) const fn planted(_bug: Bug) -> bool {
    false
}

/// `right`, or `wrong` where `bug` was planted.
#[inline(always)]
pub(crate) fn spoilt<T>(right: T, bug: Bug, wrong: T) -> T {
    if planted(bug) { wrong } else { right }
}

/// The one that was planted.
#[cfg(feature = "planted-bugs")]
fn current() -> Option<Bug> {
    PLANTED.get().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_bug_names_a_check_and_a_scenario() {
        let bugs = planted_bugs();
        let ids: BTreeSet<&str> = bugs.iter().map(|bug| bug.id).collect();
        assert_eq!(ids.len(), bugs.len());
        for bug in bugs {
            assert!(!bug.checks.is_empty() && !bug.scenarios.is_empty(), "{}", bug.id);
            assert!(bug.does.ends_with('.'), "{}: {}", bug.id, bug.does);
        }
    }
}
