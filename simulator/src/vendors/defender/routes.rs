//! Every route of Defender for Cloud Apps that is imitated. All end in a slash; `/cas` before them is the same.

use axum::http::Method;

use super::activities;
use super::tokens::{self, MANAGE, READ};
use crate::protocol::exchange::{Access, Route, route};

const GET: Method = Method::GET;
const POST: Method = Method::POST;

const PUBLIC: Access = Access::Public;
const INVESTIGATE: Access = Access::Token(&[READ, MANAGE]);

const LOG: Option<&str> = Some(super::events::LOG);

/// Name, method, path, access, cost, log, source, handler.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    route("token",                POST,   "/{tenant}/oauth2/v2.0/token",                  PUBLIC,      0, None, "page api-authentication-application; here by invention", tokens::token),
    route("token_v1",             POST,   "/{tenant}/oauth2/token",                       PUBLIC,      0, None, "page api-authentication-application; here by invention", tokens::token_v1),
    route("activities",           GET,    "/api/v1/activities/",                          INVESTIGATE, 1, LOG,  "page api-activities-list",       activities::list),
    route("activities",           POST,   "/api/v1/activities/",                          INVESTIGATE, 1, LOG,  "page api-activities-list",       activities::list),
    route("activity",             GET,    "/api/v1/activities/{id}/",                     INVESTIGATE, 1, None, "page api-activities-fetch",      activities::one),
    route("activity_feedback",    POST,   "/api/v1/activities/{id}/feedback/",            INVESTIGATE, 1, None, "page api-activities-feedback",   activities::feedback),
];
