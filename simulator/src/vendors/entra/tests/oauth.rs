//! Tokens: for applications, and for people by code, device code and refresh.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{ANN, ENTRA, room, text};
use crate::protocol::form::{decode_pairs, encode, encode_pairs};
use crate::protocol::signing;
use crate::vendors::testing::{ORIGIN, REDIRECT, Reply, Room};

fn token_url(room: &Room) -> String {
    format!("/{}/oauth2/v2.0/token", room.sim.world.instances[1].organisation_id)
}

fn ask_token(room: &mut Room, change: &[(&str, &str)]) -> Reply {
    let client = room.sim.state().instances[1].tokens.client().clone();
    let mut form = BTreeMap::from([
        ("grant_type", "client_credentials"),
        ("client_id", &client.client_id),
        ("client_secret", &client.client_secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ]);
    form.extend(change.iter().copied());
    let pairs: Vec<(&str, &str)> = form.into_iter().collect();
    let url = token_url(room);
    room.post_form(&url, &pairs)
}

#[test]
fn tokens_are_signed_and_carry_the_granted_permissions() {
    let mut room = room();
    let reply = ask_token(&mut room, &[("client_info", "1")]);
    let body = reply.expect(200);
    assert_eq!((text(&body, "token_type"), &body["expires_in"]), ("Bearer", &json!(3599)));
    assert_eq!(body["refresh_token"], Value::Null);
    assert_eq!(reply.notes.issued.as_deref(), Some("<token:entra/stack#1>"));

    let mut parts = text(&body, "access_token").split('.');
    let mut part =
        || -> Value { serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap() };
    let (header, claims) = (part(), part());
    let tenant = room.sim.world.instances[1].organisation_id.clone();
    assert_eq!(claims["iss"], json!(format!("https://sts.windows.net/{tenant}/")));
    assert_eq!((text(&claims, "aud"), text(&claims, "idtyp")), ("https://graph.microsoft.com", "app"));
    assert_eq!(claims["exp"].as_i64(), Some(room.now.s() + 3_600));
    assert!(claims["roles"].as_array().is_some_and(|r| r.contains(&json!("User.RevokeSessions.All"))));
    let keys = room.send(Method::GET, &format!("/{tenant}/discovery/v2.0/keys"), &[], "").expect(200);
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
}

#[test]
fn the_client_may_prove_itself_with_http_basic() {
    let mut room = room();
    let client = room.sim.state().instances[1].tokens.client().clone();
    let pair = format!("{}:{}", encode(&client.client_id), encode(&client.client_secret));
    let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
    let form = "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let url = token_url(&room);
    room.send(Method::POST, &url, &headers, form).expect(200);
}

#[test]
fn the_token_endpoint_refuses_with_numbers() {
    let mut room = room();
    #[rustfmt::skip]
    let cases = [
        // what is wrong                                        status  number       error
        ([("client_secret", "guess")],                             401, 7_000_215, "invalid_client"),
        ([("client_secret", "")],                                  401, 7_000_218, "invalid_client"),
        ([("client_id", "somebody")],                              400,   700_016, "unauthorized_client"),
        ([("scope", "https://graph.microsoft.com/User.Read")],     400,    70_011, "invalid_scope"),
        ([("scope", "")],                                          400,   900_144, "invalid_request"),
        ([("scope", " ")],                                         400,    28_003, "invalid_request"),
        ([("grant_type", "password")],                             400,    70_003, "unsupported_grant_type"),
        ([("grant_type", "")],                                     400,   900_144, "invalid_request"),
    ];
    for (change, status, number, error) in cases {
        let body = ask_token(&mut room, &change).expect(status);
        assert_eq!((&body["error_codes"], text(&body, "error")), (&json!([number]), error), "{change:?}");
        assert!(text(&body, "error_description").starts_with(&format!("AADSTS{number}: ")), "{body}");
    }
    let body = room.post_form("/elsewhere.example/oauth2/v2.0/token", &[]).expect(400);
    assert_eq!(body["error_codes"], json!([90_002]));
}

#[test]
fn discovery_leads_to_this_server_and_names_the_real_issuer() {
    let mut room = room();
    let tenant = room.sim.world.instances[1].organisation_id.clone();
    let url = format!("/{tenant}/v2.0/.well-known/openid-configuration");
    let document = room.send(Method::GET, &url, &[], "").expect(200);
    assert_eq!(document["token_endpoint"], json!(format!("{ORIGIN}/{tenant}/oauth2/v2.0/token")));
    assert_eq!(document["issuer"], json!(format!("https://login.microsoftonline.com/{tenant}/v2.0")));
    let ask = format!(
        "/common/discovery/instance?api-version=1.1&authorization_endpoint={}",
        encode(&format!("https://localhost/{tenant}/oauth2/v2.0/authorize"))
    );
    let discovered = room.send(Method::GET, &ask, &[], "").expect(200);
    assert_eq!(discovered["tenant_discovery_endpoint"], json!(format!("{ORIGIN}{url}")));
}

fn tenant(room: &Room) -> String {
    room.sim.world.instances[ENTRA.0].organisation_id.clone()
}

fn client(room: &Room) -> crate::protocol::credentials::Client {
    room.sim.state().instances[ENTRA.0].tokens.client().clone()
}

/// The claims of a token, checked against the published key.
#[track_caller]
fn claims(token: &str) -> Value {
    signing::claims(token).expect("the published key has signed it")
}

/// Consents as `user`, and gives what the browser is sent back with.
fn consent(room: &mut Room, user: &str, change: &[(&str, &str)]) -> (Reply, BTreeMap<String, String>) {
    let (client, url) = (client(room), format!("/{}/oauth2/v2.0/authorize", tenant(room)));
    let mut asked = BTreeMap::from([
        ("client_id", client.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "User.Read openid profile offline_access"),
        ("state", "s1"),
        ("nonce", "n1"),
    ]);
    asked.extend(change.iter().copied());
    let mut form: Vec<(&str, &str)> = asked.into_iter().collect();
    form.extend([("user", user), ("decision", "allow")]);
    let reply = room.post_form(&url, &form);
    let back = reply.header("location").unwrap_or_default().split(['?', '#']).nth(1).unwrap_or_default().to_owned();
    let pairs = decode_pairs(back.as_bytes()).into_iter().collect();
    (reply, pairs)
}

fn redeem(room: &mut Room, change: &[(&str, &str)]) -> Reply {
    let client = client(room);
    let mut form = BTreeMap::from([
        ("client_id", client.client_id.as_str()),
        ("client_secret", client.client_secret.as_str()),
        ("redirect_uri", REDIRECT),
        ("client_info", "1"),
    ]);
    form.extend(change.iter().copied());
    let form: Vec<(&str, &str)> = form.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let url = token_url(room);
    room.post_form(&url, &form)
}

fn tokens(room: &mut Room, user: &str) -> Value {
    let (_, back) = consent(room, user, &[]);
    redeem(room, &[("grant_type", "authorization_code"), ("code", &back["code"])]).expect(200)
}

#[track_caller]
fn check_number(reply: &Reply, number: u32) {
    let body = reply.json();
    assert_eq!(body["error_codes"], json!([number]), "{body}");
}

#[test]
fn a_person_consents_and_the_application_gets_tokens_in_their_name() {
    let mut room = room();
    let query = encode_pairs([
        ("client_id", client(&room).client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "User.Read openid"),
    ]);
    let page = room.send(Method::GET, &format!("/{}/oauth2/v2.0/authorize?{query}", tenant(&room)), &[], "");
    assert!(
        page.text().contains("<form method=\"post\"") && page.text().contains("value=\"it_admin\""),
        "{}",
        page.text()
    );

    let (reply, back) = consent(&mut room, "ann", &[]);
    assert_eq!((reply.status, back["state"].as_str()), (302, "s1"));
    let body = redeem(&mut room, &[("grant_type", "authorization_code"), ("code", &back["code"])]).expect(200);
    assert_eq!(text(&body, "scope"), "User.Read openid profile");
    let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].clone();
    let (access, id) = (claims(text(&body, "access_token")), claims(text(&body, "id_token")));
    assert_eq!((text(&access, "oid"), text(&access, "scp")), (ann.user_id.as_str(), "User.Read openid profile"));
    assert_eq!((text(&access, "idtyp"), &access["roles"]), ("user", &Value::Null));
    assert_eq!((text(&id, "nonce"), text(&id, "aud")), ("n1", client(&room).client_id.as_str()));
    assert_eq!(text(&id, "iss"), format!("https://login.microsoftonline.com/{}/v2.0", tenant(&room)));
    let info: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text(&body, "client_info")).unwrap()).unwrap();
    assert_eq!(info, json!({ "uid": ann.user_id, "utid": tenant(&room) }));

    let again = redeem(&mut room, &[("grant_type", "authorization_code"), ("code", &back["code"])]);
    check_number(&again, 54_005);
    let unknown = redeem(&mut room, &[("grant_type", "authorization_code"), ("code", "nobodys")]);
    check_number(&unknown, 70_008);
}

