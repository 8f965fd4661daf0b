//! Every key that an expectation may carry changes some verdict: what can be written is judged.

use std::collections::BTreeSet;
use std::time::Duration;

use simulator::journal::Effect;
use simulator::scenario::AppIndex;

use super::ALL;
use crate::contract::sample;
use crate::observe::example::{ALICE, BOB, Example, TAKEOVER};
use crate::scenario::tables::keys_of;
use crate::scenario::{ActionWord, Expectation, Kind, Severity, What};

const SUSPEND: What = What::Action(ActionWord::Suspend);
const MIRO: AppIndex = AppIndex(0);
const ENTRA: AppIndex = AppIndex(1);
const MINUTES: Duration = Duration::from_secs(900);

/// One key of one kind of expectation: a run, the expectation without the key, and what writing it down adds.
struct Row {
    what: What,
    key: &'static str,
    run: fn() -> Example,
    without: fn(&mut Expectation),
    with: fn(&mut Expectation),
}

const fn row(what: What, key: &'static str, run: fn() -> Example, with: fn(&mut Expectation)) -> Row {
    Row { what, key, run, without: |_| {}, with }
}

/// Alice is attacked, alerted on and suspended; nothing is expected yet.
fn travel() -> Example {
    let mut run = Example::travel();
    run.script.expect.clear();
    run
}

/// Her alert is another.
fn alerted(at: &str, evidence: &[&str]) -> Example {
    let mut run = travel();
    run.recording.report.truncate(2);
    run.alert("a1", "impossible_travel", at, evidence, "alice");
    run
}

/// The alert cites nothing of the attack.
fn beside_the_attack() -> Example {
    alerted("day 1 10:00", &["e1"])
}

/// There is a second policy, which never fires.
fn two_policies() -> Example {
    let mut run = travel();
    run.policy("multiple_failed_logins", &["suspend"]);
    run
}

fn attacked_again(attack: &str) -> Example {
    let mut run = travel();
    run.record("e3", "day 1 14:00", "alice").attack = Some(attack.to_owned());
    run
}

fn alerted_again() -> Example {
    let mut run = attacked_again("takeover");
    run.alert("a2", "impossible_travel", "day 1 15:00", &["e3"], "alice");
    run
}

fn suspended_late() -> Example {
    let mut run = travel();
    run.recording.journal.retain(|e| e.notes.effect.is_none());
    run.call("day 1 12:00", "suspend", "alice");
    run
}

fn suspended_twice() -> Example {
    let mut run = travel();
    run.call("day 1 12:00", "suspend", "alice");
    run
}

fn reported_late() -> Example {
    let mut run = travel();
    run.recording.report.remove(1);
    run.event("e2", "day 1 15:00");
    run
}

fn in_trouble(told: &str, app: &str) -> Example {
    let mut run = Example::quiet();
    let fault = run.fault("error", 1);
    run.exchange("miro.audit_log", "day 1 10:00", 503).fault = Some(fault);
    run.status(told, "degraded", app, "gap");
    run
}

/// Alice uses Miro and is told to.
fn synced() -> Example {
    let mut run = Example::synced();
    run.usage("day 1 10:00", "alice", "day 1 09:00", true);
    run
}

/// Miro fails in the morning, Entra in the evening, and the contacts hear of it between.
fn wrote_late() -> Example {
    let mut run = synced();
    run.declares.usage.contacts = vec!["owners@contoso.example".to_owned()];
    for (route, at) in [("miro.audit_log", "day 1 08:00"), ("entra.users", "day 1 15:00")] {
        let fault = run.fault("error", 1);
        run.exchange(route, at, 503).fault = Some(fault);
    }
    let letter = run.exchange("entra.send_mail", "day 1 12:00", 202);
    let target = "owners@contoso.example".to_owned();
    letter.notes.effect =
        Some(Effect { action: "notify".to_owned(), target, object: None, policies: Vec::new(), done: true });
    run
}

/// One control is told as passed, another as failed.
fn scored() -> Example {
    let mut run = travel();
    for (control, status) in [("AdoptSso", 1), ("AdoptMfa", 3)] {
        let at = run.at("day 1 11:00");
        run.say("event", "day 1 11:00", &sample::posture(control, "entra", at, control, status));
    }
    run
}

fn of_miro(e: &mut Expectation) {
    e.app = Some(MIRO);
}

fn one_in_miro(e: &mut Expectation) {
    (e.app, e.users) = (Some(MIRO), Some(1));
}

fn soon(e: &mut Expectation) {
    e.within = Some(MINUTES);
}

fn named(e: &mut Expectation) {
    e.evidence = vec!["desk".to_owned(), "thief".to_owned()];
}

