use serde_json::json;
use simulator::seed::Seed;
use simulator::timeline::Timeline;
use simulator::world::World;

use super::*;

/// A thousand seeds, in parts that run side by side: rendering is slow in an unoptimised build.
#[track_caller]
fn ordinary_days_owe_nothing(seeds: std::ops::Range<u64>) {
    // Every detection, those with numbers at sharper ones than anybody would set.
    let sharp = |name: &str| match name {
        impossible_travel::NAME => json!({ "any_activity": true, "sensitivity": "high" }),
        multiple_failed_logins::NAME => json!({ "at_least": 4, "within": "1d" }),
        "activity_from_infrequent_country" => json!({ "learning_days": 0 }),
        _ => json!({}),
    };
    let policies: Vec<Policy> = DEFINITIONS.iter().map(|d| policy(d.name, &sharp(d.name))).collect();
    let mut records = 0;
    for seed in seeds {
        let mut ordinary = scenario(&policies);
        ordinary.seed = Seed(seed);
        ordinary.people = 1;
        // Every zone has its turn.
        let places = simulator::world::PLACES;
        ordinary.home = &places[usize::try_from(seed).unwrap() % places.len()];
        let world = World::build(&ordinary).unwrap();
        let timeline = Timeline::new(Arc::new(ordinary.clone()), Arc::new(world.clone()));
        let everything = timeline.background(ordinary.history_start(), ordinary.calendar().day_1());
        let seen = observed(&ordinary, &world, everything);
        records += seen.len();
        assert_eq!(owed(&ordinary, &seen), [], "seed {seed}");
    }
    assert!(records > 10_000, "{records} records are too few to say anything");
}

#[test]
fn fourteen_ordinary_days_owe_nothing_for_a_thousand_seeds_1() {
    ordinary_days_owe_nothing(0..250);
}

#[test]
fn fourteen_ordinary_days_owe_nothing_for_a_thousand_seeds_2() {
    ordinary_days_owe_nothing(250..500);
}

#[test]
fn fourteen_ordinary_days_owe_nothing_for_a_thousand_seeds_3() {
    ordinary_days_owe_nothing(500..750);
}

#[test]
fn fourteen_ordinary_days_owe_nothing_for_a_thousand_seeds_4() {
    ordinary_days_owe_nothing(750..1_000);
}
