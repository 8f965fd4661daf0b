//! `simulator attacks --markdown`: a page with every attack, and the scenarios in which it happens.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{CliError, FOREIGN};
use crate::attacks::{self, Attack, Generated, Parameters};
use crate::scenario::{self, Scenario, Vendor};
use crate::seed::Seed;

const HEAD: &str = "\
# Attacks

Written by `simulator attacks --markdown`. Each of these is a shape that writes a story in the scenario language and its
near miss, the same people on a day that is nearly one: `conformance generate NAME --app VENDOR` makes two files of them,
`simulator serve --attack NAME` serves the first. What a number of a shape is, a flag may change: `--set NAME=VALUE`.

The scenarios under each attack are those of the library that have the policy in force that looks for it. Where the
last column says *near miss*, nobody attacks.
";

/// A scenario of the library.
struct Told {
    /// Its path without the ending.
    id: String,
    scenario: Scenario,
    /// Where the behaviour is documented.
    sources: Vec<String>,
}

/// The page; `library` is the folder of the scenarios.
pub(super) fn page(library: &Path) -> Result<String, CliError> {
    let told = tell(library)?;
    let mut page = HEAD.to_owned();
    for attack in attacks::ALL {
        page.push_str(&section(attack, &told)?);
    }
    page.push_str(&matrix(&told)?);
    Ok(page)
}

fn tell(library: &Path) -> Result<Vec<Told>, CliError> {
    let mut files = Vec::new();
    collect(library, &mut files).map_err(|e| CliError::Input(format!("cannot read {}: {e}", library.display())))?;
    files.sort();
    let read = |file: &PathBuf| {
        let scenario = scenario::read(file, &FOREIGN).map_err(|errors| CliError::Input(errors.to_string()))?;
        let text = std::fs::read_to_string(file).map_err(|e| CliError::Input(format!("{}: {e}", file.display())))?;
        let id = file.strip_prefix(library).unwrap_or(file).with_extension("").display().to_string();
        Ok(Told { id, scenario, sources: sources(&text) })
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => collect(&path, files)?,
            false => files.extend(path.extension().is_some_and(|ending| ending == "yaml").then(|| path.clone())),
        }
    }
    Ok(())
}

/// Addresses in the line that begins `source:`; the reader of scenarios leaves that to people.
fn sources(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("source:")).unwrap_or_default();
    let all = line.trim().trim_start_matches('[').trim_end_matches(']').split(',');
    all.map(|one| one.trim().trim_matches('"').to_owned()).filter(|one| !one.is_empty()).collect()
}

fn section(attack: &Attack, told: &[Told]) -> Result<String, CliError> {
    let generated = example(attack)?;
    let vendors: Vec<&str> = attack.vendors().iter().map(|vendor| vendor.name()).collect();
    let mut text = format!("\n## {}\n\n{}. ", attack.name, attack.title);
    let address = attack.technique.replace('.', "/");
    let _ = writeln!(
        text,
        "[{}](https://attack.mitre.org/techniques/{address}/) of ATT&CK {}.\n\n{}\n",
        attack.technique, attack.version, attack.about
    );
    let rows = [
        ("What a defender sees", attack.seen.to_owned()),
        ("Records", attack.records.to_owned()),
        ("Where", vendors.join(", ")),
        ("Policy", format!("`{}`", generated.story.policy.name)),
        ("An example", format!("{}.", generated.story.title)),
        ("Its near miss", format!("{}.", generated.twin.title)),
        ("At the edge", attack.edges.to_owned()),
        ("Evasions", attack.evasions.to_owned()),
    ];
    for (what, told) in rows {
        let _ = writeln!(text, "- **{what}**: {told}");
    }
    if !attack.parameters.is_empty() {
        text.push_str("\n| number | what | unless set | from | to |\n|---|---|--:|--:|--:|\n");
    }
    for p in attack.parameters {
        let _ = writeln!(text, "| `{}` | {} | {} | {} | {} |", p.name, p.about, p.default, p.least, p.most);
    }
    let policy = generated.story.policy.name;
    let mut using: Vec<&Told> = told.iter().filter(|one| has_policy(one, policy)).collect();
    using.sort_by_key(|one| (!has_attack(one), &one.id));
    if !using.is_empty() {
        text.push_str("\n| scenario | what happens | source | |\n|---|---|---|---|\n");
    }
    for one in using {
        let link = |(n, address): (usize, &String)| format!("[{}](<{address}>)", n + 1);
        let sources: Vec<String> = one.sources.iter().enumerate().map(link).collect();
        let kind = if has_attack(one) { "attack" } else { "near miss" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {kind} |",
            one.id,
            one.scenario.title.replace('|', "\\|"),
            sources.join(" ")
        );
    }
    Ok(text)
}

