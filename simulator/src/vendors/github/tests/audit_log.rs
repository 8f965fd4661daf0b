//! The audit log: what its entries say, how it is searched and walked.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::json;

use super::{Room, actions, at, customer, github, link, login, login_of, office, room_of, step, story, text};
use crate::protocol::form::encode;
use crate::scenario::{Outcome, SignIn, Verb};
use crate::vendors::testing::{ORIGIN, check_schema, day_1, description};

fn log(room: &Room, query: &str) -> String {
    format!("/orgs/{}/audit-log?{query}", customer(room).login)
}

#[test]
fn entries_have_the_vendors_fields_and_lack_what_does_not_apply() {
    let mut room = room_of(office(SignIn::Sso));
    let token = room.token();
    let url = log(&room, "include=all&order=asc");
    let page = room.get(&url, &token).expect(200);
    let (own, account) = (customer(&room), login_of(&room, 1));
    let push = &page[0];
    assert_eq!(text(push, "action"), "git.push");
    assert_eq!(push["@timestamp"], json!(at("09:00:00.123").ms()));
    assert_eq!((push.get("created_at"), &push["user"], &push["user_id"]), (None, &json!(""), &json!(0)));
    assert_eq!(text(push, "repo"), format!("{}/web", own.login));
    assert_eq!((text(push, "transport_protocol_name"), text(push, "operation_type")), ("ssh", "create"));
    assert_eq!(text(push, "external_identity_nameid"), room.sim.world.people[1].email);
    let open = &page[1];
    assert_eq!((text(open, "visibility"), text(open, "previous_visibility")), ("public", "private"));
    assert_eq!((text(open, "actor"), open["org_id"].as_u64()), (login_of(&room, 2).as_str(), Some(own.id)));
    assert_eq!(open["created_at"], open["@timestamp"]);
    assert_eq!(open["actor_location"], json!({ "country_code": "GB" }));
    assert!(open.get("programmatic_access_type").is_none() && open["actor_ip"].is_string());
    let id = text(open, "_document_id");
    assert!(id.len() == 22 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    assert_eq!((text(&page[2], "action"), text(&page[2], "name")), ("integration_installation.create", "handy-bot"));
    assert_eq!(
        (text(&page[3], "action"), text(&page[3], "user")),
        ("personal_access_token.access_granted", account.as_str())
    );
}

#[test]
fn entries_fit_the_published_description_but_for_the_lists_that_connectors_stumble_over() {
    let Some(document) = description("github.json") else { return };
    let mut scenario = office(SignIn::Sso);
    let mut export = step(at("10:00:00"), 0, Verb::Export, github());
    export.object = Some("core".to_owned());
    let mut domain = step(at("10:01:00"), 0, Verb::Event, github());
    domain.details.insert("name".to_owned(), "organization_domain.verify".to_owned());
    let mut grant = domain.clone();
    grant.at = at("10:02:00");
    grant.details.insert("name".to_owned(), "oauth_authorization.create".to_owned());
    scenario.script.extend([export, domain, grant]);
    let mut room = room_of(scenario);
    let token = room.token();
    let url = log(&room, "include=all&order=asc");
    let page = room.get(&url, &token).expect(200);
    for entry in page.as_array().expect("entries").iter().take(4) {
        check_schema(&document, "audit-log-event", entry);
    }
    assert!(page[4]["repo"].is_array() && page[4]["repo_id"].is_array(), "{}", page[4]);
    assert!(page[5].get("org").is_none());
    assert!(page[6]["org"].is_array() && page[6]["org_id"].is_array());
}

#[test]
fn every_verb_that_is_logged_leaves_an_entry_and_no_other_does() {
    for (verb, word) in Verb::WRITABLE {
        let mut scenario = story(SignIn::Password, &["ann", "bob"]);
        let mut doing = step(at("09:00:00"), 0, verb, github());
        doing.object = Some("core".to_owned());
        doing.target = Some(crate::scenario::Who::Cast(1));
        let details = [("to", "public"), ("setting", "saml"), ("role", "admin"), ("name", "team.create")];
        doing.details.extend(details.map(|(k, v)| (k.to_owned(), v.to_owned())));
        scenario.script.push(doing);
        let mut room = room_of(scenario);
        let token = room.token();
        let url = log(&room, "include=all");
        let entries = room.get(&url, &token).expect(200).as_array().map_or(0, Vec::len);
        assert_eq!(entries > 0, super::super::actions::logs(verb), "{word}");
    }
}

#[test]
fn settings_have_the_vendors_names() {
    #[rustfmt::skip]
    let cases = [
        ("two_factor_requirement",     "disabled",  "org.disable_two_factor_requirement"),
        ("saml",                       "disabled",  "org.disable_saml"),
        ("ip_allow_list",              "enabled",   "ip_allow_list.enable"),
        ("audit_log_streaming",        "destroyed", "audit_log_streaming.destroy"),
        ("push_protection",            "disabled",  "org.secret_scanning_push_protection_disable"),
        ("member_repository_creation", "enabled",   "org.update_member_repository_creation_permission"),
        ("dependabot_alerts",          "enabled",   "dependabot_alerts.enable"),
    ];
    for (setting, to, action) in cases {
        let mut scenario = story(SignIn::Password, &["ann"]);
        let mut change = step(at("09:00:00"), 0, Verb::ChangeSetting, github());
        change.details.extend([("setting", setting), ("to", to)].map(|(k, v)| (k.to_owned(), v.to_owned())));
        scenario.script.push(change);
        let mut room = room_of(scenario);
        let token = room.token();
        let url = log(&room, "");
        let page = room.get(&url, &token).expect(200);
        assert_eq!(actions(&page), [action]);
        if setting == "member_repository_creation" {
            assert_eq!(page[0]["permission"], json!(true), "a boolean here");
        }
    }
}

#[test]
fn git_events_are_asked_for_and_last_seven_days() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let seen = |query: &str, room: &mut Room| {
        let url = log(room, query);
        actions(&room.get(&url, &token).expect(200)).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(seen("include=git", &mut room), ["git.push"]);
    assert_eq!(seen("", &mut room).len(), 3);
    assert_eq!(seen("include=all", &mut room).len(), 4);
    room.now = day_1() + Duration::from_secs(8 * 86_400);
    assert_eq!(seen("include=all", &mut room).len(), 3);
    room.now = day_1() + Duration::from_secs(100 * 86_400);
    assert_eq!(seen("", &mut room).len(), 0, "three months unless asked");
    assert_eq!(seen("phrase=created:2026-03-02", &mut room).len(), 3);
    room.now = day_1() + Duration::from_secs(181 * 86_400);
    assert_eq!(seen("phrase=created:2026-03-02", &mut room).len(), 0);
}

#[test]
fn a_phrase_and_its_parameters_are_refused_in_the_vendors_words() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    for query in ["phrase=colour:red", "phrase=core", "order=up", "include=everything", "after=nonsense", "per_page=0"]
    {
        let url = log(&room, query);
        let refused = room.get(&url, &token);
        let body = refused.expect(422);
        assert_eq!((text(&body, "message"), text(&body, "status")), ("Validation Failed", "422"), "{query}");
        assert!(body["documentation_url"].is_string() && !refused.reasons.is_empty());
    }
    let url = log(&room, "phrase=action:repo%20country:GB");
    assert_eq!(actions(&room.get(&url, &token).expect(200)), ["repo.access"]);
}

