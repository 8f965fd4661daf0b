//! Every route, held against Miro's OpenAPI document.

use std::collections::BTreeMap;

use axum::http::Method;

use super::{LOG, authorize, code, scim_key, with_boards};
use crate::protocol::form::encode;
use crate::scenario::Vendor;
use crate::vendors::conforms::{Conformance, Example, Exception};
use crate::vendors::testing::{REDIRECT, Room, description};

const FORM: &str = "application/x-www-form-urlencoded";

static EXAMPLES: &[Example] = &[
    Example::get("{authorize}"),
    Example::send(
        Method::POST,
        "/oauth/authorize",
        "response_type=code&client_id={client}&redirect_uri={redirect}&user=it_admin&team_id={team}&decision=allow",
    ),
    Example::send(
        Method::POST,
        "/v1/oauth/token",
        "grant_type=authorization_code&client_id={client}&client_secret={secret}&code={code}&redirect_uri={redirect}",
    )
    .learning("issued", "/access_token"),
    Example::get("/v1/oauth-token"),
    Example::send(Method::POST, "/v1/oauth/revoke?access_token={issued}", ""),
    Example::send(
        Method::POST,
        "/v2/oauth/revoke",
        r#"{"accessToken":"{other}","clientId":"{client}","clientSecret":"{secret}"}"#,
    ),
    Example::get(LOG),
    Example::get("/v2/orgs/{org}"),
    Example::get("/v2/orgs/{org}/members?limit=1"),
    Example::get("/v2/orgs/{org}/members?emails={email}"),
    Example::get("/v2/orgs/{org}/members/{member}"),
    Example::send(Method::POST, "/v2/sessions/reset_all?email={email}", ""),
    Example::get("/v1/audit/logs?createdAfter=2026-03-02&limit=1"),
    Example::get("/v2/orgs/{org}/content-logs/items?from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z&limit=5"),
    Example::get("/v2/orgs/{org}/teams?limit=10"),
    Example::send(Method::POST, "/v2/orgs/{org}/teams", r#"{"name":"Design"}"#).learning("design", "/id"),
    Example::get("/v2/orgs/{org}/teams/{design}"),
    Example::send(Method::PATCH, "/v2/orgs/{org}/teams/{design}", r#"{"name":"Art"}"#),
    Example::get("/v2/orgs/{org}/teams/{team}/members?limit=1"),
    Example::send(Method::POST, "/v2/orgs/{org}/teams/{design}/members", r#"{"email":"{address}","role":"admin"}"#),
    Example::get("/v2/orgs/{org}/teams/{design}/members/{member}"),
    Example::send(Method::PATCH, "/v2/orgs/{org}/teams/{design}/members/{member}", r#"{"role":"member"}"#),
    Example::send(Method::DELETE, "/v2/orgs/{org}/teams/{design}/members/{member}", ""),
    Example::send(Method::DELETE, "/v2/orgs/{org}/teams/{design}", ""),
    Example::get("/v2/orgs/{org}/default_teams_settings"),
    Example::get("/v2/orgs/{org}/teams/{team}/settings"),
    Example::send(
        Method::PATCH,
        "/v2/orgs/{org}/teams/{team}/settings",
        r#"{"teamSharingPolicySettings":{"sharingViaPublicLink":"not_allowed"}}"#,
    ),
    Example::get("/v2/boards?limit=2").learning("board", "/data/0/id"),
    Example::get("/v2/boards/{board}"),
    Example::send(
        Method::PATCH,
        "/v2/boards/{board}",
        r#"{"description":"reviewed","policy":{"sharingPolicy":{"access":"private"}}}"#,
    ),
    Example::send(Method::POST, "/v2/boards/{board}/members", r#"{"emails":["{guests}","nobody@x.example"]}"#)
        .learning("seat", "/successful/0"),
    Example::get("/v2/boards/{board}/members"),
    Example::get("/v2/boards/{board}/members/{seat}"),
    Example::send(Method::PATCH, "/v2/boards/{board}/members/{seat}", r#"{"role":"editor"}"#),
    Example::send(Method::DELETE, "/v2/boards/{board}/members/{seat}", ""),
    Example::get("/v2/boards/{board}/items?limit=10").learning("item", "/data/0/id"),
    Example::get("/v2/boards/{board}/items/{item}"),
    Example::get("/v2/orgs/{org}/data-classification-settings").learning("label", "/labels/2/id"),
    Example::get("/v2/orgs/{org}/teams/{team}/data-classification-settings"),
    Example::send(
        Method::PATCH,
        "/v2/orgs/{org}/teams/{team}/data-classification-settings",
        r#"{"defaultLabelId":{label}}"#,
    ),
    Example::send(
        Method::PATCH,
        "/v2/orgs/{org}/teams/{team}/data-classification",
        r#"{"labelId":{label},"notClassifiedOnly":true}"#,
    ),
    Example::send(
        Method::POST,
        "/v2/orgs/{org}/teams/{team}/boards/{board}/data-classification",
        r#"{"labelId":"{label}"}"#,
    ),
    Example::get("/v2/orgs/{org}/teams/{team}/boards/{board}/data-classification"),
    Example::send(
        Method::POST,
        "/v2/orgs/{org}/boards/export/jobs?request_id=b1f6ef3a-0a4f-4f0e-9a52-5f3f6d6b8f10",
        r#"{"boardIds":["{board}"],"boardFormat":"PDF"}"#,
    )
    .learning("job", "/jobId"),
    Example::get("/v2/orgs/{org}/boards/export/jobs"),
    Example::get("/v2/orgs/{org}/boards/export/jobs/{job}"),
    Example::get("/v2/orgs/{org}/boards/export/jobs/{job}/results"),
    Example::get("/v2/orgs/{org}/boards/export/jobs/{job}/tasks").learning("task", "/data/0/id"),
    Example::send(Method::POST, "/v2/orgs/{org}/boards/export/jobs/{job}/tasks/{task}/export-link", ""),
    Example::send(Method::POST, "/v2/orgs/{org}/boards/export/jobs?request_id=another", r#"{"boardIds":["{board}"]}"#)
        .learning("job", "/jobId"),
    Example::send(Method::PUT, "/v2/orgs/{org}/boards/export/jobs/{job}/status", r#"{"status":"CANCELLED"}"#),
    Example::send(Method::POST, "/v2/orgs/{org}/cases", r#"{"name":"Leak"}"#).learning("case", "/id"),
    Example::get("/v2/orgs/{org}/cases?limit=1"),
    Example::get("/v2/orgs/{org}/cases/{case}"),
    Example::send(Method::PUT, "/v2/orgs/{org}/cases/{case}", r#"{"name":"Leak 2","description":"again"}"#),
    Example::get("/v2/orgs/{org}/cases/{case}/export-jobs"),
    Example::send(
        Method::POST,
        "/v2/orgs/{org}/cases/{case}/legal-holds",
        r#"{"name":"Ann","scope":{"users":[{"email":"{address}"}]}}"#,
    )
    .learning("hold", "/id"),
    Example::get("/v2/orgs/{org}/cases/{case}/legal-holds"),
    Example::get("/v2/orgs/{org}/cases/{case}/legal-holds/{hold}"),
    Example::send(
        Method::PUT,
        "/v2/orgs/{org}/cases/{case}/legal-holds/{hold}",
        r#"{"name":"Bob","scope":{"users":[{"email":"{guests}"}]}}"#,
    ),
    Example::get("/v2/orgs/{org}/cases/{case}/legal-holds/{hold}/content-items"),
    Example::send(Method::DELETE, "/v2/orgs/{org}/cases/{case}/legal-holds/{hold}", ""),
    Example::send(Method::DELETE, "/v2/orgs/{org}/cases/{case}", ""),
    Example::get("/api/v1/scim/Users?count=2"),
    Example::send(Method::POST, "/api/v1/scim/Users", r#"{"userName":"new@x.example","displayName":"New"}"#)
        .learning("new", "/id"),
    Example::get("/api/v1/scim/Users/{new}"),
    Example::send(Method::PUT, "/api/v1/scim/Users/{new}", r#"{"userName":"new@x.example","displayName":"Newer"}"#),
    Example::send(
        Method::PATCH,
        "/api/v1/scim/Users/{new}",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{"op":"Replace","path":"active","value":"false"}]}"#,
    ),
    Example::get("/api/v1/scim/Groups"),
    Example::get("/api/v1/scim/Groups/{team}"),
    Example::send(
        Method::PATCH,
        "/api/v1/scim/Groups/{team}",
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{"op":"Remove","path":"members[value eq {new}]"}]}"#,
    ),
    Example::send(Method::DELETE, "/api/v1/scim/Users/{new}", ""),
    Example::get("/api/v1/scim/ServiceProviderConfig"),
    Example::get("/api/v1/scim/ResourceTypes"),
    Example::get("/api/v1/scim/ResourceTypes/User"),
    Example::get("/api/v1/scim/Schemas"),
    Example::get("/api/v1/scim/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group"),
];

static EXCEPTIONS: &[Exception] = &[
    Exception { method: Method::GET, path: "/oauth/authorize", why: "a page for people, not in the description" },
    Exception { method: Method::POST, path: "/oauth/authorize", why: "the page's own form" },
    Exception { method: Method::GET, path: "/v1/audit/logs", why: "not in the description, only on the pages of v1" },
    Exception {
        method: Method::PUT,
        path: "/v2/orgs/{org_id}/boards/export/jobs/{job_id}/status",
        why: "the description wants a status that is an object and a text at once",
    },
    Exception { method: Method::POST, path: "/v1/oauth/token", why: "not in the description, only on the OAuth pages" },
];

#[test]
fn every_route_answers_as_the_published_description_says() {
    let mut room = Room::new(with_boards(), Vendor::Miro);
    let token = room.token();
    let pair = |room: &mut Room| {
        let code = code(room);
        super::text(&super::redeem(room, &code).expect(200), "access_token").to_owned()
    };
    let (other, code) = (pair(&mut room), code(&mut room));
    let client = room.sim.state().instances[0].tokens.client().clone();
    let account = |n: usize| &room.sim.world.people[n].accounts[&super::MIRO];
    let (ann, bob) = (account(1), account(2));
    let known = BTreeMap::from([
        ("authorize", authorize(&room, REDIRECT, None)),
        ("client", client.client_id),
        ("secret", client.client_secret),
        ("redirect", encode(REDIRECT)),
        ("code", code),
        ("token", token),
        ("other", other),
        ("org", room.sim.world.instances[0].organisation_id.clone()),
        ("team", room.sim.world.instances[0].team_id.clone()),
        ("member", ann.user_id.clone()),
        ("email", encode(&ann.login)),
        ("address", ann.login.clone()),
        ("guests", bob.login.clone()),
    ]);
    let conformance = Conformance {
        vendor: Vendor::Miro,
        description: description("miro.json"),
        // `spec` lists SCIM without its base.
        described: |path| path.trim_start_matches("/api/v1/scim").to_owned(),
        send: |room, example, target, body| {
            let bearer = format!("Bearer {}", if target.contains("/scim/") { scim_key(room) } else { room.token() });
            // A minute a request: no credits run out, and an export is finished when its link is asked for.
            room.now = room.now + std::time::Duration::from_secs(75);
            let content_type = if body.starts_with(['{', '[']) { "application/json" } else { FORM };
            let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
            room.send(example.method.clone(), target, &headers, body)
        },
        examples: EXAMPLES,
        exceptions: EXCEPTIONS,
    };
    conformance.walk(&mut room, known);
}

#[test]
#[should_panic(expected = "GET /v2/audit/logs: no example")]
fn a_route_without_an_example_is_named() {
    let conformance = Conformance {
        vendor: Vendor::Miro,
        description: None,
        described: str::to_owned,
        send: |room, example, target, body| room.send(example.method.clone(), target, &[], body),
        examples: &[],
        exceptions: &[],
    };
    conformance.walk(&mut super::room(), BTreeMap::new());
}
