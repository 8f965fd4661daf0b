use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::scenario::{Begins, Fault, FaultKind, Lasts, Outcome, Position, SignIn, Using, Vendor, Verb, Who};
use crate::time::DAY_US;
use crate::world::sample::{app, city, member, minutes, scenario, step};

/// Five people of the background, and a script in which things happen at the same instant.
fn busy(seed: u64) -> Scenario {
    let mut story = scenario(seed, 5);
    story.history_days = 3;
    story.cast = vec![member("alice", 2), member("bob", 2)];
    story.cast[1].count = 3;
    for (at, who, verb) in [(540, 0, Verb::SignIn), (541, 1, Verb::Open), (541, 0, Verb::Open)] {
        let mut line = step(&story, minutes(at), verb, 1);
        line.actor = Who::Cast(who);
        (line.times, line.over) = (7, Duration::ZERO);
        story.script.push(line);
    }
    story
}

/// Background and script of one log, put together by hand.
fn union(story: &Scenario, wanted: LogId) -> Vec<(SimTime, String)> {
    let timeline = timeline(story);
    let scripted = Timeline::uncontained(story, &World::build(story).unwrap());
    let everything = timeline.background(story.history_start(), timeline.ends()).chain(scripted);
    let records = everything.flat_map(|(_, records)| records).filter(|r| r.log == wanted);
    let mut union: Vec<_> = records.map(|r| (r.persisted, r.event_id.to_string())).collect();
    union.sort();
    union
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_of_any_size_give_every_record_once_and_in_order(seed in 0_u64..50, limit in 1_usize..60, newest: bool) {
        let story = busy(seed);
        let mut timeline = timeline(&story);
        timeline.advance(timeline.ends());
        for wanted in [log(1, AUDIT_LOG), log(0, SIGN_INS)] {
            let mut expected = union(&story, wanted);
            prop_assert!(expected.len() > 10);
            if newest {
                expected.reverse();
            }
            prop_assert_eq!(ids(&walk(&timeline, wanted, limit, newest)), expected);
        }
    }

    #[test]
    fn a_displaced_story_is_the_same_story_later(seed in 0_u64..50, displaced in 0_u64..7 * 86_400) {
        let told = |story: &Scenario| -> Vec<(String, SimTime)> {
            let timeline = timeline(story);
            let background = timeline.background(story.history_start(), story.calendar().day(3));
            background.map(|(activity, _)| (format!("{:?}", activity.id), activity.occurred)).collect()
        };
        let story = busy(seed);
        let by = Duration::from_secs(displaced);
        let later = Scenario { displaced: by, ..story.clone() };
        let expected: Vec<_> = told(&story).into_iter().map(|(id, at)| (id, at + by)).collect();
        prop_assert_eq!(told(&later), expected);
    }

    #[test]
    fn what_is_visible_grows_and_nothing_is_shown_before_it_is_available(seed in 0_u64..50, minute in 0_u64..4_000) {
        let story = busy(seed);
        let mut timeline = timeline(&story);
        let now = story.history_start() + minutes(minute);
        timeline.advance(now);
        let (before, after) = (
            walk_at(&timeline, log(1, AUDIT_LOG), 50, false, now),
            walk_at(&timeline, log(1, AUDIT_LOG), 50, false, now + minutes(60)),
        );
        prop_assert!(before.iter().all(|r| r.available <= now));
        let later: BTreeSet<_> = ids(&after).into_iter().collect();
        prop_assert!(ids(&before).iter().all(|id| later.contains(id)));
    }

    #[test]
    fn windows_hold_what_lies_between_their_bounds(from in 0_u64..4_000, length in 0_u64..2_000) {
        let story = busy(3);
        let mut timeline = timeline(&story);
        timeline.advance(timeline.ends());
        let from = story.history_start() + minutes(from);
        let until = from + minutes(length);
        let query = PageQuery {
            from: Bound::Included(from),
            until: Bound::Excluded(until),
            newest_first: false,
            after: None,
            limit: 10_000,
            visible_at: SimTime::from_us(i64::MAX / 2),
        };
        let expected: Vec<_> =
            union(&story, log(1, AUDIT_LOG)).into_iter().filter(|(t, _)| (from..until).contains(t)).collect();
        prop_assert_eq!(ids(&timeline.page(log(1, AUDIT_LOG), &query)), expected);
    }
}

