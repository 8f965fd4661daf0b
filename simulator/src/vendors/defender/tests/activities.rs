//! Activities: what is there, when, and how it is asked for.

use std::time::Duration;

use super::*;

#[test]
fn what_happened_anywhere_is_here_after_a_while() {
    let mut room = room_of(office(SignIn::Sso));
    let all = post(&mut room, ACTIVITIES, &json!({ "sortDirection": "asc" })).expect(200);
    // A sign-in through the directory is the app's and the directory's; a failed one the directory's alone.
    assert_eq!(each(&all, "/appName"), ["Microsoft 365", "Miro", "Miro", "Microsoft 365", "GitHub"]);
    let names = each(&all, "/eventTypeName");
    assert_eq!(names[0], "EVENT_CATEGORY_LOGIN");
    assert_eq!(names[3], "EVENT_CATEGORY_FAILED_LOGIN");
    let failed = &all["data"][3];
    assert_eq!(failed["user"].get("userName"), None, "a failed log-on has its name elsewhere");
    assert!(failed["failedUserData"]["userName"].as_str().expect("a name").contains('@'));
    assert_eq!(failed["rawDataJson"]["LoginErrorCode"], json!(50_126));
    assert_eq!(all["data"][2]["rawDataJson"]["event"], "board_exported", "the app's own entry, untouched");
    let id = all["data"][2]["_id"].as_str().expect("an id").to_owned();
    assert_eq!(id.split('_').map(str::len).collect::<Vec<_>>(), [8, 5, 36]);
    assert_eq!(get(&mut room, &format!("{ACTIVITIES}{id}/")).expect(200), all["data"][2]);
    room.now = at("09:10:00");
    let early = post(&mut room, ACTIVITIES, &json!({})).expect(200);
    assert_eq!(each(&early, "/appName"), ["Microsoft 365"], "each connector has its own delay");
    let lag = all["data"][1]["created"].as_i64().expect("ms") - all["data"][1]["timestamp"].as_i64().expect("ms");
    assert_eq!(lag, 17 * 60_000, "two minutes of Miro's, fifteen of the connector's");
}

#[test]
fn a_list_may_be_asked_for_in_many_ways() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let filters = json!({ "service": { "eq": [90_001] }, "activity.eventType": { "neq": ["EVENT_CATEGORY_LOGIN"] } });
    let body = json!({ "filters": filters, "limit": "1", "skip": "1" }).to_string();
    let posted = room.post_json(Method::POST, ACTIVITIES, &token, &body).expect(200);
    assert_eq!((&posted["total"], &posted["max"], &posted["hasNext"]), (&json!(2), &json!(100), &json!(false)));
    assert_eq!(each(&posted, "/mainInfo/rawOperationName"), ["export"]);
    assert_eq!(room.post_json(Method::GET, ACTIVITIES, &token, &body).expect(200), posted, "GET with a body");
    let pairs = [("filters", filters.to_string()), ("limit", "1".to_owned()), ("skip", "1".to_owned())];
    let form = encode_pairs(pairs.iter().map(|(k, v)| (*k, v.as_str())));
    let headers =
        [("authorization", &*format!("Token {token}")), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(room.send(Method::POST, ACTIVITIES, &headers, &form).expect(200), posted);
    let queried =
        room.get(&format!("{ACTIVITIES}?limit=1&{}", encode_pairs([("filters", &*filters.to_string())])), &token);
    assert_eq!(each(&queried.expect(200), "/_id").len(), 2, "the limit in the query of a GET is ignored");
}

#[test]
fn skip_and_limit_give_every_activity_once() {
    let mut scenario = office(SignIn::Password);
    scenario.script.push(crate::scenario::Step {
        times: 120,
        over: Duration::from_secs(600),
        ..step(at("09:30:00"), 0, Verb::Open, MIRO)
    });
    let mut room = room_of(scenario);
    let mut ids = Vec::new();
    loop {
        let page = post(&mut room, ACTIVITIES, &json!({ "skip": ids.len(), "limit": 500 })).expect(200);
        ids.extend(each(&page, "/_id").into_iter().map(Value::to_string));
        assert_eq!((&page["total"], page.get("nextQueryFilters")), (&json!(124), None));
        if page["hasNext"] == json!(false) {
            break;
        }
        assert_eq!(ids.len(), 100, "more than a hundred is cut to a hundred");
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 124);
}

