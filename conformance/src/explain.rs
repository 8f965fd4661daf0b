//! `conformance explain`: what a check means, and where that is written.

use crate::check::ALL;
use crate::judge::{CONTROL_FAILED, CONTROL_PAGE};
use crate::runner::outcome::{HARNESS_ERROR, HARNESS_PAGE};
use crate::snapshot;
use crate::stack::known::{STALE, STALE_PAGE};

/// A page of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Id of the check.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// The page.
    pub text: &'static str,
}

/// Every check there is, in the order in which findings are shown.
pub fn pages() -> Vec<Page> {
    let checks = ALL.iter().map(|check| Page { id: check.id, title: check.title, text: check.explanation });
    let control = Page { id: CONTROL_FAILED, title: "the same story without its faults failed", text: CONTROL_PAGE };
    let snapshots = snapshot::CHECKS.iter().map(|(id, title, text)| Page { id, title, text });
    let known = Page { id: STALE, title: "an entry of known.yaml that hides no failure any more", text: STALE_PAGE };
    let harness = Page { id: HARNESS_ERROR, title: "the scenario could not be played", text: HARNESS_PAGE };
    checks.chain([control]).chain(snapshots).chain([known, harness]).collect()
}

/// The page of a check; without one, the nearest id there is.
pub fn explain(id: &str) -> Result<String, Option<&'static str>> {
    let pages = pages();
    match pages.iter().find(|page| page.id == id) {
        Some(page) => Ok(format!("{}: {}\n\n{}\n", page.id, page.title, page.text)),
        None => Err(simulator::scenario::suggest::nearest(id, pages.iter().map(|page| page.id))),
    }
}

/// Every id with its title, a line each.
pub fn listing() -> String {
    pages().iter().map(|page| format!("{:<30} {}\n", page.id, page.title)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_by_its_id() {
        for page in pages() {
            assert!(
                explain(page.id).is_ok_and(|text| text.starts_with(page.id) && text.contains("Source")),
                "{}",
                page.id
            );
        }
    }

    #[test]
    fn a_near_miss_is_told() {
        assert_eq!(explain("ingest/lost-evnt"), Err(Some("ingest/lost-event")));
    }
}
