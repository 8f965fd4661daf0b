//! Which exchanges bear on what was found, and how they are shown.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use simulator::journal::Entry;

use super::{Exchange, Extent, Page};
use crate::recording::Recording;
use crate::report::redact::Redactor;
use crate::verdict::Finding;

/// Most exchanges of one story.
fn most(extent: Extent) -> usize {
    match extent {
        Extent::InQuestion => 120,
        Extent::All => 2_000,
    }
}

/// The exchanges of a passage that are shown, in order.
pub(super) fn shown(recording: &Recording, findings: &[Finding], extent: Extent, redactor: &Redactor) -> Vec<Exchange> {
    let names = names(recording);
    let mut wanted: BTreeSet<usize> = named(&names, findings);
    let walks: BTreeSet<(&str, &str)> = wanted.iter().filter_map(|i| walk(&recording.journal[*i])).collect();
    // What is told first is kept where there is too much.
    let tell = |i: usize, entry: &Entry| {
        let of_walk = walk(entry).is_some_and(|walk| walks.contains(&walk));
        let refused = entry.status.is_none_or(|status| status >= 400);
        [of_walk, entry.notes.effect.is_some(), refused || entry.fault.is_some(), names[i].ends_with("token #1"), true]
            .iter()
            .position(|told| *told)
    };
    let mut ranked: Vec<(Option<usize>, usize)> =
        recording.journal.iter().enumerate().map(|(i, entry)| (tell(i, entry), i)).collect();
    ranked.sort();
    for (_, index) in ranked {
        if wanted.len() >= most(extent) {
            break;
        }
        wanted.insert(index);
    }
    let mut numbers = BTreeMap::new();
    wanted.into_iter().map(|i| exchange(&names[i], &recording.journal[i], &mut numbers, redactor)).collect()
}

/// `miro.audit_log #3`: the how-manieth of its route each exchange is, as findings name it.
fn names(recording: &Recording) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(recording.journal.len());
    for Entry { route, .. } in &recording.journal {
        let so_far = counts.entry(route).or_default();
        *so_far += 1;
        names.push(format!("{route} #{so_far}"));
    }
    names
}

/// The exchanges that findings name.
fn named(names: &[String], findings: &[Finding]) -> BTreeSet<usize> {
    let by_name: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
    let pattern = Regex::new(r"[\w?]+\.[\w?]+ #\d+").expect("a constant pattern");
    let rows = findings.iter().flat_map(|f| f.evidence.iter().chain([&f.observed]));
    rows.flat_map(|row| pattern.find_iter(row)).filter_map(|found| by_name.get(found.as_str()).copied()).collect()
}

fn walk(entry: &Entry) -> Option<(&str, &str)> {
    entry.notes.page.as_ref().map(|page| (entry.app.as_str(), page.walk.as_str()))
}

fn exchange<'e>(
    name: &str,
    entry: &'e Entry,
    walks: &mut BTreeMap<(&'e str, &'e str), usize>,
    redactor: &Redactor,
) -> Exchange {
    let page = walk(entry).zip(entry.notes.page.as_ref()).map(|(walk, page)| {
        let next = walks.len() + 1;
        Page {
            walk: *walks.entry(walk).or_insert(next),
            number: page.number,
            records: page.served.len(),
            more: page.next.is_some(),
        }
    });
    let effect = entry.notes.effect.as_ref().map(|effect| {
        let outcome = if effect.done { "took effect" } else { "took no effect" };
        let object = effect.object.as_ref().map(|object| format!("{object} of ")).unwrap_or_default();
        format!("{} of {object}{}: {outcome}", effect.action, effect.target)
    });
    Exchange {
        name: name.to_owned(),
        at: entry.at.ms(),
        ended: entry.ended.ms(),
        method: entry.method.clone(),
        target: redactor.text(&entry.target),
        caller: entry.caller.clone(),
        status: entry.status,
        wait_s: entry.retry_after_s,
        body: entry.request_body.as_ref().map(|body| redactor.text(body)),
        fault: entry.fault.as_ref().map(|fault| format!("{} (line {})", fault.kind, fault.line)),
        reasons: entry.reasons.iter().map(|reason| redactor.text(reason)).collect(),
        page,
        effect,
    }
}
