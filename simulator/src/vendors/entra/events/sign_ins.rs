//! Entries of the sign-in log.
//!
//! # Sources
//! Fields and their order: the CSDL's `signIn`. Numbers: the AADSTS reference (50126, 50034, 50053, 53003, 50057,
//! 500121); that one number stands for a wrong code, a denied and an unanswered prompt, and the words that tell them
//! apart, are recalled. Which app name stands for the directory itself is a guess.

use std::borrow::Cow;

use serde::Serialize;

use super::{Entry, SIGN_INS, seven_digits, uuid};
use crate::scenario::{Outcome, Using, Vendor};
use crate::seed::Seed;
use crate::timeline::Activity;
use crate::vendors;
use crate::vendors::entra::objects::enterprise_app_id;
use crate::vendors::entra::risk::at_sign_in;
use crate::world::{Instance, Place, World};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignIn<'a> {
    id: &'a str,
    created_date_time: String,
    user_display_name: String,
    user_principal_name: &'a str,
    user_id: &'a str,
    app_id: &'a str,
    app_display_name: &'a str,
    ip_address: Option<String>,
    client_app_used: &'a str,
    user_agent: &'a str,
    correlation_id: String,
    conditional_access_status: &'a str,
    is_interactive: bool,
    home_tenant_id: &'a str,
    resource_tenant_id: &'a str,
    resource_display_name: &'a str,
    resource_id: &'a str,
    service_principal_id: &'a str,
    service_principal_name: Option<&'a str>,
    risk_detail: &'a str,
    risk_level_aggregated: &'a str,
    risk_level_during_sign_in: &'a str,
    risk_state: &'a str,
    risk_event_types: Vec<&'a str>,
    #[serde(rename = "riskEventTypes_v2")]
    risk_event_types_v2: Vec<&'a str>,
    status: Status<'a>,
    device_detail: Device<'a>,
    location: Option<Location<'a>>,
    applied_conditional_access_policies: [&'a str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    error_code: u32,
    failure_reason: Option<&'a str>,
    additional_details: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Device<'a> {
    device_id: String,
    display_name: String,
    operating_system: &'a str,
    browser: String,
    is_compliant: bool,
    is_managed: bool,
    trust_type: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    city: &'a str,
    state: Option<&'a str>,
    country_or_region: &'a str,
    geo_coordinates: Coordinates,
}

#[derive(Serialize)]
struct Coordinates {
    altitude: Option<f64>,
    latitude: f64,
    longitude: f64,
}

/// The entry for a sign-in to `app` through the directory `instance`.
pub(super) fn entry(activity: &Activity, world: &World, instance: &Instance, app: &Instance, seed: Seed) -> Entry {
    let person = &world.people[activity.actor.0];
    let account = person.accounts.get(&instance.app);
    let id = uuid(activity, world, instance, seed, "sign-in");
    let name = app_name(app);
    let app_id = enterprise_app_id(seed, instance, app);
    let resource_id = seed.uuid(&["resource", &instance.name, &app.name]);
    let outcome = activity.outcome;
    let risk = at_sign_in(activity, world);
    let risk_level = risk.map_or("none", |found| found.level);
    let risk_events: Vec<&str> = risk.iter().map(|found| found.event).collect();
    let body = serde_json::to_vec(&SignIn {
        id: &id,
        created_date_time: seven_digits(activity.occurred),
        user_display_name: person.display_name(),
        user_principal_name: account.map_or(person.email.as_str(), |a| a.login.as_str()),
        user_id: account.map_or(person.directory_id.as_str(), |a| a.user_id.as_str()),
        app_id: &app_id,
        app_display_name: &name,
        ip_address: activity.address.map(|a| a.to_string()),
        client_app_used: if activity.using == Using::Phone { "Mobile Apps and Desktop clients" } else { "Browser" },
        user_agent: &activity.user_agent,
        correlation_id: uuid(activity, world, instance, seed, "correlation"),
        conditional_access_status: if outcome == Outcome::Blocked { "failure" } else { "notApplied" },
        is_interactive: true,
        home_tenant_id: &instance.organisation_id,
        resource_tenant_id: &instance.organisation_id,
        resource_display_name: &name,
        resource_id: &resource_id,
        service_principal_id: "",
        service_principal_name: None,
        risk_detail: "none",
        risk_level_aggregated: risk_level,
        risk_level_during_sign_in: risk_level,
        risk_state: if risk.is_some() { "atRisk" } else { "none" },
        risk_event_types: risk_events.clone(),
        risk_event_types_v2: risk_events,
        status: status(outcome),
        device_detail: device(activity, world, seed),
        location: activity.place.map(location),
        applied_conditional_access_policies: [],
    });
    Entry { feed: SIGN_INS, id, body: body.expect("entries are plain values").into() }
}