#[test]
fn without_offline_access_or_openid_there_is_no_such_token() {
    let mut room = room();
    let (_, back) = consent(&mut room, "ann", &[("scope", "User.Read")]);
    let body = redeem(&mut room, &[("grant_type", "authorization_code"), ("code", &back["code"])]).expect(200);
    assert_eq!((&body["refresh_token"], &body["id_token"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_code_that_was_asked_for_with_a_challenge_wants_its_verifier() {
    let mut room = room();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest("a verifier of a good length"));
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let (_, back) = consent(&mut room, "ann", &pkce);
    let code = [("grant_type", "authorization_code"), ("code", back["code"].as_str())];
    check_number(&redeem(&mut room, &[code[0], code[1], ("code_verifier", "another")]), 501_481);
    // It proves a client without a secret, too.
    let public = [code[0], code[1], ("code_verifier", "a verifier of a good length"), ("client_secret", "")];
    let body = redeem(&mut room, &public).expect(200);
    assert_eq!(claims(text(&body, "access_token"))["appidacr"], json!("0"));
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", text(&body, "refresh_token")), ("client_secret", "")];
    redeem(&mut room, &refresh).expect(200);
    let (_, back) = consent(&mut room, "ann", &[]);
    let secretless = [("grant_type", "authorization_code"), ("code", back["code"].as_str()), ("client_secret", "")];
    check_number(&redeem(&mut room, &secretless), 7_000_218);
}

#[test]
fn a_refresh_gives_a_new_pair_and_leaves_the_old_one() {
    let mut room = room();
    let first = tokens(&mut room, "ann");
    let old = text(&first, "refresh_token").to_owned();
    let second = redeem(&mut room, &[("grant_type", "refresh_token"), ("refresh_token", &old)]).expect(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    redeem(&mut room, &[("grant_type", "refresh_token"), ("refresh_token", &old)]).expect(200);
    let more = [("grant_type", "refresh_token"), ("refresh_token", old.as_str()), ("scope", "Mail.Send")];
    let refused = redeem(&mut room, &more);
    check_number(&refused, 65_001);
    assert_eq!(refused.json()["suberror"], json!("consent_required"));
    room.now = room.now + Duration::from_secs(91 * 86_400);
    check_number(&redeem(&mut room, &[("grant_type", "refresh_token"), ("refresh_token", &old)]), 700_082);
}

#[test]
fn disabling_and_revoking_end_the_next_refresh_and_not_the_access_token() {
    for (path, method, body, number) in [
        ("", Method::PATCH, r#"{"accountEnabled":false}"#, 50_057),
        ("/revokeSignInSessions", Method::POST, "", 50_173),
        ("", Method::DELETE, "", 50_034),
    ] {
        let mut room = room();
        let own = tokens(&mut room, "it_admin");
        let held = tokens(&mut room, "ann");
        room.now = room.now + Duration::from_secs(60);
        let token = room.token();
        let ann = room.sim.world.people[ANN.0].accounts[&ENTRA].user_id.clone();
        let done = room.post_json(method, &format!("/v1.0/users/{ann}{path}"), &token, body);
        assert!(done.status < 300, "{}", done.text());
        let refresh = |held: &Value| text(held, "refresh_token").to_owned();
        let (gone, good) = (refresh(&held), refresh(&own));
        check_number(&redeem(&mut room, &[("grant_type", "refresh_token"), ("refresh_token", &gone)]), number);
        redeem(&mut room, &[("grant_type", "refresh_token"), ("refresh_token", &good)]).expect(200);
        let info = room.get("/oidc/userinfo", text(&held, "access_token"));
        assert_eq!(info.status, 200, "what was issued lives on");
    }
}

#[test]
fn an_authorize_request_is_refused_on_the_page_or_at_the_redirect_address() {
    let mut room = room();
    #[rustfmt::skip]
    let on_the_page = [
        (("client_id", "somebody"),                             "AADSTS700016"),
        (("redirect_uri", "https://attacker.example/cb"),       "AADSTS50011"),
    ];
    for (change, number) in on_the_page {
        let (reply, _) = consent(&mut room, "ann", &[change]);
        assert!(reply.status == 400 && reply.text().contains(number), "{}", reply.text());
    }
    #[rustfmt::skip]
    let sent_back = [
        (("scope", "User.Read https://vault.example/x"),        "invalid_request"),
        (("scope", "https://vault.example/x"),                  "invalid_resource"),
        (("scope", "Files.Burn.All"),                           "invalid_scope"),
        (("response_type", "token"),                            "unsupported_response_type"),
        (("scope", "AuditLog.Read.All"),                        "consent_required"),
        (("user", "nobody"),                                    "invalid_grant"),
    ];
    for (change, error) in sent_back {
        let user = if change.0 == "user" { change.1 } else { "ann" };
        let (reply, back) = consent(&mut room, user, &[change]);
        assert_eq!((reply.status, back.get("error").map(String::as_str)), (302, Some(error)), "{change:?}");
        assert_eq!(back["state"], "s1");
    }
    let common = room.post_form("/common/oauth2/v2.0/authorize", &[("client_id", "x"), ("redirect_uri", REDIRECT)]);
    assert!(common.text().contains("AADSTS50194"), "{}", common.text());
}

#[test]
fn answers_go_back_in_the_mode_that_was_asked_for() {
    let mut room = room();
    let (reply, _) = consent(&mut room, "ann", &[("response_mode", "fragment")]);
    assert!(reply.header("location").is_some_and(|l| l.starts_with(&format!("{REDIRECT}#code="))));
    let (reply, _) = consent(&mut room, "ann", &[("response_mode", "form_post"), ("state", "\"><b>")]);
    assert!(reply.status == 200 && reply.text().contains("name=\"code\"") && !reply.text().contains("<b>"));
    let silent = encode_pairs([
        ("client_id", client(&room).client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "User.Read"),
        ("prompt", "none"),
    ]);
    let reply = room.send(Method::GET, &format!("/{}/oauth2/v2.0/authorize?{silent}", tenant(&room)), &[], "");
    assert!(reply.header("location").is_some_and(|l| l.contains("error=login_required")));
}

#[test]
fn a_device_polls_until_somebody_has_entered_its_code() {
    let mut room = room();
    let id = client(&room).client_id;
    let url = format!("/{}/oauth2/v2.0/devicecode", tenant(&room));
    let start = |room: &mut Room| {
        room.post_form(&url, &[("client_id", &id), ("scope", "User.Read offline_access")]).expect(200)
    };
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let poll = |room: &mut Room, code: &Value| {
        redeem(room, &[grant, ("device_code", text(code, "device_code")), ("client_secret", "")])
    };
    let code = start(&mut room);
    assert_eq!((&code["expires_in"], &code["interval"]), (&json!(900), &json!(5)));
    assert_eq!(poll(&mut room, &code).expect(400)["error"], json!("authorization_pending"));
    assert!(room.send(Method::GET, "/devicelogin", &[], "").text().contains("name=\"user_code\""));
    let page = format!("/devicelogin?user_code={}", text(&code, "user_code").to_lowercase());
    assert!(room.send(Method::GET, &page, &[], "").text().contains("<form method=\"post\" action=\"/devicelogin\""));
    let form = [("user_code", text(&code, "user_code")), ("user", "ann"), ("decision", "allow")];
    let done = room.post_form("/devicelogin", &form);
    assert_eq!(done.status, 302);
    assert_eq!(room.send(Method::GET, done.header("location").unwrap(), &[], "").status, 200);
    let body = poll(&mut room, &code).expect(200);
    assert!(body["refresh_token"].is_string());
    check_number(&poll(&mut room, &code), 70_018);

    let declined = start(&mut room);
    room.post_form("/devicelogin", &[("user_code", text(&declined, "user_code")), ("decision", "deny")]);
    assert_eq!(poll(&mut room, &declined).expect(400)["error"], json!("authorization_declined"));
    let late = start(&mut room);
    room.now = room.now + Duration::from_secs(900);
    assert_eq!(poll(&mut room, &late).expect(400)["error"], json!("expired_token"));
    assert_eq!(room.send(Method::GET, "/devicelogin?user_code=WRONG", &[], "").status, 400);
}

#[test]
fn a_signed_assertion_stands_for_the_secret() {
    let mut room = room();
    let (id, url) = (client(&room).client_id, token_url(&room));
    let now = room.now.s();
    let assertion = |change: &[(&str, Value)]| {
        let mut claims = json!({
            "aud": format!("{ORIGIN}{url}"), "iss": id, "sub": id, "jti": "1", "nbf": now, "exp": now + 600,
        });
        for (name, value) in change {
            claims[*name] = value.clone();
        }
        signing::sign(&claims)
    };
    let mut ask = |assertion: &str| {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "https://graph.microsoft.com/.default"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        room.post_form(&url, &form)
    };
    let body = ask(&assertion(&[])).expect(200);
    assert_eq!(claims(text(&body, "access_token"))["appidacr"], json!("2"));
    #[rustfmt::skip]
    let cases = [
        (assertion(&[("exp", json!(now - 301))]),                       700_024),
        (assertion(&[("nbf", json!(now + 301))]),                       700_024),
        (assertion(&[("aud", json!("https://elsewhere.example/x"))]),   700_027),
        (assertion(&[("iss", json!("somebody"))]),                      700_027),
        (format!("{}x", assertion(&[])),                                700_027),
    ];
    for (assertion, number) in cases {
        let reply = ask(&assertion);
        let body = reply.json();
        // An assertion that cannot be read names nobody.
        let expected = if body["error_codes"] == json!([900_144]) { 900_144 } else { number };
        assert_eq!(body["error_codes"], json!([expected]), "{body}");
    }
    ask(&assertion(&[("exp", json!(now - 299))])).expect(200);
}

#[test]
fn tenants_that_name_nobody_are_told_so_by_number() {
    let mut room = room();
    let id = client(&room).client_id;
    #[rustfmt::skip]
    let cases = [
        ("common",     "client_credentials", 50_059),
        ("common",     "refresh_token",      50_194),
        ("consumers",  "client_credentials", 9_001_023),
        ("elsewhere",  "client_credentials", 90_002),
    ];
    for (tenant, grant, number) in cases {
        let form = [("grant_type", grant), ("client_id", id.as_str())];
        check_number(&room.post_form(&format!("/{tenant}/oauth2/v2.0/token"), &form), number);
    }
    let wrong = room.send(Method::GET, &token_url(&room), &[], "");
    assert_eq!((wrong.status, &wrong.json()["error_codes"]), (405, &json!([900_561])));
    let keys = room.send(Method::GET, "/common/discovery/v2.0/keys", &[], "").expect(200);
    assert!(keys["keys"][0]["n"].is_string());
    let any = room.send(Method::GET, "/common/v2.0/.well-known/openid-configuration", &[], "").expect(200);
    assert_eq!(any["issuer"], json!("https://login.microsoftonline.com/{tenantid}/v2.0"));
}

#[test]
fn clients_may_send_their_request_id_in_the_query_and_claims_beside() {
    let mut room = room();
    let id = "11111111-2222-4333-8444-555555555555";
    let url = format!("{}?client-request-id={id}", token_url(&room));
    let refused = room.post_form(&url, &[("grant_type", "password"), ("claims", "{\"access_token\":{}}")]).expect(400);
    assert_eq!(refused["correlation_id"], json!(id));
    let url = format!("{}?client-request-id=7", token_url(&room));
    let refused = room.post_form(&url, &[]).expect(400);
    assert_eq!(refused["correlation_id"], refused["trace_id"], "only a GUID comes back");
}

#[test]
fn version_1_names_the_resource_in_place_of_a_scope() {
    let mut room = room();
    let client = client(&room);
    let url = format!("/{}/oauth2/token", tenant(&room));
    let form = |resource| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", client.client_id.as_str()),
            ("client_secret", client.client_secret.as_str()),
            ("resource", resource),
        ]
    };
    let body = room.post_form(&url, &form("https://graph.microsoft.com/")).expect(200);
    assert_eq!((text(&body, "expires_in"), text(&body, "resource")), ("3599", "https://graph.microsoft.com/"));
    check_number(&room.post_form(&url, &form("https://vault.example")), 500_011);
}

#[test]
fn an_administrator_consents_for_everybody() {
    let mut room = room();
    let (id, tenant) = (client(&room).client_id, tenant(&room));
    let url = format!("/{tenant}/v2.0/adminconsent");
    let mut press = |user: &str, decision: &str| {
        let form = [
            ("client_id", id.as_str()),
            ("redirect_uri", REDIRECT),
            ("state", "s"),
            ("user", user),
            ("decision", decision),
        ];
        room.post_form(&url, &form).header("location").unwrap_or_default().to_owned()
    };
    assert_eq!(press("it_admin", "allow"), format!("{REDIRECT}?admin_consent=True&tenant={tenant}&state=s"));
    for (user, decision) in [("it_admin", "deny"), ("ann", "allow")] {
        assert!(press(user, decision).contains("error=permission_denied"), "{user} {decision}");
    }
}

#[test]
fn a_secret_ends_some_day() {
    let mut room = room();
    room.now = crate::time::SimTime::parse_rfc3339("2036-01-02T00:00:00Z").expect("a literal");
    let body = ask_token(&mut room, &[]).expect(401);
    assert_eq!((&body["error_codes"], text(&body, "error")), (&json!([7_000_222]), "invalid_client"));
}

#[test]
fn version_1_names_a_missing_field_by_another_number() {
    let mut room = room();
    let url = token_url(&room).replace("/v2.0", "");
    assert_eq!(room.post_form(&url, &[]).expect(400)["error_codes"], json!([90_014]));
}

#[test]
fn who_is_not_assigned_cannot_let_an_application_in_that_asks_for_it() {
    let mut room = room();
    let token = room.token();
    let client = client(&room).client_id;
    let stack = room.get(&format!("/v1.0/servicePrincipals(appId='{client}')"), &token).expect(200);
    let url = format!("/v1.0/servicePrincipals/{}", text(&stack, "id"));
    room.post_json(Method::PATCH, &url, &token, r#"{"appRoleAssignmentRequired":true}"#);
    let (_, answer) = consent(&mut room, "it_admin", &[]);
    assert!(answer["error_description"].starts_with("AADSTS50105"), "{answer:?}");
    let admin = room.sim.world.people[0].accounts[&ENTRA].user_id.clone();
    let role = "00000000-0000-0000-0000-000000000000";
    let body = json!({ "principalId": admin, "resourceId": stack["id"], "appRoleId": role });
    room.post_json(Method::POST, &format!("{url}/appRoleAssignedTo"), &token, &body.to_string()).expect(201);
    let (_, answer) = consent(&mut room, "it_admin", &[]);
    assert!(answer.contains_key("code"), "{answer:?}");
}

/// A client that takes every answer for JSON fails here (MSAL for .NET, issue 2855); MSAL for Python does.
#[test]
fn a_throttled_token_endpoint_answers_in_plain_text() {
    let context = |path: &str| crate::protocol::dialect::RenderContext {
        now: crate::vendors::testing::at("12:00:00"),
        request_id: String::new(),
        client_request_id: None,
        accept: None,
        origin: ORIGIN.to_owned(),
        path: path.to_owned(),
        query: None,
    };
    let throttled =
        crate::protocol::dialect::Failure::RateLimited { retry_after: Duration::from_secs(60), quota: None };
    let answer = (crate::vendors::entra::SPEC.dialect.render)(&throttled, &context("/common/oauth2/v2.0/token"));
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (429, b"Too Many Requests".as_slice()));
    assert_eq!(answer.headers["retry-after"], "60");
    assert!(answer.headers["content-type"].to_str().is_ok_and(|t| t.starts_with("text/plain")));
    let busy = crate::protocol::dialect::Failure::Upstream(axum::http::StatusCode::SERVICE_UNAVAILABLE);
    let answer = (crate::vendors::entra::SPEC.dialect.render)(&busy, &context("/common/oauth2/v2.0/token"));
    assert_eq!((answer.status.as_u16(), text(&answer.json_body(), "error")), (503, "temporarily_unavailable"));
}
