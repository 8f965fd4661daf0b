//! Ways of the reference stack that are as right as its own, and must not be blamed.

/// A right way.
#[derive(Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name.
    pub id: &'static str,
    /// What it does otherwise, in one sentence.
    pub does: &'static str,
    /// How it comes to do so.
    pub changes: &'static [Change],
    /// Whether the process is stopped and started again throughout each scenario.
    pub restarts: Restarts,
    /// What it is tried in.
    pub scenarios: Scenarios,
}

/// A change of the reference stack's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Lines added to its configuration.
    Config(&'static str),
    /// The bug that is planted in it.
    Bug(&'static str),
    /// Another value of what it declares, and is configured by.
    Declares(&'static str, &'static str),
}

/// Whether a process is stopped and started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restarts {
    /// Only where a scenario says so.
    AsWritten,
    /// After each poll as well.
    AfterEachPoll,
}

/// What a variant is tried in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenarios {
    /// Every scenario in which a bug is looked for: what is held against a bug must not be held against the stack itself.
    OfAllBugs,
    /// These.
    Some(&'static [&'static str]),
}

/// A little of everything, and quick.
const MIXED: Scenarios = Scenarios::Some(&[
    "travel/london-madrid-84m",
    "paging/ties-at-a-page-boundary",
    "paging/newest-first-with-ties",
    "faults/rate/429-as-end",
    "process/killed-and-restarted",
    "governance/answer-lost",
    "webhooks/delivered-twice",
    "logins/eleven-in-five-minutes",
    "tenants/two-github-organisations",
]);

/// The same without what only somebody meets who asks more often than every few hours.
const SELDOM: Scenarios = Scenarios::Some(&[
    "travel/london-madrid-84m",
    "paging/ties-at-a-page-boundary",
    "paging/newest-first-with-ties",
    "governance/answer-lost",
    "webhooks/delivered-twice",
    "logins/eleven-in-five-minutes",
    "tenants/two-github-organisations",
]);

/// Where what is asked for and how much of it matters.
const PAGES: Scenarios = Scenarios::Some(&[
    "travel/london-madrid-84m",
    "paging/ties-at-a-page-boundary",
    "paging/github-ties-at-a-page-boundary",
    "paging/records-arrive-in-mid-walk",
    "paging/empty-page-with-a-cursor",
    "tenants/github-renamed",
]);

/// Where there are no long stretches of time.
const SHORT: Scenarios = Scenarios::Some(&[
    "travel/london-madrid-84m",
    "travel/older-shown-last",
    "tokens/rotated-then-killed",
    "governance/directory-busy",
    "webhooks/killed-after-the-acknowledgement",
]);

/// Where the log has a webhook beside it.
const HINTED: Scenarios = Scenarios::Some(&[
    "travel/miro-then-github-older-shown-last",
    "paging/github-ties-at-a-page-boundary",
    "tenants/two-github-organisations",
    "tenants/github-renamed",
    "governance/github-member-removed",
    "limits/github-primary",
    "faults/rate/github-primary",
]);

const fn variant(id: &'static str, does: &'static str, changes: &'static [Change], scenarios: Scenarios) -> Variant {
    Variant { id, does, changes, restarts: Restarts::AsWritten, scenarios }
}

/// All of them.
pub const ALL: &[Variant] = &[
    variant("as-it-is", "Nothing: the stack itself.", &[], Scenarios::OfAllBugs),
    variant("page-size-one", "Records are asked for one by one.", &[Change::Config("habits: { page_size: 1 }")], PAGES),
    variant(
        "page-size-most",
        "As many records are asked for as a page may hold.",
        &[Change::Config("habits: { page_size: 1000000 }")],
        PAGES,
    ),
    variant(
        "newest-first",
        "Logs are read from their newest end, where one may choose.",
        &[Change::Config("habits: { order: newest_first }")],
        PAGES,
    ),
    variant("every-minute", "Apps are polled every minute.", &[Change::Declares("poll_every", "1m")], SHORT),
    variant("every-quarter", "Apps are polled every fifteen minutes.", &[Change::Declares("poll_every", "15m")], MIXED),
    variant(
        "every-six-hours",
        "Apps are polled every six hours.",
        &[Change::Declares("poll_every", "6h"), Change::Declares("health", "{ within: 13h }")],
        SELDOM,
    ),
    variant("a-day-back", "Each poll looks a day back.", &[Change::Declares("look_back", "24h")], MIXED),
    variant(
        "at-least-once",
        "Each event is reported twice, both lines the same, and that is declared.",
        &[Change::Declares("delivery", "at_least_once"), Change::Config("habits: { delivery: at_least_once }")],
        MIXED,
    ),
    variant(
        "one-by-one",
        "Apps are polled one after the other.",
        &[Change::Config("habits: { polls: one_by_one }")],
        MIXED,
    ),
    variant(
        "patient",
        "What passes is waited for longer, and asked for less often.",
        &[Change::Config("habits: { patience: { attempts: 6, first: 10s, longest: 5m } }")],
        MIXED,
    ),
    variant(
        "eager",
        "What passes is asked for again after a second, four times.",
        &[Change::Config("habits: { patience: { attempts: 5, first: 1s, longest: 1s } }")],
        SHORT,
    ),
    variant(
        "slow-to-give-up",
        "An answer is awaited for two minutes.",
        &[Change::Declares("request_timeout", "2m")],
        SHORT,
    ),
    variant(
        "webhook-plus-pull",
        "GitHub's webhook says that there is something to read, and the log is read soon, beside the polls.",
        &[Change::Config("habits: { hints: webhook }")],
        HINTED,
    ),
    Variant {
        id: "restarted",
        does: "The process is stopped and started again after every other poll.",
        changes: &[],
        restarts: Restarts::AfterEachPoll,
        scenarios: MIXED,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_a_dozen_and_each_has_a_name_of_its_own() {
        let ids: BTreeSet<&str> = ALL.iter().map(|variant| variant.id).collect();
        assert!(ids.len() == ALL.len() && ids.len() > 12);
    }
}
