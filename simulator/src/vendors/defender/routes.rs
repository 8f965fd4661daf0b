//! Every route of Defender for Cloud Apps that is imitated. All end in a slash; `/cas` before them is the same.
//!
//! Which permission opens what: page api-authentication-application. Files, policies and the governance log are in no row of
//! its table: like entities, by guess.

use axum::http::Method;

use super::alerts::{self, close};
use super::discovery::{self, block_script, upload};
use super::tokens::{self, DISCOVERY_MANAGE, DISCOVERY_READ, MANAGE, READ, SETTINGS_MANAGE, SETTINGS_READ};
use super::{activities, entities, files, governance, policies, subnets, webhooks};
use crate::protocol::exchange::{Access, Route, route};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const DELETE: Method = Method::DELETE;

const PUBLIC: Access = Access::Public;
const INVESTIGATE: Access = Access::Token(&[READ, MANAGE]);
const ALERTS: Access = Access::Token(&[READ, MANAGE, DISCOVERY_READ, DISCOVERY_MANAGE]);
const CLOSE: Access = Access::Token(&[MANAGE, DISCOVERY_MANAGE]);
const GOVERN: Access = Access::Token(&[MANAGE]);
const RANGES: Access = Access::Token(&[READ, MANAGE, SETTINGS_READ, SETTINGS_MANAGE]);
const SET_RANGES: Access = Access::Token(&[MANAGE, SETTINGS_MANAGE]);
const DISCOVER: Access = Access::Token(&[DISCOVERY_READ, DISCOVERY_MANAGE]);
const SET_DISCOVERY: Access = Access::Token(&[DISCOVERY_MANAGE]);

const LOG: Option<&str> = Some(super::events::LOG);

