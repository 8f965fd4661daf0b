use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use simulator::attacks::{ALL, Parameters};
use simulator::scenario::Vendor;
use simulator::seed::Seed;
use simulator::timeline::Timeline;
use simulator::world::World;

use super::*;
use crate::oracle;
use crate::scenario::{Script, read_text};

fn script(name: &str, text: &str) -> Script {
    read_text(name, Path::new(name), text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// What the oracle derives from a whole story, ordinary people included.
fn derived(script: &Script) -> Vec<oracle::Owed> {
    let world = World::build(&script.scenario).unwrap();
    let timeline = Timeline::new(Arc::clone(&script.scenario), Arc::new(world.clone()));
    let background = timeline.background(script.scenario.history_start(), timeline.ends());
    let everything = background.chain(Timeline::uncontained(&script.scenario, &world));
    oracle::owed(&script.scenario, &oracle::observed(&script.scenario, &world, everything))
}

#[test]
fn what_is_generated_owes_one_alert_and_its_twin_none() {
    for (number, attack) in (0..).zip(ALL) {
        for vendor in attack.vendors() {
            let parameters = Parameters { vendor, seed: Seed(number), numbers: BTreeMap::new() };
            let files = generate(attack.name, &parameters, None).unwrap();
            let (story, twin) = (script(&files.name, &files.text), script(&files.twin_name, &files.twin_text));
            assert_eq!(twin.twin_of.as_deref(), Some(files.name.as_str()));
            let [owed] = &derived(&story)[..] else { panic!("{}: one alert is owed", files.text) };
            assert!(owed.attack.is_some() && owed.policy == story.expect[0].policy.clone().unwrap());
            assert_eq!(derived(&twin), [], "{}", files.twin_text);
            assert_eq!([oracle::remarks(&story), oracle::remarks(&twin)].concat(), [], "{}", files.text);
        }
    }
}

#[test]
fn a_generated_file_reads_like_one_written_by_hand() {
    let parameters = Parameters { vendor: Vendor::Miro, seed: Seed(7), numbers: BTreeMap::new() };
    let files = generate("impossible_travel", &parameters, None).unwrap();
    insta::assert_snapshot!(files.text, @"
    title: Emeka works in Dublin and, 10h31m later, somebody is Emeka in Lima
    source: [https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy]
    seed: 7
    apps: { entra: {}, miro: {} }
    cast:
      emeka: { home: Dublin }
    attacks: { takeover: T1078.004 }
    policies:
      impossible_travel: { speed: 900, distance: 500, action: require_sign_in }
    script:
      - { id: desk, at: day 1 09:55, actor: emeka, does: sign_in, app: miro }
      - { id: thief, at: +10h31m, actor: emeka, does: sign_in, app: miro, from: Lima, attack: takeover }
    expect:
      - { must: alert, policy: impossible_travel, actor: emeka, evidence: [desk, thief], within: 15m }
      - { must: require_sign_in, target: emeka }
    ");
    insta::assert_snapshot!(files.twin_text, @"
    title: Emeka signs in in Dublin and, 11h23m later, in Lima, just slow enough
    twin_of: dublin-lima-10h31m.yaml
    source: [https://learn.microsoft.com/defender-cloud-apps/anomaly-detection-policy]
    seed: 7
    apps: { entra: {}, miro: {} }
    cast:
      emeka: { home: Dublin }
    policies:
      impossible_travel: { speed: 900, distance: 500, action: require_sign_in }
    script:
      - { at: day 1 09:55, actor: emeka, does: sign_in, app: miro }
      - { at: +11h23m, actor: emeka, does: sign_in, app: miro, from: Lima }
    expect:
      - { must_not: alert }
    ");
}

#[test]
fn an_attack_upon_somebody_who_was_named_owes_the_same() {
    for (number, attack) in (0..).zip(ALL) {
        let vendor = attack.vendors()[0];
        let parameters = Parameters { vendor, seed: Seed(number), numbers: BTreeMap::new() };
        let drawn = generate(attack.name, &parameters, None).unwrap();
        let Some(victim) = &drawn.person else {
            let refused = generate(attack.name, &parameters, Some("zoe")).unwrap_err();
            assert_eq!(refused, GenerateError::Administrator(attack.name.to_owned()));
            continue;
        };
        let files = generate(attack.name, &parameters, Some("zoe")).unwrap();
        for text in [&files.text, &files.twin_text, &files.name, &files.twin_name] {
            assert!(
                !text.split(|c: char| !c.is_alphanumeric()).any(|word| word == victim),
                "{victim} is left:\n{text}"
            );
        }
        let (story, twin) = (script(&files.name, &files.text), script(&files.twin_name, &files.twin_text));
        assert_eq!(derived(&story).len(), 1, "{}", files.text);
        assert_eq!(derived(&twin), [], "{}", files.twin_text);
        assert_eq!(generate(attack.name, &parameters, Some(victim)).unwrap(), drawn);
    }
}

#[test]
fn a_name_that_nobody_can_have_is_refused_with_its_reason() {
    let parameters = Parameters { vendor: Vendor::Miro, seed: Seed(1), numbers: BTreeMap::new() };
    let refused = |attack: &str, name: &str| generate(attack, &parameters, Some(name)).unwrap_err().to_string();
    assert!(refused("impossible_travel", "Zoe M.").contains("lower_snake"));
    assert_eq!(refused("password_spray", "bruno"), "there is another `bruno` in this story");
}
