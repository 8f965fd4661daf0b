//! Every route, held against Miro's OpenAPI document.

use std::collections::BTreeMap;

use axum::http::Method;

use super::{LOG, authorize, code, room};
use crate::protocol::form::encode;
use crate::scenario::Vendor;
use crate::vendors::conforms::{Conformance, Example, Exception};
use crate::vendors::testing::{REDIRECT, description};

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
];

static EXCEPTIONS: &[Exception] = &[
    Exception { method: Method::GET, path: "/oauth/authorize", why: "a page for people, not in the description" },
    Exception { method: Method::POST, path: "/oauth/authorize", why: "the page's own form" },
    Exception { method: Method::POST, path: "/v1/oauth/token", why: "not in the description, only on the OAuth pages" },
];

#[test]
fn every_route_answers_as_the_published_description_says() {
    let mut room = room();
    let token = room.token();
    let pair = |room: &mut crate::vendors::testing::Room| {
        let code = code(room);
        super::text(&super::redeem(room, &code).expect(200), "access_token").to_owned()
    };
    let (other, code) = (pair(&mut room), code(&mut room));
    let client = room.sim.state().instances[0].tokens.client().clone();
    let ann = &room.sim.world.people[1].accounts[&super::MIRO];
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
    ]);
    let conformance = Conformance {
        vendor: Vendor::Miro,
        description: description("miro.json"),
        described: str::to_owned,
        send: |room, example, target, body| {
            let bearer = format!("Bearer {}", room.token());
            let content_type = if body.starts_with(['{', '[']) { "application/json" } else { FORM };
            let headers = [("authorization", bearer.as_str()), ("content-type", content_type)];
            room.send(example.method.clone(), target, &headers, body)
        },
        examples: EXAMPLES,
        exceptions: EXCEPTIONS,
    };
    conformance.walk(&mut room, known);
}
