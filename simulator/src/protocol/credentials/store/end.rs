//! How tokens end before their time.

use axum::http::HeaderMap;

use super::super::rules::{Grant, TokenKind};
use super::{Secret, SecretState, TokenStore};
use crate::protocol::dialect::OauthFailure;
use crate::time::SimTime;

impl TokenStore {
    /// Ends one token, whatever it opens, and nothing else that came of its grant. Says whether it was good.
    pub fn end(&mut self, value: &str) -> bool {
        let good = self.secrets.get_mut(value).filter(|s| s.state == SecretState::Good);
        good.map(|secret| secret.state = SecretState::Revoked).is_some()
    }

    /// Ends every token of this sort, because a new one takes their place.
    pub fn supersede(&mut self, token_kind: &str) {
        let access = |s: &&mut Secret| s.kind == TokenKind::Access && s.token_kind == token_kind;
        let good = self.secrets.values_mut().filter(access).filter(|s| s.state == SecretState::Good);
        good.for_each(|secret| secret.state = SecretState::Used);
    }

    /// Ends every token of this sort.
    pub fn end_all(&mut self, token_kind: &str) {
        let all = self.secrets.values_mut().filter(|s| s.token_kind == token_kind && s.state == SecretState::Good);
        all.for_each(|secret| secret.state = SecretState::Revoked);
    }

    /// Ends the token of a request before its time: from now on it is refused as expired.
    pub fn expire_presented(&mut self, headers: &HeaderMap, query: &[(String, String)], now: SimTime) {
        if let Some(secret) = self.bearer(headers, query).and_then(|value| self.secrets.get_mut(&value)) {
            secret.expires = Some(secret.expires.map_or(now, |end| end.min(now)));
        }
    }

    /// An administrator withdraws the grant behind the token of a request: everything that came of it is dead. Where
    /// the vendor has no refresh tokens the application itself is disabled, or it would simply ask for another token.
    pub fn revoke_presented(&mut self, headers: &HeaderMap, query: &[(String, String)], _now: SimTime) {
        if let Some(grant) = self.presented(headers, query).map(|s| s.grant) {
            self.revoke_all_of(grant);
            self.client.disabled |= self.rules.grants.contains(&Grant::ClientCredentials);
        }
    }

    /// The client gives a token back: the access token and its refresh token die.
    pub fn revoke(&mut self, access_token: &str) -> Result<(), OauthFailure> {
        let secret = self.secrets.get(access_token).filter(|s| s.kind == TokenKind::Access);
        let good = secret.filter(|s| s.state == SecretState::Good).ok_or(OauthFailure::UnknownToken)?;
        self.revoke_all_of(good.grant);
        Ok(())
    }

    fn revoke_all_of(&mut self, grant: u32) {
        self.secrets.values_mut().filter(|s| s.grant == grant).for_each(|s| s.state = SecretState::Revoked);
    }
}