fn other_policy(e: &mut Expectation) {
    e.policy = Some("multiple_failed_logins".to_owned());
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let trouble_with_entra = || in_trouble("day 1 10:30", "entra");
    let told_late = || in_trouble("day 1 15:00", "miro");
    vec![
        row(What::Alert, "policy",   two_policies,      other_policy),
        row(What::Alert, "actor",    travel,            |e| e.actor = Some(BOB)),
        row(What::Alert, "attack",   beside_the_attack, |e| e.attack = Some(TAKEOVER)),
        row(What::Alert, "evidence", beside_the_attack, named),
        row(What::Alert, "severity", travel,            |e| e.severity = Some(Severity::Critical)),
        row(What::Alert, "app",      travel,            |e| e.app = Some(ENTRA)),
        Row { without: named, ..row(What::Alert, "within", || alerted("day 1 15:00", &["e1", "e2"]), soon) },
        row(What::Alert, "times",    travel,            |e| e.times = Some(2)),
        row(What::Alert, "at_most",  alerted_again,     |e| e.at_most = Some(1)),

        row(SUSPEND, "policy",  two_policies,      other_policy),
        row(SUSPEND, "actor",   travel,            |e| e.actor = Some(BOB)),
        row(SUSPEND, "attack",  beside_the_attack, |e| e.attack = Some(TAKEOVER)),
        row(SUSPEND, "target",  travel,            |e| e.target = Some(BOB)),
        row(SUSPEND, "object",  travel,            |e| e.object = Some("card_list".to_owned())),
        row(SUSPEND, "app",     travel,            |e| e.app = Some(MIRO)),
        row(SUSPEND, "within",  suspended_late,    soon),
        row(SUSPEND, "times",   travel,            |e| e.times = Some(2)),
        row(SUSPEND, "at_most", suspended_twice,   |e| e.at_most = Some(2)),

        Row { without: soon, ..row(What::Contain, "actor",  || attacked_again("takeover"), |e| e.actor = Some(BOB)) },
        Row { without: soon, ..row(What::Contain, "attack", || attacked_again("other"), |e| e.attack = Some(TAKEOVER)) },
        Row { without: soon, ..row(What::Contain, "target", || attacked_again("takeover"), |e| e.target = Some(BOB)) },
        Row { without: soon, ..row(What::Contain, "app",    || attacked_again("takeover"), |e| e.app = Some(ENTRA)) },
        Row { without: |e| e.target = Some(ALICE), ..row(What::Contain, "within", || attacked_again("takeover"), soon) },

        Row { without: soon, ..row(What::Ingest, "app",      reported_late, |e| e.app = Some(ENTRA)) },
        Row { without: soon, ..row(What::Ingest, "evidence", reported_late, |e| e.evidence = vec!["desk".to_owned()]) },
        row(What::Ingest, "within", reported_late, soon),

        row(What::ReportTrouble, "app",    trouble_with_entra, |e| e.app = Some(MIRO)),
        row(What::ReportTrouble, "within", told_late,          soon),
        row(What::ReportGap,     "app",    trouble_with_entra, |e| e.app = Some(MIRO)),
        row(What::ReportGap,     "within", told_late,          soon),

        Row { without: one_in_miro, ..row(What::Usage, "app", synced, |e| e.app = Some(ENTRA)) },
        Row { without: of_miro, ..row(What::Usage, "users",  synced, |e| e.users = Some(2)) },
        Row { without: of_miro, ..row(What::Usage, "active", synced, |e| e.active = Some(0)) },
        Row { without: |e| e.passed = Some(true), ..row(What::Score, "control", scored, |e| e.control = Some("AdoptMfa".to_owned())) },
        Row { without: |e| e.control = Some("AdoptSso".to_owned()), ..row(What::Score, "as", scored, |e| e.passed = Some(false)) },
        row(What::TellContacts, "app",    wrote_late, |e| e.app = Some(ENTRA)),
        row(What::TellContacts, "within", wrote_late, soon),
    ]
}

/// The ids of the checks that find something where this is owed.
fn found(row: &Row, fill: impl FnOnce(&mut Expectation)) -> Vec<String> {
    let mut run = (row.run)();
    run.expect(Kind::Must, row.what, |e| {
        (row.without)(e);
        fill(e);
    });
    let facts = run.facts();
    ALL.iter().flat_map(|check| (check.run)(&facts)).map(|finding| finding.check).collect()
}

#[test]
fn every_key_changes_some_verdict() {
    for row in rows() {
        let (without, with) = (found(&row, |_| {}), found(&row, row.with));
        assert_ne!(without, with, "`{}` of {}", row.key, row.what.name());
    }
}

#[test]
fn every_key_that_is_read_has_a_row() {
    let whats = What::PLAIN.map(|(what, _)| what).into_iter().chain([SUSPEND]);
    let read: BTreeSet<(&str, &str)> =
        whats.flat_map(|what| keys_of(what).iter().map(move |key| (what.name(), *key))).collect();
    assert_eq!(rows().iter().map(|row| (row.what.name(), row.key)).collect::<BTreeSet<_>>(), read);
}
