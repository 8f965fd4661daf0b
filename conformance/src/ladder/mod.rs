//! The ladder: four cases for each log of each vendor, in the order in which connectors learn to walk.
//!
//! | rung | asks |
//! |---|---|
//! | any data | one record is there: does it arrive? |
//! | the right count | a few records on one page: each once? |
//! | pages and stops | full pages, ties at their edges, a full last page: all of them, and an end? |
//! | carried on | the process is stopped and started again: nothing lost, nothing read twice? |
//!
//! The cases are ordinary scenarios, written here rather than lying in a folder because they are the same for every log.
//!
//! # Sources
//! The levels that maintainers of connectors ask tests for: <https://github.com/elastic/integrations/issues/13453>.

mod table;

use std::collections::BTreeSet;
use std::path::Path;

use simulator::protocol::feed::Feed;
use simulator::scenario::table::Need;
use simulator::scenario::tables::verb_keys;
use simulator::scenario::{AppIndex, Vendor, Verb};
use simulator::timeline::Timeline;
use simulator::vendors::{self, VendorSpec};
use simulator::world::World;

use crate::scenario::read_text;

pub use table::table;

/// A step of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// One record arrives.
    AnyData,
    /// Each of a few records arrives once.
    RightCount,
    /// Several pages are walked to their end.
    PagesAndStops,
    /// Another process goes on where the first one ended.
    CarriedOn,
}

impl Rung {
    /// Lowest first.
    pub const ALL: [Self; 4] = [Self::AnyData, Self::RightCount, Self::PagesAndStops, Self::CarriedOn];

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AnyData => "any data",
            Self::RightCount => "the right count",
            Self::PagesAndStops => "pages and stops",
            Self::CarriedOn => "carried on",
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::AnyData => "1-any-data",
            Self::RightCount => "2-the-right-count",
            Self::PagesAndStops => "3-pages-and-stops",
            Self::CarriedOn => "4-carried-on",
        }
    }
}

/// One case: a rung of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Whose log.
    pub vendor: Vendor,
    /// Which.
    pub log: &'static str,
    /// How high.
    pub rung: Rung,
    /// The scenario.
    pub text: String,
}

impl Case {
    /// The capability of a stack that reads the log: `miro.audit_log`.
    pub fn log_name(&self) -> String {
        format!("{}.{}", self.vendor.name(), self.log)
    }

    /// Id of the scenario, and its path without the ending: `ladder/miro/audit_log/1-any-data`.
    pub fn id(&self) -> String {
        format!("ladder/{}/{}/{}", self.vendor.name(), self.log, self.rung.file_name())
    }
}

/// Every case of every log for which a verb can be found that leaves a record there.
pub fn cases() -> Vec<Case> {
    let logs = vendors::all().into_iter().flat_map(|spec| logs(spec).map(move |feed| (spec, feed)));
    let written = logs.filter_map(|(spec, feed)| verb(spec, feed).map(|verb| (spec, feed, verb)));
    written.flat_map(|(spec, feed, verb)| Rung::ALL.map(|rung| case(spec, feed, verb, rung))).collect()
}

/// The logs of a vendor. One that is served in two ways (GitHub's, by cursors or by numbers) is one log.
fn logs(spec: &VendorSpec) -> impl Iterator<Item = &Feed> {
    let first = |place: usize, feed: &Feed| spec.feeds[..place].iter().all(|other| other.name != feed.name);
    spec.feeds.iter().enumerate().filter(move |(place, feed)| first(*place, feed)).map(|(_, feed)| feed)
}

/// The first verb that takes no key of its own and leaves a record in this log.
fn verb(spec: &VendorSpec, feed: &Feed) -> Option<Verb> {
    plain_verbs().filter(|verb| (stage(spec).logs)(*verb)).find(|verb| leaves_a_record(spec, feed, *verb))
}

/// The verbs that take no key of their own.
fn plain_verbs() -> impl Iterator<Item = Verb> {
    let plain = |verb: &Verb| verb_keys(*verb).iter().all(|(_, need)| *need == Need::Optional);
    Verb::WRITABLE.iter().map(|(verb, _)| *verb).filter(plain)
}

