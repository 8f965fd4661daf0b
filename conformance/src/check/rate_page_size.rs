//! `rate/page-size-stuck`.

use std::time::Duration;

use simulator::journal::Entry;
use simulator::scenario::{Begins, Lasts};
use simulator::time::SimTime;

use super::{Check, Judged};
use crate::observe::Facts;
use crate::observe::served::{is_the_stacks, succeeded};
use crate::observe::wording::few;
use crate::verdict::Finding;

/// The fault that refuses pages for their size.
const LARGE_PAGE: &str = "large_page";

/// So long after it was over a list should be asked for as before.
const SETTLED: Duration = Duration::from_secs(12 * 3_600);

/// A page size that came down and never goes up again.
pub(super) const CHECK: Check = Check {
    id: "rate/page-size-stuck",
    title: "pages that were too large once are asked for in small ones for ever",
    explanation: "\
Some vendors refuse a page because too much was asked for at once, where it would take them too long to gather: Graph says \
`Please reduce the amount of data you're asking for` (code 1). Whoever asks for half as much then does right. Here that \
was all: more than half a day after the vendor gave whole pages again (the scenario's fault `large_page` was over), every \
request to that list still asked for fewer records than were asked for before. Each read takes so many requests more, for \
ever, and where the size is halved with each refusal and kept, it ends at one record a page, or at none.

Not judged is a list that is not read again after that time, and a request that does not say how much it wants (`limit`).

Usual causes: the size is a field of the client that lives as long as the process; it is written into the settings; it is \
made larger again only after an answer that the walk never comes to.

Source: docs/src/faults.md, rate-degrade-page-size-stuck; seen in https://github.com/airbytehq/airbyte/issues/25383.",
    judged: Judged::Always,
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let bitten = facts.recording.faults.iter().filter(|fault| fault.kind == LARGE_PAGE && fault.bites > 0);
    bitten.filter_map(|fault| stuck(facts, fault.line)).collect()
}

fn stuck(facts: &Facts<'_>, line: u32) -> Option<Finding> {
    let mine = || facts.recording.journal.iter().filter(|e| is_the_stacks(e));
    let refused: Vec<&Entry> =
        mine().filter(|e| e.fault.as_ref().is_some_and(|f| f.kind == LARGE_PAGE && f.line == line)).collect();
    let last = refused.last()?;
    let wanted = refused.iter().filter_map(|e| limit(e)).max()?;
    let over = last.ended.max(end_of(facts, line).unwrap_or(last.ended));
    let later: Vec<(&Entry, u64)> = mine()
        .filter(|e| e.route == last.route && e.at >= over + SETTLED && succeeded(e, facts.declares))
        .filter_map(|e| Some((e, limit(e)?)))
        .collect();
    let most = later.iter().map(|(_, limit)| *limit).max().filter(|most| *most < wanted)?;
    let observed = format!(
        "{} request(s) from {} on, for {most} at most",
        later.len(),
        facts.spell(later.first().map_or(over, |(entry, _)| entry.at))
    );
    let expected =
        format!("{} is asked for {wanted} records a page again, as before {}", last.route, facts.spell(over));
    let rows = later.iter().map(|(entry, _)| facts.exchange_row(entry));
    Some(CHECK.fail(expected, observed).story([facts.written(line)]).evidence(few(rows)).line(line).done())
}

/// When a fault that lasts some time from a moment on is over.
fn end_of(facts: &Facts<'_>, line: u32) -> Option<SimTime> {
    let fault = facts.script.scenario.faults.iter().find(|fault| fault.at.line == line)?;
    match (fault.begins, fault.lasts) {
        (Begins::Time(at), Lasts::For(duration)) => Some(at + duration),
        _ => None,
    }
}

/// How many records a page is asked to hold.
fn limit(entry: &Entry) -> Option<u64> {
    let (_, query) = entry.target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("limit=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::observe::example::Example;

    const LIST: &str = "workplace.organization_members";

    /// Refused at 100 and given 25 in the night; then at these times so many are asked for.
    fn asked(later: &[(&str, &str)]) -> Example {
        let mut run = Example::hooked();
        let fault = run.fault("large_page", 1);
        let refused = run.exchange(LIST, "day 1 00:10", 500);
        (refused.target, refused.fault) =
            ("/community/organization_members?fields=id&limit=100".to_owned(), Some(fault));
        for (at, query) in [("day 1 00:11", "?fields=id&limit=25")].iter().chain(later) {
            run.exchange(LIST, at, 200).target = format!("/community/organization_members{query}");
        }
        run
    }

    #[test]
    fn whole_pages_after_half_a_day_pass() {
        asked(&[("day 1 12:30", "?limit=25"), ("day 1 13:00", "?limit=100")]).passes(&CHECK);
    }

    #[test]
    fn small_pages_for_ever_fail() {
        let finding = asked(&[("day 1 12:30", "?limit=25"), ("day 1 13:00", "?limit=50")]).fails(&CHECK);
        assert_eq!(finding.observed, "2 request(s) from day 1 12:30:00 on, for 50 at most");
        assert_eq!(finding.line, Some(12));
    }

    #[test]
    fn what_is_asked_sooner_or_without_a_size_is_not_judged() {
        asked(&[]).passes(&CHECK);
        asked(&[("day 1 11:00", "?limit=25")]).passes(&CHECK);
        asked(&[("day 1 13:00", "?fields=id")]).passes(&CHECK);
    }
}
