//! Entra: discovery documents, keys, consent, and tokens for applications and people.
//!
//! | file | says |
//! |---|---|
//! | `discovery` | OpenID configuration, keys, instance discovery, user realm |
//! | `authorize` | the page on which somebody signs in and consents, and where they are sent from there |
//! | `admin_consent` | the page on which an administrator allows an application its own permissions |
//! | `device` | the device code flow |
//! | `token` | the token endpoint |
//! | `client` | how an application proves itself: secret, Basic, signed assertion, or not at all |
//! | `scope` | what may be asked for |
//! | `other_resource` | tokens for other APIs than Graph |
//! | `claims` | what tokens say |
//!
//! Access tokens are real RS256 tokens, signed with the published test key, in version 1.0, as Graph's are. An application's
//! carries its permissions as `roles`, a person's what was consented to as `scp`. `issuer` and `iss` are names and keep
//! the vendor's literal form; every other URL is built from the address that the client used.
//!
//! # Not imitated
//! Numbers that nothing here leads to: 50053, 50055, 50126 (nobody types a password: people are chosen from a list); 50072,
//! 50074, 50076, 50079, 53000, 53003, 530032, 70043 (conditional access, second factors, sign-in frequency); 16000, 50140
//! (sessions in a browser); 50132, 50133 (a changed password is 50173); 650052, 650056, 650057, 90090 (other resources);
//! 700084 (single-page applications); 50196, 90055 (loops and throttling that nobody has measured). In the sign-in log some
//! of them stand all the same. Encrypted and federated users; `login.windows.net` and the national clouds.
//!
//! # Sources
//! Identity platform documentation: the pages of each flow, access tokens reference, OpenID Connect discovery; MSAL's
//! sources for instance discovery. 3599 seconds stand in every documented sample.

pub(super) mod admin_consent;
pub(super) mod authorize;
mod claims;
mod client;
pub(super) mod device;
pub(super) mod discovery;
mod other_resource;
mod scope;
pub(super) mod token;

use std::time::Duration;

use crate::protocol::credentials::{BearerFrom, CredentialRules, Grant, Rotation, drawn_text};
use crate::protocol::dialect::OauthFailure;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::form::Carrier;
use crate::scenario::Credentials;
use crate::seed::Seed;
use crate::world::Instance;

/// The one scope that an application asks for.
pub(super) const SCOPE: &str = "https://graph.microsoft.com/.default";

const SECRET_LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

/// Entra's rules. A refresh gives a new refresh token beside the old one; ninety days without use end it.
pub(super) const RULES: CredentialRules = CredentialRules {
    kinds: &[Credentials::App, Credentials::Token],
    permitted: &[],
    grants: &[Grant::ClientCredentials, Grant::AuthorizationCode, Grant::RefreshToken],
    carriers: &[Carrier::Form, Carrier::Basic],
    bearer: &[BearerFrom::Header],
    code_life: Duration::from_secs(600),
    access_life: Duration::from_secs(3_600),
    refresh_life: Some(Duration::from_secs(90 * 86_400)),
    rotation: Rotation::KeepsOld,
    scopes: &[
        "AppRoleAssignment.ReadWrite.All",
        "Application.ReadWrite.All",
        "AuditLog.Read.All",
        "CloudApp-Discovery.Read.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "Directory.Read.All",
        "Group.ReadWrite.All",
        "GroupMember.Read.All",
        "IdentityRiskEvent.Read.All",
        "IdentityRiskyUser.ReadWrite.All",
        "Mail.Send",
        "SecurityAlert.ReadWrite.All",
        "SecurityEvents.Read.All",
        "SecurityIncident.ReadWrite.All",
        "ThreatHunting.Read.All",
        "User.EnableDisableAccount.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "User.RevokeSessions.All",
    ],
    register,
    resource: None,
    mint: claims::mint,
    source: "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow",
};

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let secret = drawn_text(seed, &["client secret", &instance.name, client], SECRET_LETTERS, 34);
    (client_id(seed, instance, client), format!("{}8Q~{}", &secret[..3], &secret[3..]))
}

/// Client id of an application.
pub(super) fn client_id(seed: Seed, instance: &Instance, client: &str) -> String {
    seed.uuid(&["client id", &instance.name, client])
}

/// Object id of an application's service principal.
pub(super) fn service_principal_id(seed: Seed, instance: &Instance, client: &str) -> String {
    seed.uuid(&["service principal", &instance.name, client])
}

/// Id of an application permission: the same in every tenant.
pub(super) fn role_id(seed: Seed, permission: &str) -> String {
    seed.uuid(&["app role", permission])
}

/// Which tenant a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tenancy {
    /// This one, by id or by domain.
    Own,
    /// Any organisation: `common`, `organizations`.
    Any,
}

/// The tenant of the path.
fn tenancy(ctx: &Context<'_>, request: &Request) -> Result<Tenancy, OauthFailure> {
    let asked = request.param("tenant");
    let is = |name: &str| asked.eq_ignore_ascii_case(name);
    if is(&ctx.instance().organisation_id) || is(&ctx.sim.world.domain) {
        Ok(Tenancy::Own)
    } else if is("common") || is("organizations") {
        Ok(Tenancy::Any)
    } else if is("consumers") {
        Err(OauthFailure::Numbered { code: 9_001_023, about: String::new() })
    } else {
        Err(OauthFailure::UnknownTenant(asked.to_owned()))
    }
}

/// The tenant of the path must be this one: the application is registered for it alone.
fn own_tenant(ctx: &Context<'_>, request: &Request, client_id: &str) -> Result<(), OauthFailure> {
    match tenancy(ctx, request)? {
        Tenancy::Own => Ok(()),
        Tenancy::Any => Err(OauthFailure::Numbered { code: 50_194, about: client_id.to_owned() }),
    }
}
