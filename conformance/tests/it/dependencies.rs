//! Who may know whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::workspace;

/// This machine's platform: packages of others need not be here.
fn platform() -> String {
    let output = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into())).arg("-vV").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Every package below `name` in the resolved graph, build and development dependencies left out.
fn below(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", &platform()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let graph: BTreeMap<&str, Vec<&str>> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| {
            let normal = |d: &&Value| d["dep_kinds"].as_array().unwrap().iter().any(|k| k["kind"].is_null());
            let below = n["deps"].as_array().unwrap().iter().filter(normal).map(|d| d["pkg"].as_str().unwrap());
            (n["id"].as_str().unwrap(), below.collect())
        })
        .collect();
    let mut waiting: Vec<&str> = names.iter().filter(|(_, n)| **n == name).map(|(id, _)| *id).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        for next in &graph[id] {
            if seen.insert(names[next].to_owned()) {
                waiting.push(next);
            }
        }
    }
    seen
}

#[test]
fn the_reference_stack_knows_the_vendors_by_their_documentation_alone() {
    let below = below("reference_stack");
    assert!(below.contains("rusqlite"), "the graph was read");
    assert!(!below.contains("simulator") && !below.contains("conformance"));
}

#[test]
fn the_simulator_knows_nothing_of_the_judge_and_its_stacks() {
    let below = below("simulator");
    assert!(!below.contains("conformance") && !below.contains("reference_stack"));
}
