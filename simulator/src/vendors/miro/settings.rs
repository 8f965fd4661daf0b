//! Miro: settings of teams: who may invite, share, find and copy.
//!
//! # Not imitated
//! That a setting has effects.
//!
//! # Sources
//! `spec` schemas `TeamSettings`, `TeamSettingsChanges`; the defaults are guesses.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::roster::enterprise;
use super::{teams, trace};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};

/// Kind of the shelf's entries: changed settings, by team.
const CHANGED: &str = "team_settings";

const EDITING: &[&str] = &["allowed", "allowed_with_editing", "not_allowed"];
const ALLOWED: &[&str] = &["allowed", "not_allowed"];
const ACCESS: &[&str] = &["private", "view", "comment", "edit"];

/// Group, setting, the event its change leaves, its values: the first is the default.
#[rustfmt::skip]
static SETTINGS: [(&str, &str, &str, &[&str]); 16] = [
    ("teamAccountDiscoverySettings",  "accountDiscovery",          "team_discovery_updated",            &["hidden", "request", "join"]),
    ("teamCollaborationSettings",     "coOwnerRole",               "default_board_sharing_updated",     &["enabled", "disabled"]),
    ("teamCopyAccessLevelSettings",   "copyAccessLevel",           "default_board_sharing_updated",     &["anyone", "team_members", "team_editors", "board_owner"]),
    ("teamCopyAccessLevelSettings",   "copyAccessLevelLimitation", "default_board_sharing_updated",     &["anyone", "team_members"]),
    ("teamInvitationSettings",        "inviteExternalUsers",       "team_invitation_settings_updated",  ALLOWED),
    ("teamInvitationSettings",        "whoCanInvite",              "team_invitation_settings_updated",  &["all_members", "admins", "only_org_admins"]),
    ("teamSharingPolicySettings",     "createAssetAccessLevel",    "default_board_sharing_updated",     &["all_members", "admins", "company_admins"]),
    ("teamSharingPolicySettings",     "defaultBoardAccess",        "default_board_sharing_updated",     ACCESS),
    ("teamSharingPolicySettings",     "defaultBoardSharingAccess", "default_board_sharing_updated",     &["team_members_with_editing_rights", "owner_and_coowners"]),
    ("teamSharingPolicySettings",     "defaultOrganizationAccess", "default_board_sharing_updated",     ACCESS),
    ("teamSharingPolicySettings",     "defaultProjectAccess",      "default_project_sharing_updated",   &["private", "view"]),
    ("teamSharingPolicySettings",     "moveBoardToAccount",        "default_board_sharing_updated",     ALLOWED),
    ("teamSharingPolicySettings",     "restrictAllowedDomains",    "default_board_sharing_updated",     &["disabled", "enabled", "enabled_with_external_user_access"]),
    ("teamSharingPolicySettings",     "sharingOnAccount",          "default_board_sharing_updated",     ALLOWED),
    ("teamSharingPolicySettings",     "sharingOnOrganization",     "default_board_sharing_updated",     EDITING),
    ("teamSharingPolicySettings",     "sharingViaPublicLink",      "public_link_sharing_disabled",      EDITING),
];

fn render(ctx: &Context<'_>, team: Option<&str>) -> Value {
    let changed = team.and_then(|team| ctx.state.instances[ctx.app.0].shelf.get(CHANGED, team));
    let mut settings = Map::new();
    settings.insert("organizationId".to_owned(), json!(ctx.instance().organisation_id));
    if let Some(team) = team {
        settings.insert("teamId".to_owned(), json!(team));
    }
    for (group, name, _, values) in &SETTINGS {
        let own = changed.map(|c| &c[*name]).filter(|v| !v.is_null());
        let group = settings.entry(*group).or_insert_with(|| json!({}));
        group[*name] = own.cloned().unwrap_or_else(|| json!(values[0]));
    }
    settings.insert("type".to_owned(), json!("team-settings"));
    Value::Object(settings)
}

/// `GET /v2/orgs/{org_id}/default_teams_settings`.
pub(super) fn defaults(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    Ok(Answer::json(StatusCode::OK, &render(ctx, None)))
}

/// `GET /v2/orgs/{org_id}/teams/{team_id}/settings`.
pub(super) fn of_team(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = teams::find(ctx, request.param("team_id"))?;
    Ok(Answer::json(StatusCode::OK, &render(ctx, Some(&team.id))))
}

/// `PATCH /v2/orgs/{org_id}/teams/{team_id}/settings`.
pub(super) fn change(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    enterprise(ctx, request)?;
    let team = teams::find(ctx, request.param("team_id"))?;
    let body: Value = trace::body(request)?;
    let mut changed = ctx.instance_state().shelf.get(CHANGED, &team.id).cloned().unwrap_or_else(|| json!({}));
    let mut events = Vec::new();
    for (group, name, event, values) in &SETTINGS {
        let wanted = &body[*group][*name];
        if wanted.is_null() {
            continue;
        }
        if !values.iter().any(|v| wanted == v) {
            return Err(Failure::bad_parameter(
                format!("{group}.{name}"),
                format!("must be one of {}", values.join(", ")),
            ));
        }
        changed[*name] = wanted.clone();
        if !events.contains(event) {
            events.push(*event);
        }
    }
    trace::keep(ctx, CHANGED, &team.id, changed)?;
    for event in events {
        trace::about(ctx, request, event, &team.name);
    }
    Ok(Answer::json(StatusCode::OK, &render(ctx, Some(&team.id))))
}