/// The directory of every case, where people sign in once for all apps.
fn directory() -> Vendor {
    Vendor::ALL.into_iter().find(|vendor| vendor.is_directory()).expect("one of the vendors is a directory")
}

/// Where something happens that a vendor logs: with the vendor itself, or, for one that watches others, with the first app
/// that logs anything.
fn stage(spec: &VendorSpec) -> &VendorSpec {
    let logs_its_own = |spec: &VendorSpec| plain_verbs().any(spec.logs);
    let watched = || vendors::all().into_iter().find(|other| !other.vendor.is_directory() && logs_its_own(other));
    if logs_its_own(spec) { spec } else { watched().unwrap_or(spec) }
}

fn leaves_a_record(spec: &VendorSpec, feed: &Feed, verb: Verb) -> bool {
    let case = case(spec, feed, verb, Rung::AnyData);
    let Ok(script) = read_text(&case.id(), Path::new("case.yaml"), &case.text) else { return false };
    let Ok(world) = World::build(&script.scenario) else { return false };
    let records = Timeline::uncontained(&script.scenario, &world).into_iter().flat_map(|(_, records)| records);
    let here = |app: AppIndex| script.scenario.apps[app.0].vendor == spec.vendor;
    records.into_iter().any(|record| record.log.feed == feed.name && here(record.log.app))
}

fn case(spec: &VendorSpec, feed: &Feed, verb: Verb, rung: Rung) -> Case {
    let (app, stage, verb) = (spec.vendor.name(), stage(spec).vendor.name(), verb.name());
    let line =
        |at: &str, more: &str| format!("  - {{ at: day 1 {at}, actor: ann, does: {verb}, app: {stage}{more} }}\n");
    let (script, faults) = match rung {
        Rung::AnyData => (line("09:00", ""), ""),
        Rung::RightCount => (line("09:00", ", times: 7, over: 30m"), ""),
        // Five full pages; ten records share an instant, so that an edge falls among them whichever way it is walked.
        Rung::PagesAndStops => (
            line("09:00", ", times: 8, over: 7m")
                + &line("09:10", ", times: 10, over: 0s")
                + &line("09:20", ", times: 7, over: 9m"),
            "",
        ),
        Rung::CarriedOn => (
            line("09:00", ", times: 4, over: 30m")
                + &line("12:02", ", times: 4, over: 6m")
                + &line("14:00", ", times: 4, over: 30m"),
            "faults:\n  - { at: day 1 12:00, fault: stop, restart_after: 10m }\n",
        ),
    };
    // No people beside Ann: what is counted is what is written.
    let small = if rung == Rung::PagesAndStops { "{ page_size: 5 }" } else { "{}" };
    // The log's own app is named once, and last.
    let others: BTreeSet<&str> = [directory().name(), stage].into_iter().filter(|other| *other != app).collect();
    let others: String = others.into_iter().map(|other| format!("{other}: {{}}, ")).collect();
    let apps = format!("{{ {others}{app}: {small} }}");
    let text = format!(
        "title: {}, {}, {}\nsource: [https://github.com/elastic/integrations/issues/13453]\nhistory: 1d\npeople: 0\napps: {apps}\n\
         cast: {{ ann: {{}} }}\nscript:\n{script}{faults}expect:\n  - {{ must: ingest, app: {app} }}\n",
        spec.title,
        feed.name,
        rung.title(),
    );
    Case { vendor: spec.vendor, log: feed.name, rung, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_a_scenario_that_the_language_allows() {
        for case in cases() {
            let read = read_text(&case.id(), Path::new("case.yaml"), &case.text);
            assert!(read.is_ok(), "{}: {}\n{}", case.id(), read.unwrap_err(), case.text);
        }
    }

    #[test]
    fn every_log_has_its_four_rungs() {
        let cases = cases();
        let logs: BTreeSet<_> = cases.iter().map(|case| (case.vendor, case.log)).collect();
        let declared =
            vendors::all().into_iter().flat_map(|spec| spec.feeds.iter().map(move |f| (spec.vendor, f.name)));
        assert_eq!(logs, declared.collect());
        assert_eq!(cases.len(), 4 * logs.len());
    }
}