/// Name, method, path, access, cost, log, source, handler.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route("token",                POST,   "/{tenant}/oauth2/v2.0/token",                       PUBLIC,        0, None, "page api-authentication-application; here by invention", tokens::token),
    route("token_v1",             POST,   "/{tenant}/oauth2/token",                            PUBLIC,        0, None, "page api-authentication-application; here by invention", tokens::token_v1),
    route("activities",           GET,    "/api/v1/activities/",                               INVESTIGATE,   1, LOG,  "page api-activities-list",             activities::list),
    route("activities",           POST,   "/api/v1/activities/",                               INVESTIGATE,   1, LOG,  "page api-activities-list",             activities::list),
    route("activity",             GET,    "/api/v1/activities/{id}/",                          INVESTIGATE,   1, None, "page api-activities-fetch",            activities::one),
    route("activity_feedback",    POST,   "/api/v1/activities/{id}/feedback/",                 INVESTIGATE,   1, None, "page api-activities-feedback",         activities::feedback),
    route("alerts",               GET,    "/api/v1/alerts/",                                   ALERTS,        1, None, "page api-alerts-list",                 alerts::list),
    route("alerts",               POST,   "/api/v1/alerts/",                                   ALERTS,        1, None, "page api-alerts-list",                 alerts::list),
    route("close_benign",         POST,   "/api/v1/alerts/close_benign/",                      CLOSE,         1, None, "page api-alerts-close-benign",         close::benign),
    route("close_false_positive", POST,   "/api/v1/alerts/close_false_positive/",              CLOSE,         1, None, "page api-alerts-close-false-positive", close::false_positive),
    route("close_true_positive",  POST,   "/api/v1/alerts/close_true_positive/",               CLOSE,         1, None, "page api-alerts-close-true-positive",  close::true_positive),
    route("dismiss_alerts",       POST,   "/api/v1/alerts/dismiss_bulk/",                      CLOSE,         1, None, "page api-alerts-dismiss-bulk (history); Playbooks", close::dismiss),
    route("resolve_alerts",       POST,   "/api/v1/alerts/resolve/",                           CLOSE,         1, None, "page api-alerts-resolve-bulk (history); Playbooks", close::resolve),
    route("reopen_alerts",        POST,   "/api/v1/alerts/reopen/",                            CLOSE,         1, None, "MCAS",                                 close::reopen),
    route("alert",                GET,    "/api/v1/alerts/{id}/",                              ALERTS,        1, None, "page api-alerts-fetch",                alerts::one),
    route("read_alert",           POST,   "/api/v1/alerts/{id}/read/",                         ALERTS,        1, None, "page api-alerts-mark-read",            close::read),
    route("unread_alert",         POST,   "/api/v1/alerts/{id}/unread/",                       ALERTS,        1, None, "page api-alerts-mark-unread",          close::unread),
    route("dismiss_alert",        POST,   "/api/v1/alerts/{id}/dismiss/",                      CLOSE,         1, None, "page api-alerts-dismiss (history)",    close::dismiss_one),
    route("entities",             GET,    "/api/v1/entities/",                                 INVESTIGATE,   1, None, "page api-entities-list",               entities::list),
    route("entities",             POST,   "/api/v1/entities/",                                 INVESTIGATE,   1, None, "page api-entities-list",               entities::list),
    route("entity",               GET,    "/api/v1/entities/{key}/",                           INVESTIGATE,   1, None, "page api-entities-fetch",              entities::one),
    route("entity_tree",          GET,    "/api/v1/entities/{key}/retrieve_tree/",             INVESTIGATE,   1, None, "page api-entities-fetch-tree",         entities::tree),
    route("files",                GET,    "/api/v1/files/",                                    INVESTIGATE,   1, None, "page api-files-list",                  files::list),
    route("files",                POST,   "/api/v1/files/",                                    INVESTIGATE,   1, None, "page api-files-list",                  files::list),
    route("bulk_governance",      POST,   "/api/v1/files/bulk_governance/",                    GOVERN,        1, None, "Playbooks",                            files::bulk_governance),
    route("file",                 GET,    "/api/v1/files/{id}/",                               INVESTIGATE,   1, None, "page api-files-fetch",                 files::one),
    route("governance",           POST,   "/api/v1/governance/",                               INVESTIGATE,   1, None, "MCAS",                                 governance::list),
    route("governance_task",      GET,    "/api/v1/governance/{id}/",                          INVESTIGATE,   1, None, "MCAS",                                 governance::one),
    route("policies",             POST,   "/api/v1/policies/",                                 INVESTIGATE,   1, None, "MCAS",                                 policies::list),
    route("policy",               GET,    "/api/v1/policies/{type}/{id}/",                     INVESTIGATE,   1, None, "MCAS",                                 policies::one),
    route("subnets",              GET,    "/api/v1/subnet/",                                   RANGES,        1, None, "page api-data-enrichment-list",        subnets::list),
    route("subnets",              POST,   "/api/v1/subnet/",                                   RANGES,        1, None, "page api-data-enrichment-list",        subnets::list),
    route("create_subnet",        POST,   "/api/v1/subnet/create_rule/",                       SET_RANGES,    1, None, "page api-data-enrichment-create",      subnets::create),
    route("subnet",               GET,    "/api/v1/subnet/{id}/",                              RANGES,        1, None, "Google SecOps",                        subnets::one),
    route("update_subnet",        POST,   "/api/v1/subnet/{id}/update_rule/",                  SET_RANGES,    1, None, "page api-data-enrichment-update",      subnets::update),
    route("delete_subnet",        DELETE, "/api/v1/subnet/{id}/",                              SET_RANGES,    1, None, "page api-data-enrichment-delete",      subnets::delete),
    route("register_flow",        POST,   "/api/v1/ms_flow/",                                  GOVERN,        1, None, "Playbooks",                            webhooks::register),
    route("unregister_flow",      DELETE, "/api/v1/ms_flow/{id}/",                             GOVERN,        1, None, "ours",                                 webhooks::unregister),
    route("streams",              GET,    "/api/discovery/streams/",                           DISCOVER,      1, None, "page api-discovery-list",              discovery::streams),
    route("discovered_apps",      POST,   "/api/v1/discovery/discovered_apps/",                DISCOVER,      1, None, "MCAS",                                 discovery::discovered_apps),
    route("discovered_categories", POST,  "/api/v1/discovery/discovered_apps/categories/",     DISCOVER,      1, None, "page api-discovery-list-categories",   discovery::categories),
    route("saas_app",             GET,    "/api/v1/saasdb/{id}/",                              DISCOVER,      1, None, "MCAS",                                 discovery::catalogue),
    route("upload_url",           GET,    "/api/v1/discovery/upload_url/",                     SET_DISCOVERY, 1, None, "page api-discovery-initiate-upload",   upload::address),
    route("store_log",            PUT,    "/discovery-uploads/{id}",                           PUBLIC,        0, None, "page api-discovery-upload",            upload::store),
    route("done_upload",          POST,   "/api/v1/discovery/done_upload/",                    SET_DISCOVERY, 1, None, "page api-discovery-finalize",          upload::done),
    route("block_script",         GET,    "/api/discovery_block_scripts/",                     SET_DISCOVERY, 1, None, "page api-discovery-script",            block_script::script),
];
