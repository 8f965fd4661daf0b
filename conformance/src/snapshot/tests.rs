//! Rendering, comparing, accepting and reviewing, from a small run to its files.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::observe::example::Example;
use crate::report::Paint;
use crate::verdict::{Finding, Verdict};

const ID: &str = "travel/example";
const STACK: &str = "reference";

/// Alice's journey, some background in both directions of day 1, a user list, a refusal and a fault.
fn run() -> Example {
    let mut run = Example::travel();
    run.recording.truth[0].line = Some(8);
    run.record("b1", "day -3 11:00", "bob");
    run.record("b2", "day -3 12:00", "bob");
    run.record("b3", "day 1 08:00", "alice").verb = "open".to_owned();
    run.poll("day 1 08:00", &["b1", "b2", "b3"]);
    run.event("b2", "day 1 08:00").event("b1", "day 1 08:00").event("b3", "day 1 08:00").event("b3", "day 1 09:00");
    let row = crate::contract::sample::user_row("m-alice", "alice@contoso.example", "miro", run.at("day 1 08:00"));
    run.say("event", "day 1 08:00", &row);
    let fault = run.fault("throttle", 1);
    let refused = run.exchange("miro.audit_log", "day 1 07:00", 429);
    (refused.fault, refused.retry_after_s) = (Some(fault), Some(60.0));
    run.exchange("miro.token", "day 1 07:30", 401);
    run
}

fn text(run: &Example, name: &str, clock: StackClock) -> String {
    let texts = Snapshots::render(&run.facts(), clock);
    texts.into_iter().find(|(n, _)| *n == name).map(|(_, text)| text).unwrap()
}

fn rendered() -> Vec<(&'static str, String)> {
    Snapshots::render(&run().facts(), StackClock::Virtual)
}

struct Kept {
    folder: TempDir,
    store: Store,
}

impl Kept {
    fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::new(folder.path().join("snapshots"));
        Self { folder, store }
    }

    fn accepted() -> Self {
        let kept = Self::empty();
        assert_eq!(kept.store.accept(ID, STACK, &rendered()).unwrap().len(), 4);
        kept
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("snapshots").join(ID).join(STACK).join(name)
    }

    /// Changes an accepted text as somebody might by hand.
    fn edit(&self, name: &str, from: &str, to: &str) -> String {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.path(name), text.replace(from, to)).unwrap();
        text
    }

    fn compare(&self, marker: &Marker) -> Vec<Finding> {
        self.store.compare(ID, STACK, &rendered(), marker)
    }

    fn review(&self, answers: &str) -> (Reviewed, String) {
        let mut output = Vec::new();
        let reviewed = review(
            answers.as_bytes(),
            &mut output,
            self.store.root(),
            &[],
            Look { paint: Paint::Plain, columns: None },
        )
        .unwrap();
        (reviewed, String::from_utf8(output).unwrap())
    }
}

fn partial() -> Marker {
    Marker::Partial { why: "its checks failed: alert/missing".to_owned() }
}

