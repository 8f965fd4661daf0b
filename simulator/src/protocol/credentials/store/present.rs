//! Who shows what: which secret a request comes with, and what it is good for.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::super::rules::{BearerFrom, TokenKind};
use super::{Secret, SecretState, Token, TokenStore};
use crate::protocol::credentials::Principal;
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::time::SimTime;

impl TokenStore {
    /// Who asks with the key of this name; it stands in the header `Authorization`.
    pub fn authenticate_key(&self, name: &str, headers: &HeaderMap) -> Result<Principal, Failure> {
        let value = self.bearer(headers, &[]).ok_or(Failure::Unauthenticated)?;
        let known = |s: &&Secret| s.kind == TokenKind::Key && s.scopes.iter().any(|scope| scope == name);
        let secret = self.secrets.get(&value).filter(known).ok_or(Failure::TokenUnknown)?;
        if secret.state != SecretState::Good {
            return Err(Failure::TokenRevoked { token: self.display(secret), end: secret.state.end() });
        }
        Ok(self.principal(secret))
    }

    /// Who asks, by the token in headers or query.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        query: &[(String, String)],
        now: SimTime,
    ) -> Result<Principal, Failure> {
        let value = self.bearer(headers, query).ok_or(Failure::Unauthenticated)?;
        self.token(&value, now).map(|token| token.principal)
    }

    /// What is known of a good access token.
    pub fn token(&self, value: &str, now: SimTime) -> Result<Token, Failure> {
        let secret = self.secrets.get(value).filter(|s| s.kind == TokenKind::Access).ok_or(Failure::TokenUnknown)?;
        if secret.state != SecretState::Good {
            return Err(Failure::TokenRevoked { token: self.display(secret), end: secret.state.end() });
        }
        if secret.expires.is_some_and(|end| now >= end) {
            return Err(Failure::TokenExpired { token: self.display(secret) });
        }
        Ok(Token {
            principal: self.principal(secret),
            grant: secret.grant,
            issued: secret.issued,
            expires: secret.expires,
        })
    }

    /// Display name of the grant behind a secret, be it a code or a token: `miro/stack#1`.
    pub fn grant_of(&self, secret: &str) -> Option<String> {
        self.secrets.get(secret).map(|s| self.grant_name(s))
    }

    /// The access token of a request, good or not.
    pub fn value_presented(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
        self.bearer(headers, query)
    }

    /// Display name of the grant behind the token of a request, be the token good or not.
    pub fn grant_presented(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
        self.presented(headers, query).map(|s| self.grant_name(s))
    }

    /// Whether client id and secret are the registered ones.
    pub fn check_secret(&self, client_id: &str, client_secret: &str) -> Result<(), OauthFailure> {
        self.check_client(client_id)?;
        if client_secret == self.client.client_secret { Ok(()) } else { Err(OauthFailure::WrongSecret) }
    }

    fn principal(&self, secret: &Secret) -> Principal {
        Principal {
            client_id: self.client.client_id.clone(),
            client: self.client.name.clone(),
            name: self.display(secret),
            grant: self.grant_name(secret),
            scopes: secret.scopes.clone(),
            user: secret.user,
            token_kind: secret.token_kind,
            access_token: secret.number,
        }
    }

    pub(super) fn check_client(&self, client_id: &str) -> Result<(), OauthFailure> {
        if client_id == self.client.client_id { Ok(()) } else { Err(OauthFailure::UnknownClient(client_id.to_owned())) }
    }

    pub(super) fn bearer(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
        self.rules.bearer.iter().find_map(|from| match from {
            BearerFrom::Header => authorization(headers, "bearer"),
            BearerFrom::Scheme(scheme) => authorization(headers, scheme),
            BearerFrom::BasicPassword => {
                let decoded = BASE64_STANDARD.decode(authorization(headers, "basic")?).ok()?;
                let pair = String::from_utf8(decoded).ok()?;
                // The token may stand where the name belongs, beside a password that says so or none at all.
                pair.split_once(':').map(|(name, password)| match password {
                    "" | "x-oauth-basic" => name.to_owned(),
                    password => password.to_owned(),
                })
            }
            BearerFrom::Query(name) => query.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()),
        })
    }

    pub(super) fn presented(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<&Secret> {
        self.secrets.get(&self.bearer(headers, query)?).filter(|s| s.kind == TokenKind::Access)
    }
}

/// What stands in `Authorization` behind this scheme.
fn authorization(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
}
