//! Graph: security. What products that watch other apps have found, and how well the tenant is set up.
//!
//! | file | says |
//! |---|---|
//! | `alerts` | `alerts_v2`, with what analysts say of them |
//! | `discovery` | cloud discovery (beta): apps that nobody has connected, with their people and addresses |
//! | `hunting` | queries over the tables of behaviors |
//! | `incidents` | alerts of one person and day, together |
//! | `secure_score` | the score of a day, and the controls it is made of |
//!
//! # Not imitated
//! The older `/security/alerts`, `$expand=alerts` of an incident, hunting in other tables than those of behaviors, alerts
//! of other products than Defender for Cloud Apps; that an alert which is closed there is resolved here, and the other way
//! round: unknown. The control state (`PATCH` of a profile).
//!
//! # Sources
//! The CSDL's `microsoft.graph.security.alert`, `.incident`, `secureScore`, `secureScoreControlProfile`. That the id of an alert
//! is `ca` and the product's id, and how alerts become incidents, are guesses. Names of permissions: recalled.

mod alerts;
pub(super) mod discovery;
mod hunting;
mod incidents;
mod secure_score;

pub(super) use alerts::{alert, alerts, comment, update_alert};
pub(super) use hunting::run as hunt;
pub(super) use incidents::{incident, incidents, update_incident};
pub(super) use secure_score::{profile, profiles, score, scores};

use serde_json::{Map, Value};

use super::state::Tenant;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::security::SecurityAlert;
use crate::vendors;

/// Whether Defender for Cloud Apps belongs to the tenant that is asked: of several directories to the first alone.
fn is_watched(ctx: &Context<'_>) -> bool {
    directory::directory(&ctx.sim.world).is_some_and(|directory| directory.app == ctx.app)
}

/// Every alert of every product that watches, oldest first.
fn told(ctx: &Context<'_>) -> Vec<SecurityAlert> {
    found(ctx).into_iter().filter(|one| !one.is_behavior).collect()
}

/// Every behavior likewise.
fn behaviors(ctx: &Context<'_>) -> Vec<SecurityAlert> {
    found(ctx).into_iter().filter(|one| one.is_behavior).collect()
}

fn found(ctx: &Context<'_>) -> Vec<SecurityAlert> {
    if !is_watched(ctx) {
        return Vec::new();
    }
    let (world, seed) = (&ctx.sim.world, ctx.sim.scenario.seed);
    let products = world.instances.iter().filter_map(|i| Some((i, vendors::spec(i.vendor).alerts?)));
    let mut alerts: Vec<SecurityAlert> =
        products.flat_map(|(i, alerts)| alerts(world, i, &ctx.state.timeline, seed, ctx.now)).collect();
    alerts.sort_by(|a, b| (a.made, &a.id).cmp(&(b.made, &b.id)));
    alerts
}

const SEVERITIES: [&str; 3] = ["low", "medium", "high"];

/// A property that may be changed, and the words it may have; any text where none are listed.
type Changeable = (&'static str, &'static [&'static str]);

const CLASSIFICATIONS: &[&str] = &["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"];
const DETERMINATIONS: &[&str] = &[
    "unknown",
    "apt",
    "malware",
    "securityPersonnel",
    "securityTesting",
    "unwantedSoftware",
    "other",
    "multiStagedAttack",
    "compromisedAccount",
    "phishing",
    "maliciousUserActivity",
    "notMalicious",
    "notEnoughDataToValidate",
    "confirmedActivity",
    "lineOfBusinessApplication",
];

/// Keeps what a request changes about an entity.
fn triage(ctx: &mut Context<'_>, request: &Request, id: &str, changeable: &[Changeable]) -> Result<(), Failure> {
    let sent = super::odata::body(request)?;
    let mut changes = Map::new();
    for (name, value) in sent {
        let known = changeable.iter().find(|(known, _)| *known == name);
        let words =
            known.ok_or_else(|| Failure::bad_parameter(&name, format!("The property '{name}' cannot be updated.")))?.1;
        let fits = words.is_empty() || value.as_str().is_some_and(|word| words.contains(&word));
        if !fits {
            return Err(Failure::bad_parameter(&name, format!("Invalid value for the property '{name}'.")));
        }
        changes.insert(name, value);
    }
    if ctx.is_real() {
        let now = ctx.now.rfc3339();
        let kept = Tenant::of(ctx).triage.entry(id.to_owned()).or_default();
        if changes.get("status").is_some_and(|status| status == "resolved") {
            kept.insert("resolvedDateTime".to_owned(), Value::from(now.clone()));
        }
        kept.extend(changes);
        kept.insert("lastUpdateDateTime".to_owned(), Value::from(now));
    }
    Ok(())
}

/// Puts over an entity what was said of it.
fn overlay(ctx: &mut Context<'_>, id: &str, entity: &mut Value) {
    let kept = Tenant::of(ctx).triage.get(id).cloned().unwrap_or_default();
    for (name, value) in kept {
        entity[name] = value;
    }
}
