//! Miro: the organisation and its members.
//!
//! Pages of 1 to 100 members by cursor (the id of the last one); with `emails=` a bare array and no other filter. No
//! names: Miro gives none here.
//!
//! # Not imitated
//! `lastActivityAt`, `licenseAssignedAt`, `adminRoles`.
//!
//! # Sources
//! `spec`: `enterprise-get-organization`, `…-organization-members`, `…-organization-member`.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::paging::{by_cursor, by_number};
use super::roster::{self, LICENSES, Member, enterprise};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::Paging;

/// Most addresses in `emails=`.
const MAX_EMAILS: usize = 10;

static PAGING: Paging = by_number("members");

#[derive(Clone, Serialize)]
struct OrganizationMember {
    id: String,
    email: String,
    active: bool,
    role: &'static str,
    license: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl From<Member> for OrganizationMember {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            email: member.email,
            active: member.active,
            role: match (member.admin, member.guest) {
                (true, _) => "organization_internal_admin",
                (false, true) => "organization_external_user",
                (false, false) => "organization_internal_user",
            },
            license: LICENSES[member.license].1,
            kind: "organization-member",
        }
    }
}

/// `GET /v2/orgs/{org_id}`.
pub(super) fn organization(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let members = all(ctx).iter().filter(|m| m.license == "full").count();
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "id": ctx.instance().organisation_id,
            "name": ctx.sim.world.organisation,
            "plan": "company",
            "fullLicensesPurchased": members,
            "type": "organization",
        }),
    ))
}

/// `GET /v2/orgs/{org_id}/members`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    if let Some(emails) = request.query("emails").filter(|e| !e.is_empty()) {
        let emails: Vec<&str> = emails.split(',').map(str::trim).collect();
        if emails.len() > MAX_EMAILS {
            return Err(Failure::bad_parameter("emails", "must not name more than 10 addresses"));
        }
        let named: Vec<OrganizationMember> =
            all(ctx).into_iter().filter(|m| emails.iter().any(|e| e.eq_ignore_ascii_case(&m.email))).collect();
        return Ok(Answer::json(StatusCode::OK, &named));
    }
    let active = match request.query("active") {
        None | Some("") => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(Failure::bad_parameter("active", "must be true or false")),
    };
    let wanted = |parameter: &str, value: &str| request.query(parameter).is_none_or(|w| w.is_empty() || w == value);
    let members = all(ctx)
        .into_iter()
        .filter(|m| wanted("role", m.role) && wanted("license", m.license))
        .filter(|m| active.is_none_or(|a| a == m.active))
        .collect();
    by_cursor(ctx, request, &PAGING, members, |m| m.id.clone())
}

/// `GET /v2/orgs/{org_id}/members/{member_id}`.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let member = roster::member(ctx, request.param("member_id"))?;
    Ok(Answer::json(StatusCode::OK, &OrganizationMember::from(member)))
}

/// In the order of their ids.
fn all(ctx: &Context<'_>) -> Vec<OrganizationMember> {
    roster::all(ctx).into_iter().map(OrganizationMember::from).collect()
}
