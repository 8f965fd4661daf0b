//! Every route, held against GitHub's REST description.

use std::collections::BTreeMap;

use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::super::apps::App;
use super::super::tokens::SCOPES;
use super::apps::installation_token;
use super::hooks::deliver;
use super::{Reply, Room, customer, github, login_of, office, room_of};
use crate::protocol::credentials::{FOREVER, OAUTH, Order};
use crate::protocol::form::encode;
use crate::protocol::signing;
use crate::scenario::{SignIn, Vendor, VendorProfile};
use crate::vendors::conforms::{Conformance, Example, Exception};
use crate::vendors::testing::{REDIRECT, description};

const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

#[rustfmt::skip]
static EXAMPLES: &[Example] = &[
    Example::get("/login/oauth/authorize?client_id={client}&scope=admin:org"),
    Example::send(POST, "/login/oauth/authorize", "client_id={client}&redirect_uri={redirect}&scope=repo&user=it_admin&decision=allow"),
    Example::send(POST, "/login/oauth/access_token", "client_id={client}&client_secret={secret}&code=x"),
    Example::send(POST, "/login/device/code", "client_id={client}").learning("user_code", "/user_code"),
    Example::get("/login/device?user_code={user_code}"),
    Example::send(POST, "/login/device", "user_code={user_code}&user=it_admin&decision=allow"),
    Example::send(POST, "/applications/{client}/token", r#"{"access_token":"{given}"}"#),
    Example::send(PATCH, "/applications/{client}/token", r#"{"access_token":"{given}"}"#).learning("given", "/token"),
    Example::send(DELETE, "/applications/{client}/token", r#"{"access_token":"{given}"}"#),
    Example::send(DELETE, "/applications/{client}/grant", r#"{"access_token":"{other}"}"#),
    Example::send(POST, "/credentials/revoke", r#"{"credentials":["{other}"]}"#),
    Example::get("/app"),
    Example::get("/app/installations"),
    Example::get("/app/installations/{installation}"),
    Example::get("/orgs/{org}/installation"),
    Example::send(PUT, "/app/installations/{installation}/suspended", ""),
    Example::send(DELETE, "/app/installations/{installation}/suspended", ""),
    Example::send(POST, "/app/installations/{installation}/access_tokens", "").learning("ghs", "/token"),
    Example::get("/installation/repositories"),
    Example::get("/"),
    Example::get("/meta"),
    Example::get("/rate_limit"),
    Example::get("/user"),
    Example::get("/user/orgs"),
    Example::get("/user/memberships/orgs"),
    Example::get("/users/{ann}"),
    Example::send(PUT, "/users/{ann}/suspended", ""),
    Example::send(DELETE, "/users/{ann}/suspended", ""),
    Example::get("/orgs/{org}/audit-log?include=all"),
    Example::get("/organizations/{number}/audit-log"),
    Example::get("/enterprises/{enterprise}/audit-log"),
    Example::get("/orgs/{org}"),
    Example::get("/organizations/{number}"),
    Example::get("/orgs/{org}/members"),
    Example::get("/organizations/{number}/members"),
    Example::get("/orgs/{org}/members/{ann}"),
    Example::get("/organizations/{number}/members/{ann}"),
    Example::get("/orgs/{org}/memberships/{ann}"),
    Example::send(PUT, "/orgs/{org}/memberships/{ann}", r#"{"role":"admin"}"#),
    Example::get("/orgs/{org}/outside_collaborators"),
    Example::get("/organizations/{number}/outside_collaborators"),
    Example::send(DELETE, "/orgs/{org}/outside_collaborators/{gus}", ""),
    Example::get("/orgs/{org}/teams"),
    Example::get("/orgs/{org}/teams/everyone"),
    Example::get("/orgs/{org}/teams/everyone/members"),
    Example::get("/orgs/{org}/teams/everyone/memberships/{ann}"),
    Example::get("/orgs/{org}/installations"),
    Example::get("/orgs/{org}/credential-authorizations?login={bob}").learning("credential", "/0/credential_id"),
    Example::get("/organizations/{number}/credential-authorizations"),
    Example::send(DELETE, "/orgs/{org}/credential-authorizations/{credential}", ""),
    Example::send(POST, "/orgs/{org}/credential-authorizations/{bob}/revoke-credential-type", r#"{"credential_type":"ssh_key"}"#),
    Example::send(POST, "/orgs/{org}/credential-authorizations/{bob}/revoke", ""),
    Example::send(POST, "/organizations/{number}/credential-authorizations/{bob}/revoke", ""),
    Example::send(POST, "/orgs/{org}/credential-authorizations/revoke-credential-type", r#"{"credential_type":"ssh_key"}"#),
    Example::send(POST, "/enterprises/{enterprise}/credential-authorizations/{bob}/revoke", "{}"),
    Example::send(POST, "/enterprises/{enterprise}/credential-authorizations/{bob}/revoke-credential-type", r#"{"credential_type":"ssh_key"}"#),
    Example::send(POST, "/enterprises/{enterprise}/credential-authorizations/revoke-credential-type", r#"{"credential_type":"ssh_key"}"#),
    Example::get("/orgs/{org}/personal-access-tokens").learning("pat", "/0/id"),
    Example::send(POST, "/orgs/{org}/personal-access-tokens", r#"{"action":"revoke","pat_ids":[1]}"#),
    Example::send(POST, "/orgs/{org}/personal-access-tokens/{pat}", r#"{"action":"revoke"}"#),
    Example::get("/orgs/{org}/personal-access-token-requests"),
    Example::send(POST, "/orgs/{org}/personal-access-token-requests", r#"{"action":"deny","pat_request_ids":[1]}"#),
    Example::send(POST, "/orgs/{org}/hooks", r#"{"name":"web","config":{"url":"http://127.0.0.1:9/"}}"#).learning("hook", "/id"),
    Example::get("/orgs/{org}/hooks"),
    Example::get("/orgs/{org}/hooks/{hook}"),
    Example::send(PATCH, "/orgs/{org}/hooks/{hook}", r#"{"events":["repository"]}"#),
    Example::get("/orgs/{org}/hooks/{hook}/config"),
    Example::send(PATCH, "/orgs/{org}/hooks/{hook}/config", r#"{"content_type":"json"}"#),
    Example::send(POST, "/orgs/{org}/hooks/{hook}/pings", ""),
    Example::get("/orgs/{org}/hooks/{hook}/deliveries").learning("delivery", "/0/id"),
    Example::get("/orgs/{org}/hooks/{hook}/deliveries/{delivery}"),
    Example::send(POST, "/orgs/{org}/hooks/{hook}/deliveries/{delivery}/attempts", ""),
    Example::send(DELETE, "/orgs/{org}/hooks/{hook}", ""),
    Example::get("/orgs/{org}/repos"),
    Example::get("/repos/{org}/web"),
    Example::send(PATCH, "/repos/{org}/web", r#"{"visibility":"public"}"#),
    Example::get("/repos/{org}/web/branches").learning("commit", "/0/commit/sha"),
    Example::get("/repos/{org}/web/contents"),
    Example::get("/repos/{org}/web/contents/README.md"),
    Example::get("/repos/{org}/web/readme").learning("blob", "/sha"),
    Example::get("/repos/{org}/web/git/trees/{commit}"),
    Example::get("/repos/{org}/web/git/blobs/{blob}"),
    Example::get("/scim/v2/organizations/{org}/Users").learning("identity", "/Resources/1/id"),
    Example::get("/scim/v2/organizations/{org}/Users/{identity}"),
    Example::send(POST, "/scim/v2/organizations/{org}/Users", r#"{"userName":"eve@x.example","emails":[{"value":"eve@x.example"}]}"#).learning("eve", "/id"),
    Example::send(PUT, "/scim/v2/organizations/{org}/Users/{eve}", r#"{"userName":"eva@x.example","emails":[{"value":"eva@x.example"}],"active":true}"#),
    Example::send(PATCH, "/scim/v2/organizations/{org}/Users/{eve}", r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"displayName":"Eva"}}]}"#),
    Example::send(DELETE, "/scim/v2/organizations/{org}/Users/{eve}", ""),
    Example::send(DELETE, "/orgs/{org}/members/{bob}", ""),
    Example::send(DELETE, "/organizations/{number}/members/{eli}", ""),
    Example::send(PUT, "/orgs/{org}/blocks/{bob}", ""),
    Example::get("/orgs/{org}/blocks"),
    Example::get("/orgs/{org}/blocks/{bob}"),
    Example::send(DELETE, "/orgs/{org}/blocks/{bob}", ""),
    Example::send(DELETE, "/orgs/{org}/memberships/{ann}", ""),
    Example::send(DELETE, "/installation/token", ""),
    Example::send(DELETE, "/app/installations/{installation}", ""),
    Example::send(POST, "/enterprises/{enterprise}/credential-authorizations/revoke-all", "{}"),
    Example::send(POST, "/orgs/{org}/credential-authorizations/revoke-all", ""),
];

const fn exception(method: Method, path: &'static str, why: &'static str) -> Exception {
    Exception { method, path, why }
}

const PAGE: &str = "a page for people, not in the description";
const WEB: &str = "an endpoint of the web host, described in prose alone";
const NUMBERED: &str = "where the links of the audit log and of renamed organisations lead";
const SERVER: &str = "in the description of Enterprise Server";
const TRIMMED: &str = "left out of the trimmed description";

#[rustfmt::skip]
static EXCEPTIONS: &[Exception] = &[
    exception(Method::GET, "/login/oauth/authorize", PAGE),
    exception(POST, "/login/oauth/authorize", PAGE),
    exception(Method::GET, "/login/device", PAGE),
    exception(POST, "/login/device", PAGE),
    exception(POST, "/login/oauth/access_token", WEB),
    exception(POST, "/login/device/code", WEB),
    exception(Method::GET, "/organizations/{org}/audit-log", NUMBERED),
    exception(Method::GET, "/organizations/{org}", NUMBERED),
    exception(Method::GET, "/organizations/{org}/members", NUMBERED),
    exception(Method::GET, "/organizations/{org}/members/{username}", NUMBERED),
    exception(DELETE, "/organizations/{org}/members/{username}", NUMBERED),
    exception(Method::GET, "/organizations/{org}/outside_collaborators", NUMBERED),
    exception(Method::GET, "/organizations/{org}/credential-authorizations", NUMBERED),
    exception(POST, "/organizations/{org}/credential-authorizations/{username}/revoke", NUMBERED),
    exception(Method::GET, "/", TRIMMED),
    exception(Method::GET, "/orgs/{org}/personal-access-tokens", TRIMMED),
    exception(POST, "/orgs/{org}/personal-access-tokens", TRIMMED),
    exception(POST, "/orgs/{org}/personal-access-tokens/{pat_id}", TRIMMED),
    exception(Method::GET, "/orgs/{org}/personal-access-token-requests", TRIMMED),
    exception(POST, "/orgs/{org}/personal-access-token-requests", TRIMMED),
    exception(Method::GET, "/app/installations", "the description wants an account to be a person and an enterprise at once"),
    exception(PUT, "/users/{username}/suspended", SERVER),
    exception(DELETE, "/users/{username}/suspended", SERVER),
    exception(Method::GET, "/repos/{owner}/{repo}/contents", "the description wants a path"),
];

/// Asks with what the route wants: nothing, a signed token, client id and secret, an installation's token, an owner's.
fn send_example(room: &mut Room, example: &Example, target: &str, body: &str) -> Reply {
    let path = target.split('?').next().unwrap_or_default();
    if path.ends_with("/suspended") && path.starts_with("/users/") {
        let mut scenario = (*room.sim.scenario).clone();
        scenario.apps[github().0].profile = VendorProfile::Server;
        let mut server = room_of(scenario);
        let token = server.token();
        return super::send(&mut server, example.method.clone(), target, &token, body);
    }
    if path.ends_with("/deliveries") {
        deliver(room, 200);
    }
    let credential = if path.starts_with("/app/") || path == "/app" || path.ends_with("/installation") {
        let app = App::of(room.sim.scenario.seed, &room.sim.world.instances[github().0]);
        let now = room.now.s();
        format!("Bearer {}", signing::sign(&json!({ "iat": now - 60, "exp": now + 300, "iss": app.client_id })))
    } else if path.starts_with("/applications/") {
        let client = room.sim.state().instances[github().0].tokens.client().clone();
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", client.client_id, client.client_secret)))
    } else if path.starts_with("/installation/") || path.contains("/personal-access-token") {
        format!("Bearer {}", installation_token(room))
    } else {
        format!("Bearer {}", handed_out(room))
    };
    let content_type = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
    let headers =
        [("authorization", credential.as_str()), ("content-type", content_type), ("accept", "application/json")];
    room.send(example.method.clone(), target, &headers, body)
}

/// An OAuth token of the administrator with every scope.
fn handed_out(room: &Room) -> String {
    let scopes = SCOPES.iter().map(|s| (*s).to_owned()).collect();
    let user = Some(crate::world::PersonIndex(0));
    let order = Order { token_kind: OAUTH, user, scopes, life: FOREVER, refresh_life: None };
    room.sim.state().instances[github().0].tokens.hand_out(order, room.now).access_token
}

#[test]
fn every_route_answers_as_the_published_description_says() {
    let mut scenario = office(SignIn::Sso);
    let mut gus = scenario.cast[1].clone();
    (gus.key, gus.kind) = ("gus".to_owned(), crate::scenario::PersonKind::Guest);
    let eli = crate::scenario::CastMember { key: "eli".to_owned(), ..scenario.cast[1].clone() };
    scenario.cast.extend([gus, eli]);
    let mut room = room_of(scenario);
    let (own, app) = (customer(&room), App::of(room.sim.scenario.seed, &room.sim.world.instances[github().0]));
    let client = room.sim.state().instances[github().0].tokens.client().clone();
    let (given, other) = (handed_out(&room), handed_out(&room));
    let known = BTreeMap::from([
        ("client", client.client_id),
        ("secret", client.client_secret),
        ("redirect", encode(REDIRECT)),
        ("given", given),
        ("other", other),
        ("org", own.login.clone()),
        ("number", own.id.to_string()),
        ("enterprise", own.enterprise.clone()),
        ("installation", app.installation.to_string()),
        ("ann", login_of(&room, 1)),
        ("bob", login_of(&room, 2)),
        ("gus", login_of(&room, 3)),
        ("eli", login_of(&room, 4)),
    ]);
    let conformance = Conformance {
        vendor: Vendor::Github,
        description: description("github.json"),
        described: |path| path.replace("{*path}", "{path}"),
        send: send_example,
        examples: EXAMPLES,
        exceptions: EXCEPTIONS,
    };
    conformance.walk(&mut room, known);
}