#[test]
fn links_name_the_organisation_by_number_and_encode_everything() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let url = log(&room, "phrase=created:2026-03-02&include=all&per_page=2");
    let first = room.get(&url, &token);
    let next = link(&first, "next").expect("there is more");
    let start = format!(
        "{ORIGIN}/organizations/{}/audit-log?phrase=created%3A2026-03-02&include=all&per_page=2&after=",
        customer(&room).id
    );
    assert!(next.starts_with(&start) && next.ends_with("&before="), "{next}");
    assert_eq!((link(&first, "prev"), link(&first, "last")), (None, None));
    let second = room.get(&next, &token);
    assert_eq!(link(&second, "next"), None, "a full last page is the last");
    assert!(link(&second, "first").expect("a way back").ends_with("&after=&before="));
    let back = room.get(&link(&second, "prev").expect("a way back"), &token);
    assert_eq!(back.expect(200), first.expect(200));
    assert_eq!(link(&back, "prev"), None);
    let whole = room.get(&log(&room, "include=all"), &token);
    assert_eq!(whole.header("link"), None, "a single page has no links");
}

#[test]
fn links_carry_the_prefix_that_the_client_used() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let first = room.get(&format!("/api/v3{}", log(&room, "per_page=1")), &token);
    let next = link(&first, "next").expect("there is more");
    assert!(next.starts_with(&format!("{ORIGIN}/api/v3/organizations/")), "{next}");
    assert_eq!(room.get(&next, &token).status, 200);
    assert_eq!(room.get(&format!("{}/", log(&room, "").trim_end_matches('?')), &token).status, 404, "a trailing slash");
}

#[test]
fn a_link_that_was_decoded_once_too_often_still_leads_on() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let first = room.get(&log(&room, "per_page=1"), &token);
    let next = link(&first, "next").expect("there is more");
    let decoded = percent_encoding::percent_decode_str(&next).decode_utf8_lossy().into_owned();
    assert_eq!(room.get(&decoded, &token).expect(200), room.get(&next, &token).expect(200));
}

#[test]
fn a_forged_cursor_begins_with_a_time_and_includes_it() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let ms = at("09:05:00").ms();
    let forged = encode(&BASE64_STANDARD.encode(format!("{ms}.0|")));
    let page = room.get(&log(&room, &format!("order=asc&after={forged}")), &token).expect(200);
    assert_eq!(actions(&page)[0], "repo.access");
    let later = encode(&BASE64_STANDARD.encode(format!("{}|", ms + 1)));
    let page = room.get(&log(&room, &format!("order=asc&after={later}")), &token).expect(200);
    assert_eq!(actions(&page)[0], "integration_installation.create");
}