/// The shape as it is without being told anything, at the first vendor that can have it.
fn example(attack: &Attack) -> Result<Generated, CliError> {
    let vendor = attack.vendors().first().copied().unwrap_or(Vendor::Miro);
    let parameters = Parameters { vendor, seed: Seed(1), numbers: BTreeMap::new() };
    attacks::generate(attack.name, &parameters).map_err(|e| CliError::Failed(e.to_string()))
}

fn has_policy(told: &Told, policy: &str) -> bool {
    told.scenario.policies.iter().any(|one| one.name == policy)
}

fn has_attack(told: &Told) -> bool {
    told.scenario.script.iter().any(|step| step.attack.is_some())
}

/// Vendors at which anything of an attack happens.
fn attacked(told: &Told) -> BTreeSet<Vendor> {
    let scenario = &told.scenario;
    let steps = scenario.script.iter().filter(|step| step.attack.is_some());
    steps.filter_map(|step| step.app).map(|app| scenario.apps[app.0].vendor).collect()
}

fn matrix(told: &[Told]) -> Result<String, CliError> {
    let names: Vec<&str> = Vendor::ALL.iter().map(|vendor| vendor.name()).collect();
    let mut text = format!(
        "\n## What the library has of each\n\nScenarios with the attack, by where it happens; `·` where it cannot, for the reasons below.\n\n\
         | attack | {} |\n|---|{}\n",
        names.join(" | "),
        "--:|".repeat(names.len())
    );
    for attack in attacks::ALL {
        let policy = example(attack)?.story.policy.name;
        let cell = |vendor: &Vendor| match (count(told, policy, *vendor), attack.why_not(*vendor)) {
            (0, Some(_)) => "·".to_owned(),
            (count, _) => count.to_string(),
        };
        let cells: Vec<String> = Vendor::ALL.iter().map(cell).collect();
        let _ = writeln!(text, "| {} | {} |", attack.name, cells.join(" | "));
    }
    text.push_str("\n| where it cannot happen | attacks | why |\n|---|---|---|\n");
    for vendor in Vendor::ALL {
        let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
        for (attack, why) in attacks::ALL.iter().filter_map(|attack| Some((attack, attack.why_not(vendor)?))) {
            match by_reason.iter_mut().find(|(known, _)| *known == why) {
                Some((_, attacks)) => attacks.push(attack.name),
                None => by_reason.push((why, vec![attack.name])),
            }
        }
        for (why, names) in by_reason {
            let names = if names.len() == attacks::ALL.len() { "all".to_owned() } else { names.join(", ") };
            let _ = writeln!(text, "| {} | {names} | {why} |", vendor.name());
        }
    }
    Ok(text)
}

/// Scenarios under a policy in which an attack happens at a vendor.
fn count(told: &[Told], policy: &str, vendor: Vendor) -> usize {
    told.iter().filter(|one| has_policy(one, policy) && attacked(one).contains(&vendor)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library beside the crate.
    fn library() -> Vec<Told> {
        tell(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios"))).unwrap()
    }

    #[test]
    fn the_library_has_every_attack_wherever_it_can_happen_and_a_near_miss_beside_it() {
        let told = library();
        let mut holes = Vec::new();
        for attack in attacks::ALL {
            let policy = example(attack).unwrap().story.policy.name;
            let quiet = |vendor: Vendor| {
                let there = |one: &&Told| one.scenario.apps.iter().any(|app| app.vendor == vendor);
                told.iter().filter(there).any(|one| has_policy(one, policy) && !has_attack(one))
            };
            for vendor in attack.vendors() {
                if count(&told, policy, vendor) == 0 || !quiet(vendor) {
                    holes.push(format!("{} at {}", attack.name, vendor.name()));
                }
            }
        }
        assert_eq!(holes, [""; 0]);
    }

    #[test]
    fn sources_are_read_from_their_line() {
        let text = "title: A\nsource: [https://a.example/x, \"https://b.example/y\"]\napps: {}\n";
        assert_eq!(sources(text), ["https://a.example/x", "https://b.example/y"]);
        assert_eq!(sources("title: A\n"), [""; 0]);
    }
}
