//! Every route, held against the description that was derived from Graph's CSDL.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;

use super::security::add_attack;
use super::{ANN, ENTRA, MIRO, office};
use crate::protocol::credentials::{OAUTH, Order};
use crate::protocol::form::encode;
use crate::scenario::{Vendor, Verb};
use crate::vendors::conforms::{Conformance, Example, Exception};
use crate::vendors::testing::{REDIRECT, Room, at, description, step};
use crate::world::PersonIndex;

const FORM: &str = "application/x-www-form-urlencoded";
const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

#[rustfmt::skip]
static EXAMPLES: &[Example] = &[
    Example::get("/{tenant}/v2.0/.well-known/openid-configuration"),
    Example::get("/{tenant}/.well-known/openid-configuration"),
    Example::get("/{tenant}/discovery/v2.0/keys"),
    Example::get("/{tenant}/discovery/keys"),
    Example::get("/common/discovery/instance?api-version=1.1&authorization_endpoint=https://localhost/common/oauth2/v2.0/authorize"),
    Example::get("/common/userrealm/ann@elsewhere.example?api-version=1.0"),
    Example::get("/oidc/userinfo"),
    Example::get("/{tenant}/oauth2/v2.0/logout"),
    Example::get("/{tenant}/oauth2/v2.0/authorize?client_id={client}&redirect_uri={redirect}&response_type=code&scope=openid"),
    Example::send(POST, "/{tenant}/oauth2/v2.0/authorize", "client_id={client}&redirect_uri={redirect}&response_type=code&scope=openid&user=ann&decision=allow"),
    Example::get("/{tenant}/v2.0/adminconsent?client_id={client}&redirect_uri={redirect}&scope={scope}"),
    Example::send(POST, "/{tenant}/v2.0/adminconsent", "client_id={client}&redirect_uri={redirect}&user=it_admin&decision=allow"),
    Example::get("/{tenant}/adminconsent?client_id={client}&redirect_uri={redirect}"),
    Example::send(POST, "/{tenant}/adminconsent", "client_id={client}&redirect_uri={redirect}&user=it_admin&decision=allow"),
    Example::send(POST, "/{tenant}/oauth2/v2.0/devicecode", "client_id={client}&scope=openid").learning("code", "/user_code"),
    Example::get("/devicelogin?user_code={code}"),
    Example::send(POST, "/devicelogin", "user_code={code}&user=ann&decision=allow"),
    Example::send(POST, "/{tenant}/oauth2/v2.0/token", "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={scope}"),
    Example::send(POST, "/{tenant}/oauth2/token", "grant_type=client_credentials&client_id={client}&client_secret={secret}&resource=https://graph.microsoft.com"),

    Example::get("/v1.0/me"),
    Example::get("/v1.0/users"),
    Example::get("/v1.0/users?$top=1&$select=id,accountEnabled,createdDateTime,userType,department&$count=true"),
    Example::send(POST, "/v1.0/users", r#"{"accountEnabled":true,"displayName":"Eve","mailNickname":"eve","userPrincipalName":"eve@{domain}","passwordProfile":{"password":"x"}}"#).learning("eve", "/id"),
    Example::get("/v1.0/users/$count"),
    Example::get("/v1.0/users/delta"),
    Example::get("/v1.0/users/{ann}"),
    Example::send(PATCH, "/v1.0/users/{ann}", r#"{"jobTitle":"designer"}"#),
    Example::send(POST, "/v1.0/users/{ann}/revokeSignInSessions", ""),
    Example::send(POST, "/v1.0/users/{ann}/sendMail", r#"{"message":{"subject":"s","toRecipients":[{"emailAddress":{"address":"a@b.example"}}]}}"#),
    Example::get("/v1.0/users/{ann}/memberOf"),
    Example::get("/v1.0/users/{ann}/memberOf/microsoft.graph.group"),
    Example::get("/v1.0/users/{ann}/transitiveMemberOf"),
    Example::get("/v1.0/users/{ann}/transitiveMemberOf/microsoft.graph.group"),
    Example::get("/v1.0/users/{ann}/manager"),
    Example::get("/v1.0/users/{ann}?$select=id,signInActivity&$expand=manager"),
    Example::send(POST, "/v1.0/users/{ann}/getMemberGroups", r#"{"securityEnabledOnly":true}"#),
    Example::get("/v1.0/users/{ann}/oauth2PermissionGrants"),
    Example::get("/v1.0/users/{ann}/appRoleAssignments").learning("assignment", "/value/0/id"),
    Example::send(DELETE, "/v1.0/users/{ann}/appRoleAssignments/{assignment}", ""),

    Example::send(POST, "/v1.0/groups", r#"{"displayName":"G","mailEnabled":false,"mailNickname":"g","securityEnabled":true}"#).learning("group", "/id"),
    Example::get("/v1.0/groups"),
    Example::get("/v1.0/groups/$count"),
    Example::get("/v1.0/groups/delta"),
    Example::get("/v1.0/groups/{group}"),
    Example::send(PATCH, "/v1.0/groups/{group}", r#"{"description":"d"}"#),
    Example::send(POST, "/v1.0/groups/{group}/members/$ref", r#"{"@odata.id":"https://graph.microsoft.com/v1.0/users/{ann}"}"#),
    Example::get("/v1.0/groups/{group}/members"),
    Example::get("/v1.0/groups/{group}/members/microsoft.graph.user"),
    Example::get("/v1.0/groups/{group}/transitiveMembers"),
    Example::get("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user"),
    Example::get("/v1.0/groups/{group}/memberOf"),
    Example::send(DELETE, "/v1.0/groups/{group}/members/{ann}/$ref", ""),
    Example::send(POST, "/v1.0/groups/{group}/owners/$ref", r#"{"@odata.id":"https://graph.microsoft.com/v1.0/users/{ann}"}"#),
    Example::get("/v1.0/groups/{group}/owners"),
    Example::send(DELETE, "/v1.0/groups/{group}/owners/{ann}/$ref", ""),
    Example::send(DELETE, "/v1.0/groups/{group}", ""),
    Example::get("/v1.0/directoryRoles").learning("role", "/value/0/id"),
    Example::get("/v1.0/directoryRoles/{role}"),
    Example::get("/v1.0/directoryRoles/{role}/members"),

    Example::send(DELETE, "/v1.0/users/{eve}", ""),
    Example::get("/v1.0/directory/deletedItems/{eve}"),
    Example::send(POST, "/v1.0/directory/deletedItems/{eve}/restore", ""),
    Example::send(DELETE, "/v1.0/directory/deletedItems/{group}", ""),

    Example::get("/v1.0/auditLogs/signIns").learning("sign_in", "/value/0/id"),
    Example::get("/v1.0/auditLogs/signIns/{sign_in}"),
    Example::send(POST, "/v1.0/auditLogs/signIns/confirmCompromised", r#"{"requestIds":["{sign_in}"]}"#),
    Example::send(POST, "/v1.0/auditLogs/signIns/confirmSafe", r#"{"requestIds":["{sign_in}"]}"#),
    Example::send(POST, "/v1.0/auditLogs/signIns/dismiss", r#"{"requestIds":["{sign_in}"]}"#),
    Example::get("/v1.0/auditLogs/directoryAudits").learning("audit", "/value/0/id"),
    Example::get("/v1.0/auditLogs/directoryAudits/{audit}"),

    Example::send(POST, "/v1.0/identityProtection/riskyUsers/confirmCompromised", r#"{"userIds":["{ann}"]}"#),
    Example::get("/v1.0/identityProtection/riskyUsers"),
    Example::get("/v1.0/identityProtection/riskyUsers/$count"),
    Example::get("/v1.0/identityProtection/riskyUsers/{ann}"),
    Example::get("/v1.0/identityProtection/riskyUsers/{ann}/history"),
    Example::get("/v1.0/identityProtection/riskDetections").learning("detection", "/value/0/id"),
    Example::get("/v1.0/identityProtection/riskDetections/{detection}"),
    Example::send(POST, "/v1.0/identityProtection/riskyUsers/confirmSafe", r#"{"userIds":["{ann}"]}"#),
    Example::send(POST, "/v1.0/identityProtection/riskyUsers/dismiss", r#"{"userIds":["{ann}"]}"#),

    Example::get("/v1.0/oauth2PermissionGrants").learning("grant", "/value/0/id"),
    Example::get("/v1.0/oauth2PermissionGrants/delta"),
    Example::get("/v1.0/oauth2PermissionGrants/{grant}").learning("app", "/clientId"),
    Example::get("/v1.0/oauth2PermissionGrants/{grant}").learning("graph", "/resourceId"),
    Example::send(PATCH, "/v1.0/oauth2PermissionGrants/{grant}", r#"{"scope":"Mail.Read"}"#),
    Example::get("/v1.0/servicePrincipals/{app}/oauth2PermissionGrants"),
    Example::send(DELETE, "/v1.0/oauth2PermissionGrants/{grant}", ""),
    Example::send(POST, "/v1.0/oauth2PermissionGrants", r#"{"clientId":"{app}","consentType":"AllPrincipals","resourceId":"{graph}","scope":"User.Read"}"#),
    Example::get("/v1.0/servicePrincipals"),
    Example::get("/v1.0/servicePrincipals/delta"),
    Example::get("/v1.0/servicePrincipals/{graph}").learning("permission", "/appRoles/0/id"),
    Example::send(PATCH, "/v1.0/servicePrincipals/{app}", r#"{"accountEnabled":false}"#),
    Example::send(POST, "/v1.0/servicePrincipals/{app}/appRoleAssignments", r#"{"principalId":"{app}","resourceId":"{graph}","appRoleId":"{permission}"}"#).learning("held", "/id"),
    Example::get("/v1.0/servicePrincipals/{app}/appRoleAssignments"),
    Example::send(DELETE, "/v1.0/servicePrincipals/{app}/appRoleAssignments/{held}", ""),
    Example::send(POST, "/v1.0/servicePrincipals/{graph}/appRoleAssignedTo", r#"{"principalId":"{app}","resourceId":"{graph}","appRoleId":"{permission}"}"#),
    Example::get("/v1.0/servicePrincipals/{graph}/appRoleAssignedTo"),
    Example::send(DELETE, "/v1.0/servicePrincipals/{graph}/appRoleAssignedTo/{held}", ""),
    Example::send(DELETE, "/v1.0/servicePrincipals/{app}", ""),
    Example::get("/v1.0/applications").learning("application", "/value/0/id"),
    Example::get("/v1.0/applications/{application}"),
    Example::get("/v1.0/applications/delta"),
    Example::get("/v1.0/organization"),
    Example::send(POST, "/v1.0/subscriptions", r#"{"changeType":"updated","notificationUrl":"http://127.0.0.1:9/hooks","resource":"users","expirationDateTime":"2026-03-03T00:00:00Z","clientState":"s3cret"}"#).learning("subscription", "/id"),
    Example::get("/v1.0/subscriptions"),
    Example::get("/v1.0/subscriptions/{subscription}"),
    Example::send(PATCH, "/v1.0/subscriptions/{subscription}", r#"{"expirationDateTime":"2026-03-04T00:00:00Z"}"#),
    Example::send(POST, "/v1.0/subscriptions/{subscription}/reauthorize", ""),
    Example::send(DELETE, "/v1.0/subscriptions/{subscription}", ""),
    Example::get("/v1.0/security/alerts_v2?$filter=severity eq 'medium'&$orderby=createdDateTime desc").learning("alert", "/value/0/id"),
    Example::get("/v1.0/security/alerts_v2/{alert}"),
    Example::send(PATCH, "/v1.0/security/alerts_v2/{alert}", r#"{"status":"resolved","classification":"truePositive","determination":"compromisedAccount"}"#),
    Example::send(POST, "/v1.0/security/alerts_v2/{alert}/comments", r##"{"@odata.type":"microsoft.graph.security.alertComment","comment":"seen"}"##),
    Example::send(POST, "/v1.0/security/runHuntingQuery", r#"{"query":"BehaviorEntities | take 10"}"#),
    Example::get("/v1.0/security/incidents").learning("incident", "/value/0/id"),
    Example::get("/v1.0/security/incidents/{incident}"),
    Example::send(PATCH, "/v1.0/security/incidents/{incident}", r#"{"status":"resolved"}"#),
    Example::get("/v1.0/security/secureScores?$top=1").learning("score", "/value/0/id"),
    Example::get("/v1.0/security/secureScores/{score}"),
    Example::get("/v1.0/security/secureScoreControlProfiles").learning("control", "/value/0/id"),
    Example::get("/v1.0/security/secureScoreControlProfiles/{control}"),
    Example::get("/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams").learning("stream", "/value/0/id"),
    Example::get("/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{stream}/aggregatedAppsDetails(period=duration'P90D')").learning("discovered", "/value/0/id"),
    Example::get("/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{stream}/microsoft.graph.security.aggregatedAppsDetails(period=duration'P90D')/{discovered}/users"),
    Example::get("/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{stream}/aggregatedAppsDetails(period=duration'P90D')/{discovered}/ipAddresses"),
    Example::send(POST, "/v1.0/$batch", r#"{"requests":[{"id":"1","method":"GET","url":"/users"}]}"#),
    Example::send(DELETE, "/v1.0/applications/{application}", ""),
];

const PLATFORM: &str = "the identity platform is not in the description, which is Graph's";
const BETA: &str = "the description is of version 1.0";
const NOT_CHOSEN: &str = "the description is an excerpt of Graph, and this operation is not among those chosen";

const fn except(method: Method, path: &'static str, why: &'static str) -> Exception {
    Exception { method, path, why }
}

static EXCEPTIONS: &[Exception] = &[
    except(GET, "/{tenant}/v2.0/.well-known/openid-configuration", PLATFORM),
    except(GET, "/{tenant}/.well-known/openid-configuration", PLATFORM),
    except(GET, "/{tenant}/discovery/v2.0/keys", PLATFORM),
    except(GET, "/{tenant}/discovery/keys", PLATFORM),
    except(GET, "/common/discovery/instance", PLATFORM),
    except(GET, "/common/userrealm/{user}", PLATFORM),
    except(GET, "/oidc/userinfo", PLATFORM),
    except(GET, "/{tenant}/oauth2/v2.0/logout", PLATFORM),
    except(GET, "/{tenant}/oauth2/v2.0/authorize", PLATFORM),
    except(POST, "/{tenant}/oauth2/v2.0/authorize", PLATFORM),
    except(GET, "/{tenant}/v2.0/adminconsent", PLATFORM),
    except(POST, "/{tenant}/v2.0/adminconsent", PLATFORM),
    except(GET, "/{tenant}/adminconsent", PLATFORM),
    except(POST, "/{tenant}/adminconsent", PLATFORM),
    except(POST, "/{tenant}/oauth2/v2.0/devicecode", PLATFORM),
    except(GET, "/devicelogin", PLATFORM),
    except(POST, "/devicelogin", PLATFORM),
    except(POST, "/{tenant}/oauth2/v2.0/token", PLATFORM),
    except(POST, "/{tenant}/oauth2/token", PLATFORM),
    except(GET, "/v1.0/users/{id}/memberOf/{type}", NOT_CHOSEN),
    except(GET, "/v1.0/users/{id}/transitiveMemberOf/{type}", NOT_CHOSEN),
    except(POST, "/v1.0/groups", NOT_CHOSEN),
    except(PATCH, "/v1.0/groups/{id}", NOT_CHOSEN),
    except(DELETE, "/v1.0/groups/{id}", NOT_CHOSEN),
    except(GET, "/v1.0/groups/{id}/members/{type}", NOT_CHOSEN),
    except(GET, "/v1.0/groups/{id}/transitiveMembers/{type}", NOT_CHOSEN),
    except(GET, "/v1.0/groups/{id}/memberOf", NOT_CHOSEN),
    except(GET, "/v1.0/groups/{id}/owners", NOT_CHOSEN),
    except(POST, "/v1.0/groups/{id}/owners/$ref", NOT_CHOSEN),
    except(DELETE, "/v1.0/groups/{id}/owners/{type}/$ref", NOT_CHOSEN),
    except(GET, "/v1.0/directoryRoles", NOT_CHOSEN),
    except(GET, "/v1.0/directoryRoles/{id}", NOT_CHOSEN),
    except(GET, "/v1.0/directoryRoles/{id}/members", NOT_CHOSEN),
    except(GET, "/v1.0/applications/{id}", NOT_CHOSEN),
    except(GET, "/v1.0/applications/delta", NOT_CHOSEN),
    except(DELETE, "/v1.0/applications/{id}", NOT_CHOSEN),
    except(GET, "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams", BETA),
    except(
        GET,
        "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}",
        BETA,
    ),
    except(
        GET,
        "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}/{app}/users",
        BETA,
    ),
    except(
        GET,
        "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/{id}/aggregatedAppsDetails/{period}/{app}/ipAddresses",
        BETA,
    ),
];

/// The path of the description: it has no version before it, and writes functions with parentheses.
fn described(path: &str) -> String {
    path.trim_start_matches("/v1.0").replace("/delta", "/delta()")
}

#[test]
fn every_route_answers_as_the_published_description_says() {
    let mut scenario = office();
    let mut grant = step(at("10:00:00"), 0, Verb::GrantApp, ENTRA);
    grant.object = Some("Mail Merge".into());
    add_attack(&mut scenario);
    scenario.people = 10;
    scenario.script.push(grant);
    let mut room = Room::new(scenario, Vendor::Entra);
    let client = room.sim.state().instances[ENTRA.0].tokens.client().clone();
    let ann = room.sim.world.people[ANN.0].clone();
    assert!(ann.accounts.contains_key(&MIRO));
    let known = BTreeMap::from([
        ("tenant", room.sim.world.instances[ENTRA.0].organisation_id.clone()),
        ("domain", room.sim.world.domain.clone()),
        ("client", client.client_id),
        ("secret", encode(&client.client_secret)),
        ("redirect", encode(REDIRECT)),
        ("scope", encode("https://graph.microsoft.com/.default")),
        ("ann", ann.accounts[&ENTRA].user_id.clone()),
    ]);
    let conformance = Conformance {
        vendor: Vendor::Entra,
        description: description("graph.json"),
        described,
        send: |room, example, target, body| {
            // Past every limit.
            room.now = room.now + Duration::from_secs(10);
            let token = if ["/v1.0/me", "/oidc/userinfo"].contains(&target) { delegated(room) } else { room.token() };
            let bearer = format!("Bearer {token}");
            let content_type = if body.starts_with('{') { "application/json" } else { FORM };
            let headers =
                [("authorization", bearer.as_str()), ("content-type", content_type), ("consistencylevel", "eventual")];
            room.send(example.method.clone(), target, &headers, body)
        },
        examples: EXAMPLES,
        exceptions: EXCEPTIONS,
    };
    conformance.walk(&mut room, known);
}

/// A token in the administrator's name.
fn delegated(room: &Room) -> String {
    let mut state = room.sim.state();
    let order = Order {
        token_kind: OAUTH,
        user: Some(PersonIndex(0)),
        scopes: vec!["User.Read.All".to_owned()],
        life: Duration::from_secs(3_600),
        refresh_life: None,
    };
    state.instances[ENTRA.0].tokens.hand_out(order, room.now).access_token
}
