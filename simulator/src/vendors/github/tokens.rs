//! GitHub's kinds of token: prefixes, lives, what they carry.
//!
//! OAuth tokens and classic personal tokens carry scopes and do not end; fine-grained ones and those of apps carry
//! permissions (`members:read`) and end.
//!
//! # Sources
//! Prefixes and lives: "GitHub's token formats" and the pages on apps. That a client id is `Ov23li` or `Iv23li` and fourteen
//! characters, and a secret forty hexadecimal digits, follows current ones (guess). "Setting a personal access token policy":
//! fine-grained tokens live 366 days at most unless the organisation says otherwise.

use std::time::Duration;

use crate::protocol::credentials::{
    BearerFrom, CredentialRules, FINE_GRAINED, FOREVER, Grant, HEX, Mint, OAUTH, Permitted, READY, Rotation, TokenKind,
    drawn_text,
};
use crate::protocol::form::Carrier;
use crate::scenario::Credentials;
use crate::seed::Seed;
use crate::world::Instance;

/// A GitHub App's own, for an installation.
pub(super) const INSTALLATION: &str = "installation";
/// A GitHub App's, for a person.
pub(super) const USER_TO_SERVER: &str = "user_to_server";

/// Life of a GitHub App's token for a person.
pub(super) const USER_TO_SERVER_LIFE: Duration = Duration::from_secs(8 * 3_600);
/// Life of the refresh token beside it: six months.
pub(super) const REFRESH_LIFE: Duration = Duration::from_secs(15_897_600);
/// Life of a fine-grained personal token: the longest that an organisation allows unless it says otherwise.
const FINE_GRAINED_LIFE: Duration = Duration::from_secs(366 * 86_400);
/// Life of an installation's token.
pub(super) const INSTALLATION_LIFE: Duration = Duration::from_secs(3_600);

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What the stack's application asks for.
pub(super) const SCOPES: &[&str] = &[
    "admin:enterprise",
    "admin:org",
    "admin:org_hook",
    "read:audit_log",
    "read:user",
    "repo",
    "scim:enterprise",
    "user:email",
];

/// What the stack's GitHub App may do.
pub(super) const APP_PERMISSIONS: &[&str] = &[
    "administration:write",
    "contents:read",
    "members:write",
    "metadata:read",
    "organization_administration:write",
    "organization_hooks:write",
    "organization_personal_access_tokens:write",
    "organization_personal_access_token_requests:write",
];

/// What a fine-grained personal token may do; those of others it may not see.
const TOKEN_PERMISSIONS: &[&str] = &[
    "administration:write",
    "contents:read",
    "members:write",
    "metadata:read",
    "organization_administration:write",
    "organization_hooks:write",
];

/// GitHub's rules.
pub(super) const RULES: CredentialRules = CredentialRules {
    kinds: &[Credentials::App, Credentials::Installation, Credentials::FineGrained, Credentials::Token],
    permitted: &[
        Permitted { kind: Credentials::Installation, permissions: APP_PERMISSIONS, life: INSTALLATION_LIFE },
        Permitted { kind: Credentials::FineGrained, permissions: TOKEN_PERMISSIONS, life: FINE_GRAINED_LIFE },
    ],
    grants: &[Grant::AuthorizationCode, Grant::RefreshToken],
    carriers: &[Carrier::Form, Carrier::Query, Carrier::Json],
    bearer: &[BearerFrom::Header, BearerFrom::Scheme("token"), BearerFrom::BasicPassword],
    code_life: Duration::from_secs(600),
    access_life: FOREVER,
    refresh_life: None,
    rotation: Rotation::KillsOldPair,
    scopes: SCOPES,
    register,
    resource: None,
    mint,
    source: "https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
};

fn register(seed: Seed, instance: &Instance, client: &str) -> (String, String) {
    let id = drawn_text(seed, &["client id", &instance.name, client], LETTERS, 14);
    (format!("Ov23li{id}"), drawn_text(seed, &["client secret", &instance.name, client], HEX, 40))
}

fn mint(mint: &Mint<'_>) -> String {
    let prefix = match (mint.kind, mint.token_kind) {
        (TokenKind::Code, _) => return mint.text(HEX, 20),
        (TokenKind::Refresh, _) => "ghr_",
        (_, INSTALLATION) => "ghs_",
        (_, USER_TO_SERVER) => "ghu_",
        (_, READY) => "ghp_",
        (_, FINE_GRAINED) => {
            let drawn = mint.text(LETTERS, 81);
            return format!("github_pat_{}_{}", &drawn[..22], &drawn[22..]);
        }
        _ => "gho_",
    };
    format!("{prefix}{}", mint.text(LETTERS, if prefix == "ghr_" { 76 } else { 36 }))
}

/// What the audit log calls a kind of token.
pub(super) fn access_type(token_kind: &str) -> &'static str {
    match token_kind {
        INSTALLATION => "GitHub App server-to-server token",
        USER_TO_SERVER => "GitHub App user-to-server token",
        FINE_GRAINED => "Fine-grained personal access token",
        OAUTH => "OAuth access token",
        _ => "Personal access token (classic)",
    }
}

/// Whether tokens of a kind carry scopes; the others carry permissions.
pub(super) fn has_scopes(token_kind: &str) -> bool {
    matches!(token_kind, OAUTH | READY)
}
