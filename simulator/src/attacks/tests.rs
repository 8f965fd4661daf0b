use std::collections::BTreeMap;

use super::*;
use crate::scenario::{Foreign, Scenario, read_text};

fn parameters(vendor: Vendor, seed: u64) -> Parameters {
    Parameters { vendor, seed: Seed(seed), numbers: BTreeMap::new() }
}

fn read(yaml: &str) -> Scenario {
    read_text("generated.yaml", yaml, &Foreign::default()).unwrap_or_else(|errors| panic!("{errors}\n{yaml}"))
}

#[test]
fn every_attack_and_its_twin_are_scenarios_that_can_be_read() {
    for attack in ALL {
        for vendor in attack.vendors() {
            for seed in 0..60 {
                let generated = generate(attack.name, &parameters(vendor, seed)).unwrap();
                let (story, twin) = (read(&generated.story.yaml()), read(&generated.twin.yaml()));
                assert!(story.script.iter().any(|s| s.attack.is_some()) && !story.attacks.is_empty());
                assert!(twin.script.iter().all(|s| s.attack.is_none() && s.id.is_none()) && twin.attacks.is_empty());
                assert_eq!(story.policies[0].parameters, twin.policies[0].parameters);
                assert!(generated.story.yaml().lines().all(|l| l.chars().count() <= 140));
            }
        }
    }
}

#[test]
fn an_attack_that_a_vendor_does_not_log_is_refused_there() {
    assert_eq!(
        generate("terminated_user", &parameters(Vendor::Entra, 1)).unwrap_err().to_string(),
        "terminated_user leaves no trace in entra: who is deleted signs in no more, and what a session goes on with is in \
         the apps' logs; it can happen in miro, github, okta"
    );
}

#[test]
fn one_seed_writes_one_story() {
    let yaml = |seed| generate("impossible_travel", &parameters(Vendor::Miro, seed)).unwrap().story.yaml();
    assert_eq!(yaml(7), yaml(7));
    assert_ne!(yaml(7), yaml(8));
}

#[test]
fn what_no_attack_takes_is_refused_by_name() {
    let known: Vec<&str> = ALL.iter().map(|attack| attack.name).collect();
    let told = |name: &str| generate(name, &parameters(Vendor::Miro, 1)).unwrap_err().to_string();
    assert_eq!(told("imposible_travel"), "unknown attack `imposible_travel`: did you mean `impossible_travel`?");
    assert_eq!(told("arson"), format!("unknown attack `arson`; there are {}", known.join(", ")));
    let with = |name: &str, value| {
        let numbers = BTreeMap::from([(name.to_owned(), value)]);
        generate("failed_logins", &Parameters { numbers, ..parameters(Vendor::Miro, 1) }).unwrap_err().to_string()
    };
    assert_eq!(with("speed", 1.0), "failed_logins takes no `speed`; it takes at_least, within");
    assert_eq!(with("at_least", 2.0), "`at_least` is 2; it may be 3 to 1000");
}
