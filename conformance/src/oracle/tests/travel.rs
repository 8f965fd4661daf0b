use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::oracle::impossible_travel::{NAME, distance_km};

const MINUTE: u64 = 60;

fn precise(mut did: Did, accuracy_km: f64) -> Did {
    did.accuracy_km = accuracy_km;
    did
}

fn tagged(mut did: Did, tag: NetworkTag) -> Did {
    did.tags = vec![tag];
    did
}

#[test]
fn the_boundary_cases_of_the_definition() {
    use NetworkTag::{Corporate, VpnConsumer};
    let pair = |a, b, seconds| vec![did(0, a), did(seconds, b)];
    let country = json!({ "mode": "country" });
    let speed = |speed: u32| json!({ "speed": speed });
    #[rustfmt::skip]
    let cases: Vec<(&str, Vec<Did>, Value, usize)> = vec![
        ("T1 London Madrid 84m",          pair("London", "Madrid", 84 * MINUTE), json!({}), 1),
        ("T2 London Madrid 85m",          pair("London", "Madrid", 85 * MINUTE), json!({}), 0),
        ("T2 at 805",                     pair("London", "Madrid", 85 * MINUTE), speed(805), 1),
        ("T2 at 800",                     pair("London", "Madrid", 85 * MINUTE), speed(800), 1),
        ("T3 83m with accuracy 10/10",    vec![precise(did(0, "London"), 10.0), precise(did(83 * MINUTE, "Madrid"), 10.0)], json!({}), 0),
        ("T3 without",                    pair("London", "Madrid", 83 * MINUTE), json!({}), 1),
        ("T4 94m at 805",                 pair("London", "Madrid", 94 * MINUTE), speed(805), 1),
        ("T4 94m at 800",                 pair("London", "Madrid", 94 * MINUTE), speed(800), 1),
        ("T4 94m at 900",                 pair("London", "Madrid", 94 * MINUTE), json!({}), 0),
        ("T5 Berlin Warsaw 10m",          pair("Berlin", "Warsaw", 10 * MINUTE), json!({}), 1),
        ("T5 by country",                 pair("Berlin", "Warsaw", 10 * MINUTE), country.clone(), 0),
        ("T6 London Dublin 1m",           pair("London", "Dublin", MINUTE), json!({}), 0),
        ("T6 by country",                 pair("London", "Dublin", MINUTE), country, 0),
        ("T7 at the same instant",        pair("London", "Singapore", 0), json!({}), 1),
        ("T8 after 59s",                  pair("London", "Singapore", 59), json!({}), 1),
        ("T9 the older told last",        vec![did(59, "Singapore"), did(0, "London")], json!({}), 1),
        ("T10 12h03m",                    pair("London", "Singapore", 723 * MINUTE), json!({}), 1),
        ("T10 12h04m",                    pair("London", "Singapore", 724 * MINUTE), json!({}), 0),
        ("T11 by way of a consumer VPN",  vec![did(0, "London"), tagged(did(5 * MINUTE, "Singapore"), VpnConsumer), did(10 * MINUTE, "London")], json!({}), 0),
        ("T12 both corporate",            vec![tagged(did(0, "London"), Corporate), tagged(did(5 * MINUTE, "New York"), Corporate)], json!({}), 0),
        ("T12 with high sensitivity",     vec![tagged(did(0, "London"), Corporate), tagged(did(5 * MINUTE, "New York"), Corporate)], json!({ "sensitivity": "high" }), 1),
        ("T13 one side corporate",        vec![tagged(did(0, "London"), Corporate), did(5 * MINUTE, "New York")], json!({}), 1),
        ("T14 two instances",             vec![did(0, "London"), Did { app: 1, ..did(30 * MINUTE, "New York") }], json!({}), 1),
        ("across the date line",          pair("Suva", "Apia", 77 * MINUTE), json!({}), 0),
        ("across the date line, faster",  pair("Suva", "Apia", 76 * MINUTE), json!({}), 1),
        ("more than a day apart",         pair("London", "Sydney", 24 * 3_600 + 1), speed(100), 0),
        ("a day apart",                   pair("London", "Sydney", 24 * 3_600), speed(100), 1),
    ];
    for (name, all, parameters, expected) in cases {
        assert_eq!(owes(NAME, &parameters, &all).len(), expected, "{name}");
    }
}

