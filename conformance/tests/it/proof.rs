//! The catalogue of planted bugs, and the command that goes through it.

use std::collections::BTreeSet;

use conformance::check;
use conformance::prove::variants::{self, Scenarios};
use reference_stack::planted_bugs;
use serde_json::Value;

use crate::support::{House, text, workspace};

fn is_there(scenario: &str) -> bool {
    workspace().join("scenarios").join(format!("{scenario}.yaml")).is_file()
}

#[test]
fn there_are_a_hundred_bugs_and_what_they_name_is_there() {
    let checks: BTreeSet<&str> = check::ALL.iter().map(|check| check.id).collect();
    assert!(planted_bugs().len() >= 100, "{}", planted_bugs().len());
    for bug in planted_bugs() {
        for check in bug.checks {
            assert!(checks.contains(check), "{}: there is no check {check}", bug.id);
        }
        for scenario in bug.scenarios {
            assert!(is_there(scenario), "{}: there is no scenario {scenario}", bug.id);
        }
    }
}

#[test]
fn what_variants_are_tried_in_is_there() {
    for variant in variants::ALL {
        let Scenarios::Some(scenarios) = variant.scenarios else { continue };
        for scenario in scenarios {
            assert!(is_there(scenario), "{}: there is no scenario {scenario}", variant.id);
        }
    }
}

#[test]
fn the_page_of_the_proof_names_every_bug_and_every_variant_in_order() {
    let page = std::fs::read_to_string(workspace().join("docs/src/proof.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let named: Vec<&str> = rows.map(|(id, _)| id).collect();
    let bugs = planted_bugs();
    let ids: Vec<&str> = bugs.iter().map(|bug| bug.id).chain(variants::ALL.iter().map(|variant| variant.id)).collect();
    assert_eq!(named, ids, "write it anew: conformance prove --markdown > docs/src/proof.md");
}

#[test]
fn the_page_of_the_proof_tells_of_checks_scenarios_and_numbers_that_there_are() {
    const ANEW: &str = "write it anew: conformance prove --markdown > docs/src/proof.md";
    let page = std::fs::read_to_string(workspace().join("docs/src/proof.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches(['|', ' ']).split(" | ").map(|cell| cell.trim_matches('`')).collect())
        .collect();
    let bugs = planted_bugs();
    for (bug, row) in bugs.iter().zip(&rows) {
        let [id, does, check, scenario] = row[..] else { panic!("{row:?}: {ANEW}") };
        assert_eq!((id, does), (bug.id, bug.does), "{ANEW}");
        assert!(bug.checks.contains(&check), "{id}: {check}: {ANEW}");
        assert!(bug.scenarios.contains(&scenario), "{id}: {scenario}: {ANEW}");
    }
    let of_all: BTreeSet<&str> = bugs.iter().flat_map(|bug| bug.scenarios.iter().copied()).collect();
    for (variant, row) in variants::ALL.iter().zip(&rows[bugs.len()..]) {
        let [id, does, played, blamed] = row[..] else { panic!("{row:?}: {ANEW}") };
        let scenarios = match variant.scenarios {
            Scenarios::Some(scenarios) => scenarios.len(),
            Scenarios::OfAllBugs => of_all.len(),
        };
        assert_eq!((id, does, blamed), (variant.id, variant.does, "no"), "{ANEW}");
        assert_eq!(played.rsplit(' ').next(), Some(scenarios.to_string().as_str()), "{id}: {ANEW}");
    }
    let counts = format!(
        "{0} bugs: {0} named, 0 caught by another check alone, 0 not caught; {1} variants, 0 blamed.",
        bugs.len(),
        variants::ALL.len()
    );
    assert!(page.contains(&counts), "{counts}: {ANEW}");
}

#[test]
fn a_bug_is_caught_and_named() {
    let house = House::with(&["paging/ties-at-a-page-boundary"]);
    let output = house.conformance(&["prove", "--only", "page-last-lost", "--json"]);
    let proof: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let bug = &proof["bugs"][0];
    assert_eq!((&bug["played"], &bug["decided"]), (&1.into(), &1.into()), "{bug}");
    assert_eq!((&bug["id"], &bug["caught"], &bug["named"]), (&"page-last-lost".into(), &true.into(), &true.into()));
    assert_eq!(bug["by"][0]["scenario"], "paging/ties-at-a-page-boundary");
}

#[test]
fn a_bug_that_is_not_in_the_catalogue_is_bad_input() {
    let house = House::with(&[]);
    let output = house.conformance(&["prove", "--only", "page-last-lots"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("did you mean `page-last-lost`?"), "{}", text(&output));
}
