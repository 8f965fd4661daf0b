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
            let files = generate(attack.name, &parameters).unwrap();
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
    let files = generate("impossible_travel", &parameters).unwrap();
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
