//! Miro: every route that is imitated, with the weight and the scope that `spec` gives it.

use axum::http::Method;

use super::limits::{LEVEL_1, LEVEL_2, LEVEL_3, LEVEL_4};
use super::{
    audit_log, audit_log_v1, boards, cases, classification, content_log, exports, governance, items, members, oauth,
    scim, settings, teams,
};
use crate::protocol::exchange::{Access, Route, route};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

const PUBLIC: Access = Access::Public;
const SCIM: Access = Access::Key(scim::KEY);
const AUDIT: Access = Access::Token(&["auditlogs:read"]);
const ORG: Access = Access::Token(&["organizations:read"]);
const TEAMS: Access = Access::Token(&["organizations:teams:read"]);
const TEAMS_W: Access = Access::Token(&["organizations:teams:write"]);
const SESSIONS: Access = Access::Token(&["sessions:delete"]);
const BOARDS: Access = Access::Token(&["boards:read"]);
const BOARDS_W: Access = Access::Token(&["boards:write"]);
const EXPORT: Access = Access::Token(&["boards:export"]);
const CONTENT: Access = Access::Token(&["contentlogs:export"]);
const CASES: Access = Access::Token(&["organization:cases:management"]);

/// Name, method, path, access, credits, list that it pages through, source (an operation of `spec` unless said
/// otherwise), handler.
#[rustfmt::skip]
pub(super) static ROUTES: [Route; 75] = [
    route("authorize",               GET,    "/oauth/authorize",                                   PUBLIC,   0,       None,              "page oauth-20-authorization-v2",          oauth::ask),
    route("authorize",               POST,   "/oauth/authorize",                                   PUBLIC,   0,       None,              "ours: the form of the page",              oauth::decide),
    route("token",                   POST,   "/v1/oauth/token",                                    PUBLIC,   0,       None,              "page exchange-authorization-code",        oauth::token),
    route("revoke",                  POST,   "/v1/oauth/revoke",                                   PUBLIC,   0,       None,              "revoke-token",                            oauth::revoke_v1),
    route("revoke",                  POST,   "/v2/oauth/revoke",                                   PUBLIC,   0,       None,              "revoke-token-v2",                         oauth::revoke_v2),
    route("token_context",           GET,    "/v1/oauth-token",                                    PUBLIC,   0,       None,              "token-info",                              oauth::context),

    route("audit_log",               GET,    "/v2/audit/logs",                                     AUDIT,    LEVEL_2, Some("audit_log"), "enterprise-get-audit-logs",               audit_log::list),
    route("audit_log_v1",            GET,    "/v1/audit/logs",                                     AUDIT,    LEVEL_2, None,              "page v1.0/reference/log-object",          audit_log_v1::list),
    route("content_log",             GET,    "/v2/orgs/{org_id}/content-logs/items",               CONTENT,  LEVEL_4, None,              "enterprise-board-content-item-logs-fetch", content_log::list),

    route("organization",            GET,    "/v2/orgs/{org_id}",                                  ORG,      LEVEL_3, None,              "enterprise-get-organization",             members::organization),
    route("members",                 GET,    "/v2/orgs/{org_id}/members",                          ORG,      LEVEL_3, Some("members"),   "enterprise-get-organization-members",     members::list),
    route("member",                  GET,    "/v2/orgs/{org_id}/members/{member_id}",              ORG,      LEVEL_3, None,              "enterprise-get-organization-member",      members::one),
    route("reset_sessions",          POST,   "/v2/sessions/reset_all",                             SESSIONS, LEVEL_3, None,              "enterprise-post-user-sessions-reset",     governance::reset_sessions),

    route("teams",                   GET,    "/v2/orgs/{org_id}/teams",                            TEAMS,    LEVEL_1, Some("teams"),     "enterprise-get-teams",                    teams::list),
    route("create_team",             POST,   "/v2/orgs/{org_id}/teams",                            TEAMS_W,  LEVEL_1, None,              "enterprise-create-team",                  teams::create),
    route("team",                    GET,    "/v2/orgs/{org_id}/teams/{team_id}",                  TEAMS,    LEVEL_1, None,              "enterprise-get-team",                     teams::one),
    route("update_team",             PATCH,  "/v2/orgs/{org_id}/teams/{team_id}",                  TEAMS_W,  LEVEL_1, None,              "enterprise-update-team",                  teams::update),
    route("delete_team",             DELETE, "/v2/orgs/{org_id}/teams/{team_id}",                  TEAMS_W,  LEVEL_4, None,              "enterprise-delete-team",                  teams::delete),
    route("team_members",            GET,    "/v2/orgs/{org_id}/teams/{team_id}/members",          TEAMS,    LEVEL_2, Some("team_members"),"enterprise-get-team-members",             teams::members),
    route("invite_team_member",      POST,   "/v2/orgs/{org_id}/teams/{team_id}/members",          TEAMS_W,  LEVEL_2, None,              "enterprise-invite-team-member",           teams::invite),
    route("team_member",             GET,    "/v2/orgs/{org_id}/teams/{team_id}/members/{member_id}", TEAMS, LEVEL_1, None,              "enterprise-get-team-member",              teams::member),
    route("update_team_member",      PATCH,  "/v2/orgs/{org_id}/teams/{team_id}/members/{member_id}", TEAMS_W, LEVEL_2, None,            "enterprise-update-team-member",           teams::change),
    route("delete_team_member",      DELETE, "/v2/orgs/{org_id}/teams/{team_id}/members/{member_id}", TEAMS_W, LEVEL_1, None,            "enterprise-delete-team-member",           teams::remove),
    route("default_team_settings",   GET,    "/v2/orgs/{org_id}/default_teams_settings",           TEAMS,    LEVEL_1, None,              "enterprise-get-default-team-settings",    settings::defaults),
    route("team_settings",           GET,    "/v2/orgs/{org_id}/teams/{team_id}/settings",         TEAMS,    LEVEL_1, None,              "enterprise-get-team-settings",            settings::of_team),
    route("update_team_settings",    PATCH,  "/v2/orgs/{org_id}/teams/{team_id}/settings",         TEAMS_W,  LEVEL_2, None,              "enterprise-update-team-settings",         settings::change),

    route("boards",                  GET,    "/v2/boards",                                         BOARDS,   LEVEL_1, None,              "get-boards",                              boards::list),
    route("board",                   GET,    "/v2/boards/{board_id}",                              BOARDS,   LEVEL_1, None,              "get-specific-board",                      boards::one),
    route("update_board",            PATCH,  "/v2/boards/{board_id}",                              BOARDS_W, LEVEL_2, None,              "update-board; the weight is a guess",     boards::update),
    route("board_members",           GET,    "/v2/boards/{board_id}/members",                      BOARDS,   LEVEL_1, None,              "get-board-members",                       boards::members),
    route("share_board",             POST,   "/v2/boards/{board_id}/members",                      BOARDS_W, LEVEL_3, None,              "share-board",                             boards::share),
    route("board_member",            GET,    "/v2/boards/{board_id}/members/{board_member_id}",    BOARDS,   LEVEL_1, None,              "get-specific-board-member",               boards::member),
    route("update_board_member",     PATCH,  "/v2/boards/{board_id}/members/{board_member_id}",    BOARDS_W, LEVEL_2, None,              "update-board-member",                     boards::change_member),
    route("remove_board_member",     DELETE, "/v2/boards/{board_id}/members/{board_member_id}",    BOARDS_W, LEVEL_2, None,              "remove-board-member",                     boards::remove_member),
    route("board_items",             GET,    "/v2/boards/{board_id}/items",                        BOARDS,   LEVEL_2, Some("board_items"),"get-items",                               items::list),
    route("board_item",              GET,    "/v2/boards/{board_id}/items/{item_id}",              BOARDS,   LEVEL_1, None,              "get-specific-item",                       items::one),

    route("classification",          GET,    "/v2/orgs/{org_id}/data-classification-settings",     ORG,      LEVEL_2, None,              "enterprise-dataclassification-organization-settings-get", classification::organization),
    route("team_classification",     GET,    "/v2/orgs/{org_id}/teams/{team_id}/data-classification-settings", TEAMS, LEVEL_2, None,     "enterprise-dataclassification-team-settings-get", classification::team),
    route("update_team_classification", PATCH, "/v2/orgs/{org_id}/teams/{team_id}/data-classification-settings", TEAMS_W, LEVEL_2, None, "enterprise-dataclassification-team-settings-set", classification::change_team),
    route("classify_boards",         PATCH,  "/v2/orgs/{org_id}/teams/{team_id}/data-classification", BOARDS_W, LEVEL_4, None,           "enterprise-dataclassification-team-boards-bulk", classification::classify_all),
    route("board_classification",    GET,    "/v2/orgs/{org_id}/teams/{team_id}/boards/{board_id}/data-classification", BOARDS, LEVEL_2, None, "enterprise-dataclassification-board-get", classification::board),
    route("classify_board",          POST,   "/v2/orgs/{org_id}/teams/{team_id}/boards/{board_id}/data-classification", BOARDS_W, LEVEL_2, None, "enterprise-dataclassification-board-set", classification::classify),

    route("export_jobs",             GET,    "/v2/orgs/{org_id}/boards/export/jobs",               EXPORT,   LEVEL_4, Some("export_jobs"),"enterprise-board-export-jobs",            exports::list),
    route("create_export_job",       POST,   "/v2/orgs/{org_id}/boards/export/jobs",               EXPORT,   LEVEL_4, None,              "enterprise-create-board-export",          exports::create),
    route("export_job",              GET,    "/v2/orgs/{org_id}/boards/export/jobs/{job_id}",      EXPORT,   LEVEL_4, None,              "enterprise-board-export-job-status",      exports::one),
    route("export_results",          GET,    "/v2/orgs/{org_id}/boards/export/jobs/{job_id}/results", EXPORT, LEVEL_4, None,             "enterprise-board-export-job-results",     exports::results),
    route("cancel_export_job",       PUT,    "/v2/orgs/{org_id}/boards/export/jobs/{job_id}/status", EXPORT, LEVEL_4, None,              "enterprise-update-board-export-job",      exports::cancel),
    route("export_tasks",            GET,    "/v2/orgs/{org_id}/boards/export/jobs/{job_id}/tasks", EXPORT,  LEVEL_4, Some("export_tasks"),"enterprise-board-export-job-tasks",       exports::tasks),
    route("export_link",             POST,   "/v2/orgs/{org_id}/boards/export/jobs/{job_id}/tasks/{task_id}/export-link", EXPORT, LEVEL_4, None, "enterprise-create-board-export-task-export-link", exports::export_link),

    route("cases",                   GET,    "/v2/orgs/{org_id}/cases",                            CASES,    LEVEL_4, Some("cases"),     "get-all-cases",                           cases::list),
    route("create_case",             POST,   "/v2/orgs/{org_id}/cases",                            CASES,    LEVEL_4, None,              "create-case",                             cases::create),
    route("case",                    GET,    "/v2/orgs/{org_id}/cases/{case_id}",                  CASES,    LEVEL_3, None,              "get-case",                                cases::one),
    route("update_case",             PUT,    "/v2/orgs/{org_id}/cases/{case_id}",                  CASES,    LEVEL_3, None,              "edit-case",                               cases::update),
    route("delete_case",             DELETE, "/v2/orgs/{org_id}/cases/{case_id}",                  CASES,    LEVEL_4, None,              "delete-case",                             cases::delete),
    route("case_export_jobs",        GET,    "/v2/orgs/{org_id}/cases/{case_id}/export-jobs",      CASES,    LEVEL_4, Some("case_export_jobs"),"get-legal-hold-export-jobs",              cases::export_jobs),
    route("legal_holds",             GET,    "/v2/orgs/{org_id}/cases/{case_id}/legal-holds",      CASES,    LEVEL_4, Some("legal_holds"),"get-all-legal-holds",                     cases::holds),
    route("create_legal_hold",       POST,   "/v2/orgs/{org_id}/cases/{case_id}/legal-holds",      CASES,    LEVEL_4, None,              "create-legal-hold",                       cases::create_hold),
    route("legal_hold",              GET,    "/v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}", CASES, LEVEL_3, None,      "get-legal-hold",                          cases::one_hold),
    route("update_legal_hold",       PUT,    "/v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}", CASES, LEVEL_3, None,      "edit-legal-hold",                         cases::update_hold),
    route("delete_legal_hold",       DELETE, "/v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}", CASES, LEVEL_4, None,      "delete-legal-hold",                       cases::delete_hold),
    route("legal_hold_items",        GET,    "/v2/orgs/{org_id}/cases/{case_id}/legal-holds/{legal_hold_id}/content-items", CASES, LEVEL_3, Some("legal_hold_items"),"get-legal-hold-content-items", cases::held_items),

    route("scim_users",              GET,    "/api/v1/scim/Users",                                 SCIM,     0,       None,              "listUsers",                               scim::users),
    route("scim_create_user",        POST,   "/api/v1/scim/Users",                                 SCIM,     0,       None,              "createUser",                              scim::create_user),
    route("scim_user",               GET,    "/api/v1/scim/Users/{id}",                            SCIM,     0,       None,              "getUser",                                 scim::user),
    route("scim_replace_user",       PUT,    "/api/v1/scim/Users/{id}",                            SCIM,     0,       None,              "replaceUser",                             scim::put_user),
    route("scim_update_user",        PATCH,  "/api/v1/scim/Users/{id}",                            SCIM,     0,       None,              "patchUser",                               scim::patch_user),
    route("scim_delete_user",        DELETE, "/api/v1/scim/Users/{id}",                            SCIM,     0,       None,              "deleteUser",                              scim::delete_user),
    route("scim_groups",             GET,    "/api/v1/scim/Groups",                                SCIM,     0,       None,              "listGroups",                              scim::groups),
    route("scim_group",              GET,    "/api/v1/scim/Groups/{id}",                           SCIM,     0,       None,              "getGroup",                                scim::group),
    route("scim_update_group",       PATCH,  "/api/v1/scim/Groups/{id}",                           SCIM,     0,       None,              "patchGroup",                              scim::patch_group),
    route("scim_config",             GET,    "/api/v1/scim/ServiceProviderConfig",                 SCIM,     0,       None,              "listServiceProviderConfigs",              scim::service_provider_config),
    route("scim_resource_types",     GET,    "/api/v1/scim/ResourceTypes",                         SCIM,     0,       None,              "listResourceTypes",                       scim::resource_types),
    route("scim_resource_type",      GET,    "/api/v1/scim/ResourceTypes/{resource}",              SCIM,     0,       None,              "getResourceType",                         scim::resource_type),
    route("scim_schemas",            GET,    "/api/v1/scim/Schemas",                               SCIM,     0,       None,              "listSchemas",                             scim::schemas),
    route("scim_schema",             GET,    "/api/v1/scim/Schemas/{uri}",                         SCIM,     0,       None,              "getSchema",                               scim::schema),
];