#[test]
fn events_are_rows_of_the_script_and_counts_of_the_crowd() {
    insta::assert_snapshot!(text(&run(), "events", StackClock::Virtual), @"
    script
      day 1 09:00:00  miro.audit_log  alice  sign_in  success  #desk
      day 1 09:40:00  miro.audit_log  alice  sign_in  success  #thief

    background
      day -3  miro.audit_log  2  sha256 60f7d20526ca
      day 1  miro.audit_log  1  sha256 0a41c68fa4ff

    users
      miro.members  1  sha256 369aaabe6bb6
    ");
}

#[test]
fn an_alert_says_what_it_rests_on() {
    let mut run = run();
    let mut body =
        crate::contract::sample::alert("a1", "impossible_travel", run.at("day 1 10:00"), &["b3"], ("dir-alice", ""), 4);
    body["activity_id"] = 2.into();
    body["type_uid"] = 200_402.into();
    body["unmapped"] =
        serde_json::json!({"tenant_uid": "miro", "distance_km": 1263.4, "speed_kmh": 1894.6, "count": 2});
    run.say("alert", "day 1 10:00", &body);
    run.alert("a2", "impossible_travel", "day 1 10:00", &["gone"], "bob");
    insta::assert_snapshot!(text(&run, "alerts", StackClock::Virtual), @"
    impossible_travel  bob  high
      cites unknown gone

    impossible_travel  alice  high
      from day 1 08:00:00 to day 1 09:40:00
      cites miro day 1 08:00:00 open
      cites miro #desk
      cites miro #thief
      distance_km 1263  speed_kmh 1895  count 2
    ");
}

#[test]
fn deeds_are_rows_with_their_times() {
    insta::assert_snapshot!(text(&run(), "governance", StackClock::Virtual), @"day 1 10:00:00  entra  suspend  alice  done");
}

#[test]
fn traffic_is_counted_by_day_and_route_and_trouble_is_told_one_by_one() {
    insta::assert_snapshot!(text(&run(), "traffic", StackClock::Virtual), @"
    requests
      day 1  entra.sign_ins  GET  6 request(s)  200 x6
      day 1  entra.update_user  GET  1 request(s)  204 x1
      day 1  miro.audit_log  GET  10 request(s)  200 x9, 429 x1  9 page(s) with 5 record(s)
      day 1  miro.token  GET  1 request(s)  401 x1

    refused or faulted
      day 1 07:00:00  miro.audit_log  GET  429  fault throttle  wait 60 s
      day 1 07:30:00  miro.token  GET  401
    ");
}

#[test]
fn under_the_machines_clock_nothing_depends_on_when_it_was_done() {
    let mut run = run();
    run.recording.started = run.at("day 1 09:30");
    let texts = Snapshots::render(&run.facts(), StackClock::Wall);
    assert!(texts.iter().all(|(name, _)| *name != "traffic"));
    assert_eq!(text(&run, "governance", StackClock::Wall), "entra  suspend  alice  done");
    insta::assert_snapshot!(text(&run, "events", StackClock::Wall), @"
    script
      day 1 09:00:00  miro.audit_log  alice  sign_in  success  #desk
    ");
}

#[test]
fn a_quiet_run_says_that_nothing_was_found_or_done() {
    let run = Example::quiet();
    assert_eq!(text(&run, "alerts", StackClock::Virtual), "no alerts");
    assert_eq!(text(&run, "governance", StackClock::Virtual), "nothing was done");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_order_of_arrival_changes_nothing(
        report in Just((0..9_usize).collect::<Vec<_>>()).prop_shuffle(),
        journal in Just((0..18_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (usual, mut other) = (run(), run());
        prop_assert_eq!((report.len(), journal.len()), (usual.recording.report.len(), usual.recording.journal.len()));
        other.recording.report = report.iter().map(|i| usual.recording.report[*i].clone()).collect();
        other.recording.journal = journal.iter().map(|i| usual.recording.journal[*i].clone()).collect();
        let texts = |run: &Example| Snapshots::render(&run.facts(), StackClock::Virtual);
        prop_assert_eq!(texts(&usual), texts(&other));
    }
}

/// What a run's first and second look would differ in if the order of arrival showed: three tasks ask at one instant, the
/// walk is left, a limit is ignored, the process ends.
fn failing() -> Example {
    let mut run = Example::travel();
    run.recording.end = crate::recording::End::Crashed { code: Some(1) };
    run.record("e3", "day 1 10:30", "bob");
    run.page("day 1 11:00", 1, None, Some("c2"), &["e2"]);
    run.exchange("miro.audit_log", "day 1 11:00", 429).retry_after_s = Some(60.0);
    for route in ["miro.members", "entra.sign_ins", "entra.token", "miro.audit_log", "miro.members", "entra.token"] {
        run.exchange(route, "day 1 11:00", 401);
        run.exchange(route, "day 1 11:00:20", 401);
    }
    run.call("day 1 11:00", "suspend", "bob");
    run.call("day 1 11:00", "suspend", "bob");
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_found_is_the_same_whichever_task_came_first(
        order in Just((0..64_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let told = |mut run: Example| {
            run.recording.sort_journal();
            let judgement = crate::judge::judge(&run.facts(), None);
            (judgement.findings, Snapshots::render(&run.facts(), StackClock::Virtual))
        };
        let mut other = failing();
        // The requests of one route keep their order, those of different routes of one instant do not.
        let rank = |route: &str| order[route.bytes().map(usize::from).sum::<usize>() % order.len()];
        other.recording.journal.sort_by_key(|e| (e.at, rank(&e.route)));
        (1..).zip(&mut other.recording.journal).for_each(|(seq, entry)| entry.seq = seq);
        let (usual, other) = (told(failing()), told(other));
        prop_assert!(usual.0.iter().filter(|f| f.evidence.iter().any(|row| row.contains(" #"))).count() >= 3, "{:#?}", usual.0);
        prop_assert_eq!(usual, other);
    }
}

#[test]
fn what_was_accepted_compares_equal_and_accepting_it_again_changes_no_file() {
    let kept = Kept::accepted();
    assert_eq!(kept.compare(&Marker::Complete), Vec::new());
    assert_eq!(kept.store.accept(ID, STACK, &rendered()).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn nothing_accepted_yet_is_one_finding_that_names_every_file() {
    let kept = Kept::empty();
    let findings = kept.compare(&Marker::Complete);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].check.as_str(), findings[0].verdict), ("snapshot/missing", Verdict::Fail));
    assert_eq!(findings[0].evidence.len(), 4);
    assert_eq!(findings[0].evidence[0], "snapshots/travel/example/reference/events.snap");
    assert!(kept.path("alerts.snap.new").exists());
}

#[test]
fn an_edited_text_is_different_and_both_lines_are_shown() {
    let kept = Kept::accepted();
    kept.edit("alerts.snap", "impossible_travel", "impossible_trouble");
    let findings = kept.compare(&Marker::Complete);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].check, "snapshot/different");
    let lines = findings[0].evidence.join("\n");
    assert!(lines.contains("\n-impossible_trouble  alice") && lines.contains("\n+impossible_travel  alice"), "{lines}");
    assert_eq!(findings[0].observed, "1 line(s) gone, 1 new");
    assert!(kept.path("alerts.snap.new").exists());
}

#[test]
fn a_pending_text_goes_away_when_the_run_agrees_again() {
    let kept = Kept::accepted();
    let before = kept.edit("alerts.snap", "alice", "nobody");
    assert_eq!(kept.compare(&Marker::Complete).len(), 1);
    fs::write(kept.path("alerts.snap"), before).unwrap();
    assert_eq!(kept.compare(&Marker::Complete), Vec::new());
    assert!(!kept.path("alerts.snap.new").exists());
}

#[test]
fn a_file_that_is_no_snapshot_is_different_and_not_an_error() {
    let kept = Kept::accepted();
    fs::write(kept.path("alerts.snap"), "---\n\"\n---\n").unwrap();
    let findings = kept.compare(&Marker::Complete);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].observed.starts_with("it cannot be read"), "{findings:#?}");
}

#[test]
fn a_text_that_no_run_has_any_more_is_orphaned_until_the_next_accept() {
    let kept = Kept::accepted();
    fs::copy(kept.path("alerts.snap"), kept.path("scores.snap")).unwrap();
    let findings = kept.compare(&Marker::Complete);
    assert_eq!(findings.iter().map(|f| f.check.as_str()).collect::<Vec<_>>(), ["snapshot/orphaned"]);
    kept.store.accept(ID, STACK, &rendered()).unwrap();
    assert!(!kept.path("scores.snap").exists());
}

#[test]
fn orphans_are_texts_without_a_scenario_and_only_a_whole_run_can_tell() {
    let kept = Kept::accepted();
    let orphans = |known: &[(&str, &str)], scope| {
        let known: Vec<_> = known.iter().map(|(id, stack)| ((*id).to_owned(), (*stack).to_owned())).collect();
        kept.store.orphans(&known, &["reference".to_owned()], scope).len()
    };
    #[rustfmt::skip]
    let cases = [
        ("known",                            (ID, "reference"),      Scope::Whole, 0),
        ("no such scenario",                 ("a/b", "reference"),   Scope::Whole, 1),
        ("not all were run",                 ("a/b", "reference"),   Scope::Part,  0),
        ("never run with this stack",        (ID, "other"),          Scope::Whole, 1),
    ];
    for (name, known, scope, expected) in cases {
        assert_eq!(orphans(&[known], scope), expected, "{name}");
    }
    fs::rename(kept.path(""), kept.path("../other")).unwrap();
    assert_eq!(orphans(&[(ID, "reference")], Scope::Whole), 0, "another stack's texts are its own business");
}

#[test]
fn review_shows_the_difference_and_accepts_what_the_run_had() {
    let kept = Kept::accepted();
    let before = kept.edit("alerts.snap", "impossible_travel", "impossible_trouble");
    kept.compare(&Marker::Complete);
    let (reviewed, output) = kept.review("what\na\n");
    assert_eq!(reviewed, Reviewed { accepted: 1, ..Reviewed::default() });
    insta::assert_snapshot!(output, @"
    snapshots/travel/example/reference/alerts.snap (1 of 1)
    --- accepted
    +++ this run
    @@ -1,4 +1,4 @@
    -impossible_trouble  alice  high
    +impossible_travel  alice  high
       from day 1 09:00:00 to day 1 09:40:00
       cites miro #desk
       cites miro #thief
    (a)ccept, (r)eject, (s)kip, (q)uit; (A)ccept or (R)eject every alerts that is left? `what` is none of a, r, s, q, A, R
    (a)ccept, (r)eject, (s)kip, (q)uit; (A)ccept or (R)eject every alerts that is left? 
    1 accepted, 0 rejected, 0 skipped, 0 refused
    ");
    assert_eq!(fs::read_to_string(kept.path("alerts.snap")).unwrap(), before);
    assert!(!kept.path("alerts.snap.new").exists());
}

#[test]
fn review_rejects_skips_and_leaves_the_rest_when_the_input_ends() {
    let kept = Kept::empty();
    kept.compare(&Marker::Complete);
    let (reviewed, _) = kept.review("r\ns\n");
    assert_eq!(reviewed, Reviewed { rejected: 1, skipped: 3, ..Reviewed::default() });
    assert!(!kept.path("alerts.snap.new").exists() && !kept.path("alerts.snap").exists());
    assert!(kept.path("events.snap.new").exists());
}

#[test]
fn review_decides_about_a_whole_kind_at_once() {
    let kept = Kept::empty();
    for scenario in ["travel/one", "travel/two"] {
        kept.store.compare(scenario, STACK, &rendered(), &Marker::Complete);
    }
    // Of four kinds two are decided for both scenarios, and the others left for later.
    let (reviewed, _) = kept.review("A\nR\n");
    assert_eq!(reviewed, Reviewed { accepted: 2, rejected: 2, skipped: 4, ..Reviewed::default() });
}

#[test]
fn review_refuses_texts_of_a_failed_run_and_says_why() {
    let kept = Kept::accepted();
    let before = kept.edit("alerts.snap", "alice", "nobody");
    kept.compare(&partial());
    let (reviewed, output) = kept.review("a\n");
    assert_eq!(reviewed, Reviewed { refused: 1, ..Reviewed::default() });
    assert!(output.contains("refused: its checks failed: alert/missing"), "{output}");
    assert_eq!(fs::read_to_string(kept.path("alerts.snap")).unwrap(), before.replace("alice", "nobody"));
}

#[test]
fn every_page_explains_and_cites_a_source() {
    for (id, title, explanation) in CHECKS {
        assert!(explanation.len() > 200 && !title.is_empty(), "{id}");
        assert!(explanation.lines().last().unwrap().starts_with("Source: "), "{id}");
    }
}
