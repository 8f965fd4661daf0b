//! Refusals of the identity platform: numbers.
//!
//! # Sources
//! The error code reference of the identity platform for numbers and meanings. Which `error` word goes with a number, and
//! 401 or 400 for a bad client, are recalled. A throttled token endpoint answers a client's own requests with these three
//! words of plain text and `Retry-After` (MSAL for .NET, issue 2855): a client that takes every answer for JSON fails there,
//! MSAL for Python among them. That people's requests get AADSTS50196 in place of it is not imitated.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use super::{client_request_id, with_retry_after};
use crate::protocol::consent;
use crate::protocol::dialect::{Failure, OauthFailure, RenderContext};
use crate::protocol::exchange::Answer;

/// A number, the status and the word that go with it, and what is said; `{}` stands for what it is about.
type Row = (u32, u16, &'static str, &'static str);

/// Every number that this simulator gives as an answer.
#[rustfmt::skip]
const NUMBERS: [Row; 43] = [
    (28002,     400, "invalid_request",          "Provided value for the input parameter scope '{}' is not valid when requesting an access token."),
    (28003,     400, "invalid_request",          "Provided value for the input parameter scope cannot be empty when requesting an access token."),
    (50011,     400, "invalid_request",          "The redirect URI '{}' specified in the request does not match the redirect URIs configured for the application."),
    (50034,     400, "invalid_grant",            "The user account {} does not exist in the directory."),
    (50057,     400, "invalid_grant",            "The user account is disabled."),
    (50058,     400, "login_required",           "A silent sign-in request was sent but no user is signed in."),
    (50059,     400, "invalid_request",          "No tenant-identifying information found in either the request or implied by any provided credentials."),
    (50173,     400, "invalid_grant",            "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    (50194,     400, "invalid_request",          "Application '{}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps."),
    (54005,     400, "invalid_grant",            "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
    (65001,     400, "invalid_grant",            "The user or administrator has not consented to use the application with '{}'. Send an interactive authorization request for this user and resource."),
    (65004,     400, "access_denied",            "User declined to consent to access the app."),
    (65_006,    400, "authorization_declined",   "The user declined to continue with the authentication."),
    (70003,     400, "unsupported_grant_type",   "The app requested an unsupported grant type '{}'."),
    (70008,     400, "invalid_grant",            "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."),
    (70011,     400, "invalid_scope",            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {} is not valid."),
    (70016,     400, "authorization_pending",    "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    (70018,     400, "bad_verification_code",    "Invalid verification code."),
    (70019,     400, "expired_token",            "Verification code expired."),
    (90002,     400, "invalid_request",          "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
    (90013,     400, "invalid_request",          "Invalid input received from the user: {}"),
    (90014,     400, "invalid_request",          "The required field '{}' is missing from the credential. Ensure that you have all the necessary parameters for the login request."),
    (90015,     404, "invalid_request",          "Requested query string is too long, or there is no such endpoint."),
    (90033,     503, "temporarily_unavailable",  "A transient error has occurred. Please try again."),
    (90094,     400, "consent_required",         "Admin consent is required for the permissions requested by this application: {}"),
    (500_011,   400, "invalid_resource",         "The resource principal named {} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant."),
    (501_481,   400, "invalid_grant",            "The Code_Verifier does not match the code_challenge supplied in the authorization request."),
    (700_016,   400, "unauthorized_client",      "Application with identifier '{}' was not found in the directory."),
    (700_022,   400, "invalid_request",          "The provided value for the input parameter 'scope' is not valid because it contains more than one resource: {}"),
    (700_024,   401, "invalid_client",           "Client assertion is not within its valid time range. {}"),
    (700_027,   401, "invalid_client",           "Client assertion failed signature validation. {}"),
    (700_054,   400, "unsupported_response_type", "response_type '{}' is not enabled for the application."),
    (700_082,   400, "invalid_grant",            "The refresh token has expired due to inactivity."),
    (900_144,   400, "invalid_request",          "The request body must contain the following parameter: '{}'."),
    (900_561,   405, "invalid_request",          "The endpoint only accepts {} requests."),
    (7_000_112, 400, "unauthorized_client",      "Application '{}' is disabled."),
    (7_000_215, 401, "invalid_client",           "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."),
    (7_000_222, 401, "invalid_client",           "The provided client secret keys for app '{}' are expired. Create new keys for the app, or use certificate credentials."),
    (7_000_229, 400, "unauthorized_client",      "The client application '{}' is missing its service principal in the tenant."),
    (7_000_218, 401, "invalid_client",           "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    (9_001_023, 400, "invalid_request",          "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."),
    (9_002_313, 400, "invalid_request",          "Invalid request. Request is malformed or invalid."),
    (50_105,    400, "invalid_grant",            "The signed in user is not assigned to a role for the application: {}"),
];

/// The word that goes with a number, and what is said of it, with the number.
pub(in super::super) fn text(code: u32, about: &str) -> (&'static str, String) {
    let (_, error, message) = row(code);
    (error, format!("AADSTS{code}: {}", message.replace("{}", about)))
}

fn row(code: u32) -> (StatusCode, &'static str, &'static str) {
    let found = NUMBERS.iter().find(|(number, ..)| *number == code);
    let (_, status, error, message) =
        found.copied().unwrap_or((code, 400, "invalid_request", "The request could not be read."));
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), error, message)
}

/// The number of a failure, and what it is about.
fn number(failure: &OauthFailure, context: &RenderContext) -> (u32, String) {
    use OauthFailure as F;
    let about = |code, text: &str| (code, text.to_owned());
    match failure {
        F::MissingParameter(name) if context.path.ends_with("/oauth2/token") => about(90_014, name),
        F::MissingParameter(name) => about(900_144, name),
        F::UnsupportedGrant(grant) => about(70_003, grant),
        F::UnknownClient(id) => about(700_016, id),
        F::NoSecret => about(7_000_218, ""),
        F::WrongSecret => about(7_000_215, ""),
        F::ClientDisabled(id) => about(7_000_112, id),
        F::RedirectMismatch(uri) => about(50_011, uri),
        F::BadCode { why: "it was redeemed before" } => about(54_005, ""),
        F::BadRefreshToken { why: "it is too old" } => about(700_082, ""),
        F::BadCode { why: "its grant was withdrawn" } | F::BadRefreshToken { why: "its grant was withdrawn" } => {
            about(50_173, "")
        }
        F::BadCode { .. } | F::BadRefreshToken { .. } | F::UnknownToken | F::Device(_) => about(70_008, ""),
        F::BadScope(scope) => about(70_011, scope),
        F::UnknownTenant(tenant) => about(90_002, tenant),
        F::NotAdministrator(user) => about(90_094, user),
        F::Numbered { code, about } => (*code, about.clone()),
    }
}

pub(super) fn render(failure: &Failure, context: &RenderContext) -> Answer {
    match failure {
        Failure::Oauth(failure) => {
            let (code, about) = number(failure, context);
            aadsts(code, &about, context)
        }
        Failure::ConsentPage(failure) => {
            let (code, about) = number(failure, context);
            consent::refusal(StatusCode::BAD_REQUEST, "Microsoft Entra ID", &text(code, &about).1)
        }
        Failure::RateLimited { retry_after, .. } => too_many(*retry_after),
        Failure::Upstream(StatusCode::TOO_MANY_REQUESTS) => too_many(Duration::from_secs(60)),
        Failure::Upstream(status) if status.is_server_error() => with_status(*status, aadsts(90_033, "", context)),
        Failure::Upstream(status) => with_status(*status, aadsts(9_002_313, "", context)),
        Failure::Maintenance => aadsts(90_033, "", context),
        Failure::MethodNotAllowed { allowed, .. } => aadsts(900_561, allowed, context),
        Failure::UnknownRoute { .. } => aadsts(90_015, "", context),
        Failure::BadParameter { name, why } => aadsts(90_013, &format!("'{name}' {why}"), context),
        Failure::Unauthenticated
        | Failure::TokenUnknown
        | Failure::TokenExpired { .. }
        | Failure::TokenRevoked { .. }
        | Failure::MissingScope { .. } => with_status(StatusCode::UNAUTHORIZED, aadsts(9_002_313, "", context)),
        _ => aadsts(9_002_313, "", context),
    }
}

fn with_status(status: StatusCode, mut answer: Answer) -> Answer {
    answer.status = status;
    answer
}

fn too_many(wait: Duration) -> Answer {
    let answer = Answer::bytes(StatusCode::TOO_MANY_REQUESTS, "text/plain; charset=utf-8", "Too Many Requests");
    with_retry_after(answer, wait)
}

fn aadsts(code: u32, about: &str, context: &RenderContext) -> Answer {
    let (status, _, _) = row(code);
    let (error, message) = text(code, about);
    let timestamp = context.now.civil().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let (trace, correlation) = (&context.request_id, correlation_id(context));
    let description =
        format!("{message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}");
    let mut body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [code],
        "timestamp": timestamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    if let Some(suberror) = suberror(code) {
        body["suberror"] = json!(suberror);
    }
    Answer::json(status, &body)
}

/// What says more than `invalid_grant` \[recalled\].
const fn suberror(code: u32) -> Option<&'static str> {
    match code {
        65_001 => Some("consent_required"),
        50_173 => Some("bad_token"),
        700_082 | 70_008 => Some("token_expired"),
        _ => None,
    }
}

/// The client's own request id, if it is a GUID \[guess\].
fn correlation_id(context: &RenderContext) -> &str {
    let id = client_request_id(context);
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    let hex = id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if hex && groups == [8, 4, 4, 4, 12] { id } else { &context.request_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_stands_twice() {
        let mut numbers: Vec<u32> = NUMBERS.iter().map(|(number, ..)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), NUMBERS.len());
    }
}