#[test]
fn both_ends_are_the_evidence_in_order_of_time() {
    let [owed] = &owes(NAME, &json!({}), &[did(59, "Singapore"), did(0, "London")])[..] else { panic!("one alert") };
    assert_eq!(owed.evidence, [("miro".to_owned(), "e1".to_owned()), ("miro".to_owned(), "e0".to_owned())]);
    assert_eq!(owed.decided_at, ten_o_clock() + Duration::from_secs(59));
    assert_eq!(owed.available_at, ten_o_clock() + Duration::from_secs(59 + 120));
    assert_eq!((owed.first, owed.last), (ten_o_clock(), owed.decided_at));
}

#[test]
fn two_people_are_not_one_who_travels() {
    let other = Did { person: 2, ..did(60, "Singapore") };
    assert!(owes(NAME, &json!({}), &[did(0, "London"), other]).is_empty());
}

#[test]
fn one_address_never_travels_whatever_the_databases_say() {
    let moved = Did { host: did(0, "London").host, ..did(60, "Singapore") };
    assert!(owes(NAME, &json!({}), &[did(0, "London"), moved]).is_empty());
}

#[test]
fn failures_teach_nothing_and_other_activities_only_when_asked_for() {
    let failed = Did { outcome: Outcome::WrongPassword, ..did(60, "Singapore") };
    assert!(owes(NAME, &json!({}), &[did(0, "London"), failed]).is_empty());
    let mut all = seen(&[did(0, "London"), did(60, "Singapore")]);
    Arc::make_mut(&mut all[1].activity).verb = Verb::Open;
    let of = |parameters| owed(&scenario(&[policy(NAME, &parameters)]), &all).len();
    assert_eq!((of(json!({})), of(json!({ "any_activity": true }))), (0, 1));
}

#[test]
fn an_hour_of_rest_makes_another_alert() {
    let mut all = vec![did(0, "London")];
    // Each journey is as impossible as the first; more than an hour lies between the third and the fourth.
    all.extend([60, 3_660, 7_261].map(|second| did(second, "Singapore")));
    let alerts = owes(NAME, &json!({}), &all);
    assert_eq!(alerts.iter().map(|o| o.evidence.len()).collect::<Vec<_>>(), [3, 2]);
}

#[test]
fn what_lies_near_a_threshold_is_told() {
    let near = |all: &[Did]| {
        let edges = edges(&scenario(&[policy(NAME, &json!({}))]), &seen(all));
        edges.iter().map(|e| (e.parameter, e.value.round())).collect::<Vec<_>>()
    };
    assert_eq!(near(&[did(0, "London"), did(84 * MINUTE, "Madrid")]), [("speed", 902.0)]);
    assert_eq!(near(&[did(0, "London"), did(85 * MINUTE, "Madrid")]), [("speed", 892.0)]);
    assert_eq!(near(&[did(0, "London"), did(80 * MINUTE, "Madrid")]), []);
    assert_eq!(near(&[did(0, "Paris"), precise(did(MINUTE, "London"), 0.0)]), []);
    assert_eq!(near(&[did(0, "Berlin"), precise(did(MINUTE, "Warsaw"), 15.0)]), [("distance", 502.0)]);
}

#[test]
fn distances_are_those_of_the_definition() {
    let at = |name: &str| seen(&[did(0, place(name).unwrap().name)])[0].located.clone().unwrap();
    for (a, b, km) in [
        ("Houston", "San Antonio", 304.0),
        ("London", "Dublin", 463.0),
        ("Suva", "Apia", 1_150.0),
        ("London", "Madrid", 1_263.0),
        ("Lisbon", "São Paulo", 7_949.0),
        ("Seattle", "Istanbul", 9_764.0),
        ("London", "Sydney", 16_994.0),
    ] {
        assert!((distance_km(&at(a), &at(b)) - km).abs() < 1.0, "{a} {b}: {}", distance_km(&at(a), &at(b)));
    }
}