#[test]
fn addresses_are_shown_to_members_of_an_organisation_that_discloses_them() {
    let mut scenario = office(SignIn::Password);
    let mut public = step(at("09:20:00"), 0, Verb::Download, github());
    public.object = Some("docs".to_owned());
    let mut hide = step(at("11:00:00"), 0, Verb::ChangeSetting, github());
    hide.details.extend([("setting", "source_ip_disclosure"), ("to", "disabled")].map(|(k, v)| (k.into(), v.into())));
    scenario.script.extend([public, hide]);
    let mut room = room_of(scenario);
    let token = room.token();
    room.now = at("10:00:00");
    let page = room.get(&log(&room, ""), &token).expect(200);
    assert_eq!(text(&page[0], "repo"), format!("{}/docs", login()));
    assert!(page[0].get("actor_ip").is_none(), "the repository is public");
    assert!(page[1]["actor_ip"].is_string());
    room.now = at("12:00:00");
    let page = room.get(&log(&room, ""), &token).expect(200);
    assert_eq!(actions(&page)[0], "org.disable_source_ip_disclosure");
    assert!(page.as_array().expect("entries").iter().all(|e| e.get("actor_ip").is_none()));
    assert!(page.as_array().expect("entries").iter().all(|e| e["actor_location"].is_object()));
}

#[test]
fn tokens_leave_their_hash_and_what_they_are() {
    let mut scenario = office(SignIn::Password);
    let mut clone = step(at("10:00:00"), 0, Verb::Clone, github());
    clone.using = crate::scenario::Using::Token;
    scenario.script.push(clone);
    let mut room = room_of(scenario);
    let token = room.token();
    let entry = &room.get(&log(&room, "include=git"), &token).expect(200)[0];
    assert_eq!(text(entry, "programmatic_access_type"), "Personal access token (classic)");
    assert_eq!((text(entry, "hashed_token").len(), text(entry, "transport_protocol_name")), (44, "http"));
    let phrase = encode(&format!("hashed_token:\"{}\"", text(entry, "hashed_token")));
    let found = room.get(&log(&room, &format!("include=git&phrase={phrase}")), &token).expect(200);
    assert_eq!(actions(&found), ["git.clone"]);
}

#[test]
fn sign_ins_stand_in_no_organisations_log() {
    let mut scenario = story(SignIn::Password, &["ann"]);
    let mut attempt = step(at("09:00:00"), 0, Verb::SignIn, github());
    attempt.result = Outcome::WrongPassword;
    scenario.script.push(attempt);
    let mut room = room_of(scenario);
    let token = room.token();
    assert_eq!(room.get(&log(&room, "include=all"), &token).expect(200), json!([]));
}

#[test]
fn the_enterprise_has_the_same_log_and_no_app_may_read_it() {
    let mut room = room_of(office(SignIn::Password));
    let token = room.token();
    let own = customer(&room);
    let url = format!("/enterprises/{}/audit-log?per_page=1", own.enterprise);
    let first = room.get(&url, &token);
    assert_eq!(first.expect(200)[0]["business_id"], json!(own.enterprise_id));
    let next = link(&first, "next").expect("there is more");
    assert!(next.contains(&format!("/enterprises/{}/audit-log?", own.enterprise_id)), "{next}");
    assert_eq!(room.get(&next, &token).status, 200);
    let app = super::apps::installation_token(&mut room);
    assert_eq!(room.get(&url, &app).status, 403);
    assert_eq!(room.get(&log(&room, ""), &app).status, 200);
    assert_eq!(room.get("/enterprises/nobody/audit-log", &token).status, 404);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_walk_there_and_a_walk_back_give_the_same_entries(
        minutes in proptest::collection::vec(0_u64..6, 1..14),
        size in 1_usize..6,
        ascending: bool,
    ) {
        let mut scenario = story(SignIn::Password, &["ann"]);
        let mut minutes = minutes;
        minutes.sort_unstable();
        for minute in &minutes {
            // Several at one instant: ties must not be torn.
            scenario.script.push(step(at("09:00:00") + Duration::from_secs(60 * minute), 0, Verb::Create, github()));
        }
        let mut room = room_of(scenario);
        let token = room.token();
        let order = if ascending { "asc" } else { "desc" };
        let mut url = Some(log(&room, &format!("order={order}&per_page={size}")));
        let (mut there, mut last) = (Vec::new(), String::new());
        while let Some(asked) = url {
            let page = room.get(&asked, &token);
            there.push(page.expect(200));
            url = link(&page, "next");
            last = asked;
        }
        let ids: Vec<String> = there.iter().flat_map(|p| p.as_array().unwrap().clone()).map(|e| e["_document_id"].to_string()).collect();
        prop_assert_eq!(ids.len(), minutes.len());
        let mut back = Vec::new();
        let mut url = Some(last);
        while let Some(asked) = url {
            let page = room.get(&asked, &token);
            back.push(page.expect(200));
            url = link(&page, "prev");
        }
        back.reverse();
        // Going back fills pages from their far end, so only the entries are the same, not their division.
        let flat = |pages: &[serde_json::Value]| pages.iter().flat_map(|p| p.as_array().unwrap().clone()).collect::<Vec<_>>();
        prop_assert_eq!(flat(&back), flat(&there));
    }
}
