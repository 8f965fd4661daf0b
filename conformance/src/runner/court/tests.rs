//! What becomes of results beside what is known and what was accepted.

use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::observe::example::Example;
use crate::recording::End;

/// A house with snapshots and scenarios, and a stack whose known failures are these.
struct House {
    folder: TempDir,
    known: &'static str,
}

const KNOWN: &str =
    "- { scenario: travel/example, check: live/crashed, reason: restarts are on their way, until: 2999-01-01 }\n";

impl House {
    fn new(known: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["snapshots", "scenarios/travel", "stack"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("stack/known.yaml"), known).unwrap();
        Self { folder, known }
    }

    fn court(&self, run: &Example) -> Court {
        let known = Known::read(&self.folder.path().join("stack")).unwrap();
        assert_eq!(known == Known::default(), self.known.is_empty());
        Court::again("mine".to_owned(), run.declares.clone(), known, Some(self.folder.path().join("snapshots")))
    }

    /// What is found in a run that is concluded so, the whole folder of scenarios asked for.
    fn conclude(&self, run: &Example, keep: Keep) -> (Vec<String>, Vec<Finding>) {
        let court = self.court(run);
        let settled = court.settle(&passage(run));
        let planned = Planned::of(&run.script, None);
        let asked = [self.folder.path().join("scenarios")];
        let (scenarios, findings) = court.conclude(vec![(planned, settled, 0)], Some(&asked), keep).unwrap();
        (scenarios[0].judgement.findings.iter().map(|f| f.check.clone()).collect(), findings)
    }

    fn snapshots(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("snapshots")).unwrap().count()
    }
}

fn passage(run: &Example) -> Passage {
    Passage { script: run.script.clone(), recording: run.recording.clone(), control: None }
}

/// The example, by a stack that claims nothing it does not show.
fn example() -> Example {
    let mut run = Example::travel();
    run.declares.capabilities.retain(|claimed| !claimed.ends_with(".oauth") && claimed != "entra.sign_ins");
    run
}

fn crashed() -> Example {
    let mut run = example();
    run.recording.end = End::Crashed { code: Some(1) };
    run
}

#[test]
fn results_of_another_seed_are_neither_compared_nor_proposed() {
    let house = House::new("");
    assert_eq!(house.conclude(&example(), Keep::unaccepted(Some(7))), (Vec::new(), Vec::new()));
    assert_eq!(house.snapshots(), 0, "nothing is left to review");
    assert_eq!(house.conclude(&example(), Keep::unaccepted(None)).0, ["snapshot/missing"]);
}

#[test]
fn a_known_failure_is_part_of_what_is_accepted() {
    let house = House::new(KNOWN);
    assert_eq!(house.conclude(&crashed(), Keep::Accept).0, Vec::<String>::new());
    assert_eq!(house.conclude(&crashed(), Keep::Compare).0, Vec::<String>::new());
    assert_eq!(house.conclude(&example(), Keep::Compare).0, ["known/stale"]);
}

#[test]
fn a_failure_that_is_not_known_is_not_accepted() {
    let house = House::new("");
    assert_eq!(house.conclude(&crashed(), Keep::Accept).0, ["live/crashed", "snapshot/missing"]);
}

#[test]
fn a_skipped_scenario_has_no_results() {
    let house = House::new("");
    let mut run = example();
    run.scenario().policies[0].parameters.insert("speed".to_owned(), 900.into());
    let own = [("speed".to_owned(), 800.into())].into();
    run.declares
        .policies
        .insert("impossible_travel".to_owned(), crate::contract::DeclaredPolicy { ids: Vec::new(), parameters: own });
    assert_eq!(house.conclude(&run, Keep::Accept), (Vec::new(), Vec::new()));
    assert_eq!(house.snapshots(), 0);
}

#[test]
fn an_entry_about_a_scenario_that_is_gone_is_stale_where_all_were_run() {
    let house = House::new("- { scenario: late/gone, check: live/crashed, reason: it was so, until: 2999-01-01 }\n");
    let run = example();
    let (_, findings) = house.conclude(&run, Keep::Accept);
    assert_eq!(findings.iter().map(|f| f.check.as_str()).collect::<Vec<_>>(), ["known/stale"]);
    let court = house.court(&run);
    let (_, findings) = court.conclude(Vec::new(), None, Keep::Compare).unwrap();
    assert_eq!(findings, Vec::new());
    assert!(wall_now().civil().date() < date(2999, 1, 1));
}

#[test]
fn only_a_run_of_all_that_lies_beside_the_snapshots_can_call_a_snapshot_orphaned() {
    let house = House::new("");
    let court = house.court(&example());
    let at = |below: &str| house.folder.path().join(below);
    std::fs::create_dir_all(at("elsewhere/scenarios")).unwrap();
    assert!(court.covers_all(&[at("scenarios")]) && court.covers_all(&[at("")]));
    assert!(!court.covers_all(&[at("scenarios/travel")]));
    assert!(!court.covers_all(&[at("elsewhere/scenarios")]));
}

#[test]
fn findings_name_what_differs_between_two_runs() {
    let mut run = example();
    run.recording.whereabouts.ports.insert("miro".to_owned(), 4101);
    run.recording.whereabouts.folders.insert("passage".to_owned(), "/tmp/runs/1/main".into());
    let why = "http://127.0.0.1:4101/v2 said no at 2026-03-02T09:40:00Z (see /tmp/runs/1/main)".to_owned();
    run.recording.end = End::NotReady { why };
    let settled = House::new("").court(&run).settle(&passage(&run));
    let observed = &settled.judgement.findings[0].observed;
    assert!(observed.ends_with("http://<miro>/v2 said no at day 1 09:40:00 (see <passage>)"), "{observed}");
}
