//! Okta: activities as events of the system log. Pure functions.
//!
//! # Sources
//! `sl` schema `LogEvent`; `et` for the event types. A wrong password is a `user.session.start` that failed with
//! `INVALID_CREDENTIALS`, an account that is locked one with `LOCKED_OUT`; the other reasons are guesses, and so are the
//! names of what `debugData` holds: only that it is a map is documented. Opening something stands for signing in to an
//! application through Okta.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::audit_log::FEEDS;
use crate::protocol::directory;
use crate::scenario::{Outcome, Verb};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::timeline::{Activity, ActivityId, Record};
use crate::world::{Instance, PersonIndex, World};

/// Whether Okta logs a verb at all.
pub(super) const fn logs(verb: Verb) -> bool {
    matches!(verb, Verb::ChangeSetting) || event_type(verb).is_some()
}

/// The event type of an activity, and its words for people; none if Okta logs no such thing.
fn kind(activity: &Activity) -> Option<(&'static str, &'static str)> {
    let detail = |key: &str| activity.details.get(key).map_or("", String::as_str);
    match activity.verb {
        Verb::ChangeRole if !HIGH_ROLES.contains(&detail("role")) => {
            Some(("user.account.privilege.revoke", "Revoke user privilege"))
        }
        Verb::ChangeSetting => Some(setting(detail("setting"), detail("to"))),
        verb => event_type(verb),
    }
}

/// Roles that are granted as an administrator's; any other is one taken away.
const HIGH_ROLES: [&str; 2] = ["owner", "admin"];
/// What a setting becomes that is switched off, or a thing that is removed.
const OFF: [&str; 4] = ["disabled", "destroyed", "none", "optional"];
const ON: [&str; 3] = ["enabled", "created", "required"];

/// A log stream, a factor for all, an identity provider; any other setting is taken for a policy's.
fn setting(setting: &str, to: &str) -> (&'static str, &'static str) {
    match setting {
        "audit_log_streaming" if ON.contains(&to) => ("system.log_stream.lifecycle.create", "Create log stream"),
        "audit_log_streaming" if OFF.contains(&to) => ("system.log_stream.lifecycle.delete", "Delete log stream"),
        "audit_log_streaming" => ("system.log_stream.lifecycle.update", "Update log stream"),
        "mfa" | "two_factor" if OFF.contains(&to) => ("system.mfa.factor.deactivate", "Deactivate MFA factor"),
        "mfa" | "two_factor" => ("system.mfa.factor.activate", "Activate MFA factor"),
        "sso" if OFF.contains(&to) => ("system.idp.lifecycle.deactivate", "Deactivate identity provider"),
        "sso" => ("system.idp.lifecycle.activate", "Activate identity provider"),
        _ => ("policy.lifecycle.update", "Update policy"),
    }
}

/// The event type of a verb that has one.
const fn event_type(verb: Verb) -> Option<(&'static str, &'static str)> {
    Some(match verb {
        Verb::SignIn => ("user.session.start", "User login to Okta"),
        Verb::SignOut => ("user.session.end", "User logout from Okta"),
        Verb::Open => ("user.authentication.sso", "User single sign on to app"),
        Verb::CreateToken => ("system.api_token.create", "Create API token"),
        Verb::RevokeToken => ("system.api_token.revoke", "Revoke API token"),
        Verb::GrantApp => ("app.oauth2.as.consent.grant", "User granted consent to app"),
        Verb::RemoveApp => ("app.oauth2.as.consent.revoke", "Consent revoked"),
        Verb::EnrollMfa => ("user.mfa.factor.activate", "Activate factor or authenticator enrollment for user"),
        Verb::RemoveMfa => ("user.mfa.factor.deactivate", "Reset factor or authenticator enrollment for user"),
        Verb::ChangePassword => ("user.account.update_password", "User update password for Okta"),
        Verb::ChangeRole => ("user.account.privilege.grant", "Grant user privilege"),
        Verb::Impersonate => ("user.session.impersonation.initiate", "Initiate impersonation session"),
        Verb::Hire => ("user.lifecycle.create", "Create Okta user"),
        Verb::Suspend => ("user.lifecycle.suspend", "Suspend Okta user"),
        Verb::Restore => ("user.lifecycle.unsuspend", "Unsuspend Okta user"),
        Verb::Terminate => ("user.lifecycle.deactivate", "Deactivate Okta user"),
        Verb::Rename | Verb::ChangeEmail => ("user.account.update_profile", "Update user profile for Okta"),
        Verb::RevokeSessions => ("user.session.clear", "Clear user session"),
        _ => return None,
    })
}

