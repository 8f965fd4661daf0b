//! The tree keeps its promises: rooms, front pages, snapshots.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use conformance::compare::Kept;
use conformance::walk::ending_in as files;

use crate::support::workspace;

#[test]
fn every_vendor_has_its_rooms_and_a_front_page() {
    let vendors = workspace().join("simulator/src/vendors");
    let mut seen = 0;
    for folder in std::fs::read_dir(&vendors).unwrap().flatten().map(|e| e.path()).filter(|p| p.is_dir()) {
        seen += 1;
        for room in ["mod", "oauth", "audit_log", "events", "limits", "errors"] {
            let file = folder.join(format!("{room}.rs"));
            let front = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
            let built = file.exists() || folder.join(room).join("mod.rs").exists();
            assert!(built || front.contains(&format!("no `{room}`")), "{} is missing", file.display());
        }
        let front = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
        for heading in ["# Not imitated", "# Sources"] {
            assert!(front.contains(heading), "{}: no {heading}", folder.display());
        }
    }
    assert!(seen >= 2);
}

#[test]
fn every_scenario_has_snapshots_and_every_snapshot_a_scenario() {
    let root = workspace();
    let scenarios = files(&root.join("scenarios"), ".yaml");
    let snapshots = files(&root.join("snapshots"), ".snap");
    let id = |p: &Path, base: &str| p.strip_prefix(root.join(base)).unwrap().with_extension("").display().to_string();
    let ids: Vec<String> = scenarios.iter().map(|p| id(p, "scenarios")).collect();
    let mut plan = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let planned = plan.args(["run", "scenarios", "--plan"]).current_dir(&root).output().unwrap();
    let planned = String::from_utf8(planned.stdout).unwrap();
    let unplayed: Vec<&str> = planned.lines().filter(|line| line.contains("not claimed: ")).collect();
    assert!(unplayed.is_empty(), "the library is the reference stack's own: {unplayed:?}");
    for scenario in &ids {
        let folder = root.join("snapshots").join(scenario).join("reference");
        assert!(!files(&folder, ".snap").is_empty(), "{scenario} has no snapshot");
    }
    for snapshot in snapshots {
        let scenario = id(snapshot.parent().unwrap().parent().unwrap(), "snapshots");
        assert!(ids.contains(&scenario), "{} belongs to no scenario", snapshot.display());
    }
}

#[test]
fn the_page_of_faults_names_scenarios_that_are_there_and_leaves_none_of_its_folder_out() {
    let root = workspace();
    let page = std::fs::read_to_string(root.join("docs/src/faults.md")).unwrap();
    let named: Vec<&str> =
        page.split('`').filter(|part| part.starts_with("scenarios/") && part.ends_with(".yaml")).collect();
    for path in &named {
        assert!(root.join(path).exists(), "docs/src/faults.md names {path}, and there is none");
    }
    for scenario in files(&root.join("scenarios/faults"), ".yaml") {
        let path = scenario.strip_prefix(&root).unwrap().display().to_string();
        assert!(named.contains(&path.as_str()), "docs/src/faults.md does not name {path}");
    }
}

#[test]
fn pages_that_the_source_cites_are_there() {
    let root = workspace();
    for file in ["simulator/src", "conformance/src"].iter().flat_map(|f| files(&root.join(f), ".rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for cited in text.split("docs/src/").skip(1) {
            let end = cited.find(|c: char| !c.is_ascii_alphanumeric() && !"-./".contains(c)).unwrap_or(cited.len());
            let page = cited[..end].trim_end_matches('.');
            assert!(root.join("docs/src").join(page).exists(), "{} cites docs/src/{page}", file.display());
        }
    }
}

#[test]
fn the_simulator_does_not_know_what_is_expected_of_a_stack() {
    let tests = |file: &PathBuf| file.components().any(|part| part.as_os_str() == "tests");
    for file in files(&workspace().join("simulator/src"), ".rs").into_iter().filter(|file| !tests(file)) {
        let text = std::fs::read_to_string(&file).unwrap();
        let knows = text.contains("\"expect\"") || text.contains("\"twin_of\"");
        assert!(!knows || file.ends_with("cli/mod.rs"), "{}", file.display());
    }
}

