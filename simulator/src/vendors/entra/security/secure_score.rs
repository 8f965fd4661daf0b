//! Secure score: one a day, newest first, made of the controls that fit the tenant's apps.
//!
//! # Sources
//! The CSDL for the fields; the pages `protect-workplace` and `protect-github` of Defender for Cloud Apps for the
//! recommendations of connected apps, that of Workplace in its own words. Ids of controls, points and texts are invented:
//! what the product calls them nobody has published. One score is made each midnight, of what was set by then; ninety are
//! kept.

use serde_json::{Value, json};

use super::super::odata::list::{self, EntitySet, Index, paging};
use super::is_watched;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::scenario::{SignIn, Vendor, Verb};
use crate::time::{DAY, SimTime};
use crate::timeline::{Activity, LogId};
use crate::vendors;
use crate::world::Instance;

static SCORES: EntitySet = EntitySet {
    name: "security/secureScores",
    type_name: "microsoft.graph.secureScore",
    expandable: &[],
    default: &[],
    further: &["id", "azureTenantId", "createdDateTime", "currentScore", "maxScore", "controlScores"],
    filterable: &["createdDateTime"],
    searchable: &[],
    sortable: &["createdDateTime"],
    paging: paging("secure_scores"),
    index: Index::Plain,
};

static PROFILES: EntitySet = EntitySet {
    name: "security/secureScoreControlProfiles",
    type_name: "microsoft.graph.secureScoreControlProfile",
    expandable: &[],
    default: &[],
    further: &["id", "title", "service", "controlCategory", "maxScore", "actionType", "rank", "tier", "threats"],
    filterable: &["controlCategory", "service", "title"],
    searchable: &[],
    sortable: &["rank"],
    paging: paging("secure_score_profiles"),
    index: Index::Plain,
};

/// Days that scores are kept.
const KEPT: u32 = 90;

/// A control of apps of one vendor.
struct Control {
    id: &'static str,
    vendor: Vendor,
    title: &'static str,
    service: &'static str,
    points: f64,
    /// Settings of an instance that decide whether it has what is recommended, as its log calls them.
    settings: &'static [&'static str],
    /// Whether it has it while nobody has set them.
    met_at_first: fn(&Instance) -> bool,
}

static CONTROLS: [Control; 4] = [
    Control {
        id: "SimulatedWorkplaceAdoptSso",
        vendor: Vendor::Workplace,
        title: "Adopt SSO (Single sign on) in Workplace by Meta",
        service: "Workplace by Meta",
        points: 8.0,
        settings: &["sso"],
        met_at_first: |instance| instance.sign_in == SignIn::Sso,
    },
    Control {
        id: "SimulatedGithubEnableSso",
        vendor: Vendor::Github,
        title: "Enable single sign-on (SSO) in GitHub",
        service: "GitHub",
        points: 8.0,
        settings: &["saml"],
        met_at_first: |instance| instance.sign_in == SignIn::Sso,
    },
    Control {
        id: "SimulatedGithubEnableMfa",
        vendor: Vendor::Github,
        title: "Enable multi-factor authentication (MFA) in GitHub",
        service: "GitHub",
        points: 9.0,
        settings: &["two_factor_requirement"],
        met_at_first: |_| false,
    },
    Control {
        id: "SimulatedGithubVisibility",
        vendor: Vendor::Github,
        title: "Disable members' ability to change repository visibility in GitHub",
        service: "GitHub",
        points: 5.0,
        settings: &[],
        met_at_first: |_| false,
    },
];

impl Control {
    /// Whether an instance has what is recommended at a moment: as its log says that it was last set before.
    fn is_met(&self, ctx: &Context<'_>, instance: &Instance, at: SimTime) -> bool {
        let log = vendors::spec(instance.vendor).feeds.first().map(|feed| LogId { app: instance.app, feed: feed.name });
        let written = log.into_iter().flat_map(|log| ctx.state.timeline.written(log));
        let decides = |activity: &Activity| {
            let setting = activity.details.get("setting").is_some_and(|set| self.settings.contains(&set.as_str()));
            activity.verb == Verb::ChangeSetting && activity.occurred < at && setting
        };
        let last = written.filter(|record| decides(&record.activity)).max_by_key(|record| record.activity.occurred);
        let set = last.map(|record| record.activity.details.get("to").is_none_or(|to| to != "disabled"));
        set.unwrap_or_else(|| (self.met_at_first)(instance))
    }
}