/// The records an activity leaves in this instance.
pub(super) fn records(activity: &Arc<Activity>, world: &World, instance: &Instance, seed: Seed) -> Vec<Record> {
    let here = activity.app == Some(instance.app);
    let Some((kind, words)) = kind(activity).filter(|_| here) else { return Vec::new() };
    let at = SimTime::from_ms(activity.occurred.ms());
    let [a, b, c] = directory::labels(activity, world);
    let id = seed.uuid(&["okta event", &instance.name, &a, &b, &c]);
    let body = json!({
        "actor": actor(activity, world, instance),
        "client": client(activity),
        "authenticationContext": {
            "authenticationStep": 0,
            "externalSessionId": activity.session.as_deref().unwrap_or("unknown"),
        },
        "displayMessage": words,
        "eventType": kind,
        "outcome": outcome(&activity.outcome),
        "published": at.civil().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "securityContext": security(activity, world),
        "severity": if activity.outcome == Outcome::Success { "INFO" } else { "WARN" },
        "debugContext": { "debugData": debug_data(activity) },
        "legacyEventType": null,
        "transaction": { "type": "WEB", "id": id.replace('-', ""), "detail": {} },
        "uuid": id,
        "version": "0",
        "request": { "ipChain": activity.address.iter().map(hop).collect::<Vec<_>>() },
        "target": target(activity, world, instance),
    });
    let body = serde_json::to_vec(&body).expect("events are plain values");
    vec![FEEDS[0].record(activity, instance, &id, at, body)]
}

fn actor(activity: &Activity, world: &World, instance: &Instance) -> Value {
    if let ActivityId::Governed { .. } = activity.id {
        let by = activity.details.get("by").map_or("unknown", String::as_str);
        return json!({ "id": by, "type": "PublicClientApp", "alternateId": by, "displayName": by });
    }
    user(activity.actor, world, instance).unwrap_or(Value::Null)
}

fn debug_data(activity: &Activity) -> Value {
    let mut data = json!({ "requestUri": "/api/v1/authn" });
    let told =
        [("scopes", "requestedScopes"), ("role", "privilegeGranted"), ("setting", "setting"), ("to", "newValue")];
    for (detail, key) in told {
        if let Some(value) = activity.details.get(detail) {
            data[key] = json!(value);
        }
    }
    data
}

fn hop(ip: &IpAddr) -> Value {
    json!({ "ip": ip, "version": if ip.is_ipv4() { "V4" } else { "V6" }, "source": null })
}

fn user(person: PersonIndex, world: &World, instance: &Instance) -> Option<Value> {
    let person = world.person(person);
    let account = person.accounts.get(&instance.app)?;
    let (id, login, name) = (&account.user_id, &account.login, person.display_name());
    Some(json!({ "id": id, "type": "User", "alternateId": login, "displayName": name, "detailEntry": null }))
}

fn client(activity: &Activity) -> Value {
    let place = activity.place.map(|place| {
        json!({
            "city": place.name,
            "country": place.country_name,
            "geolocation": { "lat": place.lat, "lon": place.lon },
        })
    });
    let agent = json!({ "rawUserAgent": &*activity.user_agent });
    json!({ "userAgent": agent, "ipAddress": activity.address, "geographicalContext": place, "device": "Computer" })
}

fn outcome(outcome: &Outcome) -> Value {
    let reason = match outcome {
        Outcome::Success => return json!({ "result": "SUCCESS" }),
        Outcome::WrongPassword | Outcome::WrongCode => "INVALID_CREDENTIALS",
        Outcome::UnknownUser | Outcome::Disabled => "VERIFICATION_ERROR",
        Outcome::MfaDenied => "User rejected Okta push verify",
        Outcome::MfaUnanswered => "MFA challenge timed out",
        Outcome::Blocked => "Sign-on policy evaluation resulted in DENY",
        Outcome::Locked => "LOCKED_OUT",
    };
    json!({ "result": "FAILURE", "reason": reason })
}

fn security(activity: &Activity, world: &World) -> Value {
    let network = activity.address.and_then(|address| world.locate(address));
    network.map_or_else(
        || json!({}),
        |n| json!({ "asNumber": n.asn, "asOrg": n.as_organisation, "isp": n.as_organisation, "isProxy": false }),
    )
}

fn target(activity: &Activity, world: &World, instance: &Instance) -> Value {
    let person = activity.target.and_then(|person| user(person, world, instance));
    let thing =
        activity.object.as_deref().map(|name| json!({ "type": "AppInstance", "displayName": name, "id": name }));
    person.or(thing).map_or(Value::Null, |one| json!([one]))
}