/// What the journal says to people is quoted, and nothing hangs on how it is worded: for that it has facts
/// (`Notes::refusal`, `TruthRecord::by_the_stack`).
#[test]
fn no_verdict_hangs_on_the_wording_of_a_sentence() {
    let quotes = ["check/hook_handshake_failed.rs"];
    let root = workspace().join("conformance/src");
    for file in ["observe", "check", "score"].iter().flat_map(|folder| files(&root.join(folder), ".rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let judging = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let sentences = [".reasons", ".activity.starts_with(", ".why.contains(", ".why.starts_with("];
        let read = sentences.iter().find(|sentence| judging.contains(**sentence));
        let quoted = quotes.iter().any(|quote| file.ends_with(quote));
        assert!(read.is_none() || quoted, "{} reads `{}`", file.display(), read.unwrap_or(&""));
    }
}

#[test]
fn times_come_from_the_clock_and_chance_from_the_seed() {
    let doors = ["clock/wall.rs", "benches/audit_log.rs"];
    for file in
        ["simulator", "conformance", "stacks/reference/src"].iter().flat_map(|f| files(&workspace().join(f), ".rs"))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        let opens = text.contains("clippy::disallowed_methods");
        let known = doors.iter().any(|d| file.ends_with(d))
            || file.ends_with("reference/src/clock.rs")
            || file.ends_with("it/tidy.rs");
        let clock_folder = file.to_string_lossy().contains("stacks/reference/src/clock/");
        assert!(!opens || known || clock_folder, "{} opens a door of its own to time or chance", file.display());
    }
}

#[test]
fn the_page_of_stacks_is_what_the_kept_reports_say() {
    let root = workspace();
    let reports = files(&root.join("docs/src/stacks"), ".json");
    let printed = Command::new(env!("CARGO_BIN_EXE_conformance")).arg("compare").args(&reports).output().unwrap();
    let page = std::fs::read_to_string(root.join("docs/src/stacks.md")).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&printed.stdout),
        page,
        "conformance compare docs/src/stacks/*.json > docs/src/stacks.md"
    );
}

#[test]
fn the_kept_report_of_each_stack_knows_what_its_known_yaml_knows() {
    let root = workspace();
    for manifest in files(&root.join("stacks"), "stack.yaml") {
        let folder = manifest.parent().unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let kept = Kept::read(&root.join(format!("docs/src/stacks/{name}.json"))).unwrap();
        let known = std::fs::read_to_string(folder.join("known.yaml")).unwrap_or_default();
        let entries: BTreeSet<(String, String, bool)> = known
            .lines()
            .filter_map(|line| {
                let (scenario, rest) = line.strip_prefix("- { scenario: ")?.split_once(", check: ")?;
                let check = rest.split(',').next()?;
                Some((scenario.to_owned(), check.to_owned(), rest.contains("seen: sometimes")))
            })
            .collect();
        let met: BTreeSet<(String, String)> = kept
            .scenarios
            .iter()
            .flat_map(|s| s.known.iter().map(|known| (known.scenario.clone(), known.check.clone())))
            .collect();
        for (scenario, check, sometimes) in &entries {
            let is_met = met.contains(&(scenario.clone(), check.clone()));
            assert!(is_met || *sometimes, "{name}: {check} in {scenario} is known, but not in the kept report");
        }
        let named = |(scenario, check): &(String, String)| entries.iter().any(|(s, c, _)| s == scenario && c == check);
        assert!(met.iter().all(named), "{name}: the kept report knows more than known.yaml");
    }
}

#[test]
fn the_oldest_toolchain_that_will_do_is_the_same_wherever_it_is_named() {
    let text = |path: &str| std::fs::read_to_string(workspace().join(path)).unwrap();
    let manifest = text("Cargo.toml");
    let stated = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    // Clippy's `incompatible_msrv` holds the code against it, where a crate says that it is its own.
    for member in ["simulator", "conformance", "stacks/reference"] {
        assert!(text(&format!("{member}/Cargo.toml")).contains("rust-version.workspace = true"), "{member}");
    }
    let named =
        [("README.md", format!("a Rust toolchain ({stated} or newer)")), ("Containerfile", format!("rust:{stated}-"))];
    for (file, words) in named {
        assert!(text(file).contains(&words), "{file}: {words}");
    }
}