#[test]
fn a_scan_leads_on_by_filters_alone_and_loses_none_of_its_own() {
    let mut scenario = office(SignIn::Password);
    scenario.script.push(crate::scenario::Step {
        times: 700,
        over: Duration::from_secs(600),
        ..step(at("09:30:00"), 0, Verb::Open, MIRO)
    });
    let mut room = room_of(scenario);
    let asked = json!({ "isScan": true, "filters": { "service": { "eq": 90_001 } }, "sortDirection": "asc" });
    let first = post(&mut room, ACTIVITIES, &asked).expect(200);
    assert_eq!((each(&first, "/_id").len(), &first["hasNext"]), (495, &json!(true)), "the last few are dropped");
    let mut next = asked.clone();
    next["filters"] = first["nextQueryFilters"].clone();
    assert_eq!(next["filters"]["service"], json!({ "eq": 90_001 }));
    let second = post(&mut room, ACTIVITIES, &next).expect(200);
    assert_eq!((each(&second, "/_id").len(), &second["hasNext"]), (703 - 495, &json!(false)));
    assert_eq!(second.get("nextQueryFilters"), None);
    let forged = json!({ "isScan": true, "filters": { "scanCursor": { "eq": "forged" } } });
    post(&mut room, ACTIVITIES, &forged).expect(400);
}

#[test]
fn every_operator_does_what_it_says() {
    let mut room = room_of(office(SignIn::Password));
    let (nine, ten) = (at("09:05:00").ms(), at("09:10:00").ms());
    #[rustfmt::skip]
    let cases = [
        // filter                                                                       how many of four
        (json!({ "date": { "gte": nine } }),                                            3),
        (json!({ "date": { "gte": nine, "lte": ten } }),                                2),
        (json!({ "date": { "gt": nine, "lt": ten } }),                                  0),
        (json!({ "date": { "range": [{ "start": nine, "end": ten }] } }),               2),
        (json!({ "date": { "gte_ndays": 1 } }),                                         4),
        (json!({ "date": { "lte_ndays": 1 } }),                                         0),
        (json!({ "created": { "lt": at("09:18:00").ms() } }),                           1),
        (json!({ "service": { "neq": [90_001] } }),                                     1),
        (json!({ "service": { "eq": [90_001, 90_002] } }),                              4),
        (json!({ "instance": { "eq": 90_001 } }),                                       3),
        (json!({ "ip.address": { "startswith": "198." } }),                             4),
        (json!({ "ip.address": { "doesnotstartwith": ["198."] } }),                     0),
        (json!({ "ip.address": { "isset": true } }),                                    4),
        (json!({ "user.username": { "isnotset": true } }),                              0),
        (json!({ "activity.takenAction": { "neq": "block" } }),                         4),
        (json!({ "user.orgUnit": { "isset": true } }),                                  0),
        (json!({ "userAgent.userAgent": { "contains": "mozilla" } }),                   4),
        (json!({ "actionType": { "ncontains": "create" } }),                            3),
        (json!({ "text": { "text": "roadmap" } }),                                      1),
        (json!({ "text": { "startswithsingle": "log on" } }),                           1),
        (json!({ "activityObject": { "eq": "web" } }),                                  1),
        (json!({ "location.country": { "eq": ["GB"], "deq": "FR" } }),                  4),
        (json!({ "activity.type": { "eq": true } }),                                    0),
        (json!({ "source": { "eq": ["2"] } }),                                          4),
    ];
    for (filters, expected) in cases {
        room.now = room.now + Duration::from_secs(10);
        let page = post(&mut room, ACTIVITIES, &json!({ "filters": filters })).expect(200);
        assert_eq!(page["total"], json!(expected), "{filters}");
    }
}

#[test]
fn an_entity_is_named_by_its_key_and_a_text_that_is_no_json_finds_nothing() {
    let mut room = room_of(office(SignIn::Password));
    let ann = room.sim.world.people[1].directory_id.clone();
    let key = json!({ "id": ann, "saas": 11_161, "inst": 0 });
    let python = format!("{{'id': '{ann}', 'saas': 11161, 'inst': 0}}");
    for (value, expected) in
        [(json!([key]), 3), (json!({ "id": ann, "inst": 0 }), 3), (json!(key.to_string()), 3), (json!(python), 0)]
    {
        let page = post(&mut room, ACTIVITIES, &json!({ "filters": { "entity": { "eq": value } } })).expect(200);
        assert_eq!(page["total"], json!(expected), "{value}");
    }
}

#[test]
fn the_order_of_being_saved_differs_from_that_of_happening() {
    let mut room = room_of(office(SignIn::Sso));
    let saved = post(&mut room, ACTIVITIES, &json!({ "sortField": "created", "sortDirection": "asc" })).expect(200);
    assert_eq!(each(&saved, "/appName"), ["Microsoft 365", "Microsoft 365", "Miro", "Miro", "GitHub"]);
    let mut back = each(&saved, "/_id").into_iter().cloned().collect::<Vec<_>>();
    back.reverse();
    let newest = post(&mut room, ACTIVITIES, &json!({ "sortField": "created", "sortDirection": "desc" })).expect(200);
    assert_eq!(each(&newest, "/_id"), back.iter().collect::<Vec<_>>());
}