#[test]
fn a_person_more_changes_nobody_elses_records() {
    let bodies = |story: &Scenario| {
        let timeline = timeline(story);
        let mut by_person: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let world = World::build(story).unwrap();
        for (activity, records) in timeline.background(story.history_start(), timeline.ends()) {
            let bodies = records.iter().map(|r| format!("{} {}", r.event_id, String::from_utf8_lossy(&r.body)));
            by_person.entry(world.person(activity.actor).key.clone()).or_default().extend(bodies);
        }
        by_person
    };
    let few = scenario(4, 6);
    let mut more = few.clone();
    more.people = 7;
    more.cast.push(member("alice", 2));
    let (few, more) = (bodies(&few), bodies(&more));
    assert_eq!(few.len() + 2, more.len());
    for (person, records) in few {
        assert!(!records.is_empty());
        assert_eq!(more[&person], records, "{person}");
    }
}

#[test]
fn one_seed_gives_the_same_bytes_and_another_others() {
    let bytes = |seed| {
        let mut timeline = timeline(&busy(seed));
        timeline.advance(timeline.ends());
        walk(&timeline, log(1, AUDIT_LOG), 100, false).iter().map(|r| r.body.clone()).collect::<Vec<_>>()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn blocks_of_a_day_an_hour_and_five_minutes_hold_the_same() {
    let story = busy(8);
    let world = Arc::new(World::build(&story).unwrap());
    let story = Arc::new(story);
    let walked = |people: usize| {
        let renderer = Renderer::new(Arc::clone(&story), Arc::clone(&world));
        let background = Background::new(Arc::clone(&story), Arc::clone(&world));
        let mut blocks = Blocks::new(background, renderer, people, story.calendar().day(2));
        let range = blocks.range();
        let mut all = Vec::new();
        for index in range.clone() {
            all.extend(ids(blocks.block(index).0.log(log(1, AUDIT_LOG))));
        }
        (range.count(), all)
    };
    let [(days, a), (hours, b), (minutes, c)] = [5, 10_000, 100_000].map(walked);
    assert!(days < hours && hours < minutes);
    assert!(!a.is_empty() && a == b && b == c);
}

#[test]
fn a_long_history_of_many_people_costs_nothing_until_it_is_asked_for() {
    let mut story = scenario(1, 400);
    story.history_days = 30_000;
    let timeline = timeline(&story);
    assert_eq!(timeline.lazy.lock().unwrap().blocks.made(), 0);
    let query = PageQuery {
        from: Bound::Unbounded,
        until: Bound::Unbounded,
        newest_first: false,
        after: None,
        limit: 100,
        visible_at: story.calendar().day_1(),
    };
    assert_eq!(timeline.page(log(1, AUDIT_LOG), &query).len(), 100);
    assert!(timeline.lazy.lock().unwrap().blocks.made() <= 5);
    // A log that ordinary people do not write to is empty without a look at the history.
    assert_eq!(timeline.page(log(0, "directory_audits"), &query).len(), 0);
    assert!(timeline.lazy.lock().unwrap().blocks.made() <= 5);
}

#[test]
fn ordinary_people_fail_at_most_three_times_a_day_and_stay_in_their_city() {
    let story = scenario(11, 60);
    let timeline = timeline(&story);
    let world = World::build(&story).unwrap();
    let mut failures: BTreeMap<(PersonIndex, i64), u32> = BTreeMap::new();
    let (mut phones, mut directory_alone) = (0, 0);
    for (activity, _) in timeline.background(story.history_start(), timeline.ends()) {
        assert_ne!(world.person(activity.actor).key, "it_admin");
        assert_eq!(activity.place, Some(world.person(activity.actor).home));
        assert_eq!(world.locate(activity.address.unwrap()).unwrap().place, activity.place.unwrap());
        phones += u32::from(activity.using == Using::Phone);
        directory_alone += u32::from(activity.app == Some(AppIndex(0)));
        if activity.outcome != Outcome::Success {
            *failures.entry((activity.actor, activity.occurred.us() / DAY_US)).or_default() += 1;
        }
    }
    assert!(phones > 10 && directory_alone > 10 && !failures.is_empty());
    assert!(failures.values().all(|n| *n <= 3));
}

#[test]
fn the_cast_has_a_history_and_from_day_1_does_only_what_is_written() {
    let mut story = busy(2);
    story.history_days = 14;
    let timeline = timeline(&story);
    let world = World::build(&story).unwrap();
    let alice = world.person_by_key("alice").unwrap();
    let mine = |(a, _): &(Arc<Activity>, Vec<Record>)| a.actor == alice;
    let (begin, day_1) = (story.history_start(), story.calendar().day_1());
    assert!(timeline.background(begin, day_1).any(|a| mine(&a)));
    assert!(!timeline.background(day_1, timeline.ends()).any(|a| mine(&a)));
    assert!(timeline.background(day_1, timeline.ends()).next().is_some());
}

#[test]
fn people_use_only_the_apps_they_have_an_account_in() {
    let mut story = scenario(6, 3);
    story.apps.push(app("miro_two", Vendor::Miro, SignIn::Password));
    story.cast = vec![member("alice", 1)];
    let timeline = timeline(&story);
    let world = World::build(&story).unwrap();
    let mut used = BTreeSet::new();
    for (activity, _) in timeline.background(story.history_start(), timeline.ends()) {
        assert!(world.person(activity.actor).accounts.contains_key(&activity.app.unwrap()));
        used.insert(activity.app.unwrap().0);
    }
    assert_eq!(used, BTreeSet::from([0, 1, 2]));
}

#[test]
fn repetitions_run_from_the_first_moment_to_the_last_and_members_take_turns() {
    let mut story = busy(1);
    story.script.clear();
    let mut line = step(&story, minutes(60), Verb::Export, 1);
    line.actor = Who::Cast(1);
    (line.times, line.over) = (2, Duration::from_secs(299));
    story.script.push(line);
    let world = World::build(&story).unwrap();
    let played = Timeline::uncontained(&story, &world);
    let start = story.calendar().day_1() + minutes(60);
    let offsets: Vec<i64> = played.iter().map(|(a, _)| a.occurred.us() - start.us()).collect();
    assert_eq!(offsets, [0, 59_800_000, 119_600_000, 179_400_000, 239_200_000, 299_000_000]);
    let people: Vec<&str> = played.iter().map(|(a, _)| world.person(a.actor).key.as_str()).collect();
    assert_eq!(people, ["bob-1", "bob-2", "bob-3", "bob-1", "bob-2", "bob-3"]);
    let objects: BTreeSet<_> = played.iter().map(|(a, _)| a.object.clone().unwrap()).collect();
    assert_eq!(objects.len(), 6);
}

#[test]
fn the_story_ends_an_hour_after_its_last_record_is_readable() {
    let mut story = scenario(1, 1);
    assert_eq!(timeline(&story).ends(), story.calendar().day(2));
    story.cast = vec![member("alice", 2)];
    let mut line = step(&story, minutes(600), Verb::Open, 1);
    line.late = Some(minutes(45));
    story.script.push(line);
    let told = timeline(&story);
    assert_eq!(told.script_end(), Some(story.calendar().day_1() + minutes(645)));
    assert_eq!(told.ends(), story.calendar().day_1() + minutes(705));
}

#[test]
fn steps_come_from_where_they_say() {
    let mut story = busy(1);
    story.script.clear();
    let mut line = step(&story, minutes(1), Verb::SignIn, 1);
    line.from = Some(crate::scenario::From::Place(city("Madrid")));
    story.script.push(line);
    let world = World::build(&story).unwrap();
    let (activity, _) = &Timeline::uncontained(&story, &world)[0];
    assert_eq!(activity.place, Some(city("Madrid")));
    assert_eq!(world.locate(activity.address.unwrap()).unwrap().place.name, "Madrid");
}

fn bending(kind: FaultKind) -> Fault {
    let at = Position { line: 7, column: 1 };
    let app = Some(AppIndex(1));
    Fault { kind, route: None, begins: Begins::Always, lasts: Lasts::Always, app, records: Vec::new(), at }
}

#[test]
fn late_records_keep_their_place_and_are_shown_later() {
    let mut story = busy(5);
    story.faults = vec![bending(FaultKind::Late { by: minutes(300) })];
    let mut timeline = timeline(&story);
    timeline.advance(timeline.ends());
    assert!(timeline.bent_records().contains_key(&7));
    let all = walk(&timeline, log(1, AUDIT_LOG), 100, false);
    assert!(all.iter().all(|r| r.available.since(r.activity.occurred) >= minutes(300)));
    assert!(all.is_sorted_by_key(|r| (r.persisted, Arc::clone(&r.event_id))));
    assert!(
        walk(&timeline, log(0, SIGN_INS), 100, false)
            .iter()
            .all(|r| { r.available.since(r.activity.occurred) < minutes(300) })
    );
}

#[test]
fn redelivered_records_are_shown_a_second_time_with_their_first_ids() {
    let mut story = busy(5);
    story.stack.ends = Some(story.calendar().day(2));
    let once = ids(&{
        let mut timeline = timeline(&story);
        timeline.advance(timeline.ends());
        walk(&timeline, log(1, AUDIT_LOG), 100, false)
    });
    story.faults = vec![bending(FaultKind::Redeliver { after: minutes(90) })];
    let mut timeline = timeline(&story);
    timeline.advance(timeline.ends());
    let twice = ids(&walk(&timeline, log(1, AUDIT_LOG), 7, false));
    let mut expected: Vec<_> =
        once.iter().cloned().chain(once.iter().map(|(at, id)| (*at + minutes(90), id.clone()))).collect();
    expected.sort();
    assert_eq!(twice, expected);
}
