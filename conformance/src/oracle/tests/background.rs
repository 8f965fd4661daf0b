use serde_json::json;
use simulator::seed::Seed;
use simulator::timeline::Timeline;
use simulator::world::World;

use super::*;

const SEEDS: u64 = 1_000;

#[test]
fn fourteen_ordinary_days_owe_nothing_for_a_thousand_seeds() {
    let policies = [
        policy(impossible_travel::NAME, &json!({ "any_activity": true, "sensitivity": "high" })),
        policy(multiple_failed_logins::NAME, &json!({ "at_least": 4, "within": "1d" })),
    ];
    let mut records = 0;
    for seed in 0..SEEDS {
        let mut ordinary = scenario(&policies);
        ordinary.seed = Seed(seed);
        ordinary.people = 3;
        // Seldom the same home as the seed before, so that every zone has its turn.
        let places = simulator::world::PLACES;
        ordinary.home = &places[usize::try_from(seed).unwrap() % places.len()];
        let world = World::build(&ordinary).unwrap();
        let timeline = Timeline::new(Arc::new(ordinary.clone()), Arc::new(world.clone()));
        let everything = timeline.background(ordinary.history_start(), ordinary.calendar().day_1());
        let seen = observed(&ordinary, &world, everything);
        records += seen.len();
        assert_eq!(owed(&ordinary, &seen), [], "seed {seed}");
    }
    assert!(records > 100_000, "{records} records are too few to say anything");
}