/// The app's name for people; a second instance of a vendor tells itself apart.
pub(in super::super) fn app_name(app: &Instance) -> Cow<'static, str> {
    match app.vendor {
        Vendor::Entra => "My Apps".into(),
        vendor if app.name == vendor.name() => vendors::spec(vendor).title.into(),
        vendor => format!("{} ({})", vendors::spec(vendor).title, app.name).into(),
    }
}

fn status(outcome: Outcome) -> Status<'static> {
    let second_factor = "Authentication failed during strong authentication request.";
    let (error_code, failure_reason, additional_details) = match outcome {
        Outcome::Success => (0, None, None),
        Outcome::WrongPassword => {
            (50_126, Some("Error validating credentials due to invalid username or password."), None)
        }
        Outcome::UnknownUser => (50_034, Some("The user account does not exist in the directory."), None),
        Outcome::WrongCode => {
            (500_121, Some(second_factor), Some("MFA denied; user entered incorrect verification code"))
        }
        Outcome::MfaDenied => (500_121, Some(second_factor), Some("MFA denied; user declined the authentication")),
        Outcome::MfaUnanswered => {
            (500_121, Some(second_factor), Some("MFA denied; user did not respond to mobile app notification"))
        }
        Outcome::Blocked => (53_003, Some("Access has been blocked by Conditional Access policies."), None),
        Outcome::Locked => (50_053, Some("The account is locked: too many sign-in attempts."), None),
        Outcome::Disabled => (50_057, Some("The user account is disabled."), None),
    };
    Status { error_code, failure_reason, additional_details }
}

fn device(activity: &Activity, world: &World, seed: Seed) -> Device<'static> {
    let key = &world.people[activity.actor.0].key;
    let agent = &*activity.user_agent;
    let own = matches!(activity.using, Using::Laptop);
    let operating_system = [
        ("iPhone", "Ios"),
        ("Android", "Android"),
        ("Windows", "Windows10"),
        ("Macintosh", "MacOs"),
        ("Linux", "Linux"),
    ];
    Device {
        device_id: if own { seed.uuid(&["device", key]) } else { String::new() },
        display_name: if own { format!("{key}-laptop") } else { String::new() },
        operating_system: operating_system.iter().find(|(mark, _)| agent.contains(mark)).map_or("", |(_, name)| *name),
        browser: browser(agent),
        is_compliant: own,
        is_managed: own,
        trust_type: if own { "Azure AD joined" } else { "" },
    }
}

/// `Edge 145.0.0.0`: name and version. Browsers pretend to be one another, so the most particular mark comes first.
fn browser(agent: &str) -> String {
    let marks = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
        ("python-requests/", "Python Requests"),
    ];
    let version_after = |mark: &str| {
        let rest = agent.split_once(mark)?.1;
        Some(rest.split_whitespace().next().unwrap_or_default().to_owned())
    };
    marks.iter().find_map(|(mark, name)| version_after(mark).map(|v| format!("{name} {v}"))).unwrap_or_default()
}

fn location(place: &'static Place) -> Location<'static> {
    let geo_coordinates = Coordinates { altitude: None, latitude: place.lat, longitude: place.lon };
    Location { city: place.name, state: None, country_or_region: place.country, geo_coordinates }
}