/// The controls that fit the tenant, each with the share of its instances that meet it at a moment.
fn fitting(ctx: &Context<'_>, at: SimTime) -> Vec<(&'static Control, f64)> {
    if !is_watched(ctx) {
        return Vec::new();
    }
    let of = |control: &'static Control| {
        let instances = ctx.sim.world.instances.iter().filter(|i| i.vendor == control.vendor);
        let (all, met) =
            instances.fold((0_u32, 0_u32), |(all, met), i| (all + 1, met + u32::from(control.is_met(ctx, i, at))));
        (all > 0).then(|| (control, f64::from(met) / f64::from(all)))
    };
    CONTROLS.iter().filter_map(of).collect()
}

fn all_scores(ctx: &Context<'_>) -> Vec<Value> {
    if !is_watched(ctx) {
        return Vec::new();
    }
    let tenant = ctx.instance().organisation_id.clone();
    let people = u32::try_from(ctx.sim.world.people.len()).unwrap_or(u32::MAX);
    let began = ctx.sim.scenario.history_start();
    let newest = ctx.now.midnight();
    let days = (0..KEPT).map(|n| newest - DAY * n).take_while(|day| *day >= began.midnight());
    days.map(|day| {
        let controls = fitting(ctx, day);
        let current: f64 = controls.iter().map(|(control, share)| control.points * share).sum();
        let most: f64 = controls.iter().map(|(control, _)| control.points).sum();
        let told: Vec<Value> = controls
            .iter()
            .map(|(control, share)| {
                json!({
                    "controlCategory": "Apps",
                    "controlName": control.id,
                    "description": control.title,
                    "score": control.points * share,
                })
            })
            .collect();
        json!({
            "id": format!("{tenant}_{}", day.civil().date()),
            "azureTenantId": tenant,
            "activeUserCount": people,
            "createdDateTime": day.rfc3339(),
            "currentScore": current,
            "enabledServices": ["HasMCAS"],
            "licensedUserCount": people,
            "maxScore": most,
            "vendorInformation": vendor(),
            "averageComparativeScores": [{ "basis": "AllTenants", "averageScore": most / 2.0 }],
            "controlScores": told,
        })
    })
    .collect()
}

fn vendor() -> Value {
    json!({ "provider": "SecureScore", "providerVersion": Value::Null, "subProvider": Value::Null, "vendor": "Microsoft" })
}

fn all_profiles(ctx: &Context<'_>) -> Vec<Value> {
    let tenant = &ctx.instance().organisation_id;
    let profile = |(rank, (control, _)): (usize, (&'static Control, f64))| {
        json!({
            "id": control.id,
            "azureTenantId": tenant,
            "title": control.title,
            "service": control.service,
            "actionType": "Config",
            "actionUrl": "https://security.microsoft.com/securescore",
            "controlCategory": "Apps",
            "deprecated": false,
            "implementationCost": "Low",
            "lastModifiedDateTime": Value::Null,
            "maxScore": control.points,
            "rank": rank + 1,
            "remediation": control.title,
            "remediationImpact": "",
            "threats": ["Account breach"],
            "tier": "Core",
            "userImpact": "Low",
            "complianceInformation": [],
            "controlStateUpdates": [],
            "vendorInformation": vendor(),
        })
    };
    fitting(ctx, ctx.now).into_iter().enumerate().map(profile).collect()
}

fn find(entities: Vec<Value>, request: &Request, what: &'static str) -> Result<Value, Failure> {
    let id = request.param("id");
    entities.into_iter().find(|entity| entity["id"] == *id).ok_or_else(|| Failure::not_found(what, id))
}

/// `GET /v1.0/security/secureScores`: newest first.
pub(in super::super) fn scores(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let scores = all_scores(ctx);
    list::serve(ctx, request, &SCORES, SCORES.name, scores)
}

/// `GET /v1.0/security/secureScores/{id}`.
pub(in super::super) fn score(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let score = find(all_scores(ctx), request, "secure score")?;
    list::serve_one(ctx, request, &SCORES, SCORES.name, score)
}

/// `GET /v1.0/security/secureScoreControlProfiles`.
pub(in super::super) fn profiles(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let profiles = all_profiles(ctx);
    list::serve(ctx, request, &PROFILES, PROFILES.name, profiles)
}

/// `GET /v1.0/security/secureScoreControlProfiles/{id}`.
pub(in super::super) fn profile(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let profile = find(all_profiles(ctx), request, "secure score control profile")?;
    list::serve_one(ctx, request, &PROFILES, PROFILES.name, profile)
}
