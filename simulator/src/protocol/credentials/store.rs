//! The credentials of one instance and what has become of them.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::Principal;
use super::rules::{BearerFrom, CredentialRules, Grant, Mint, Rotation, TokenKind};
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::form::Parameters;
use crate::scenario::App;
use crate::seed::Seed;
use crate::time::SimTime;
use crate::world::{Instance, PersonIndex};

/// Most codes and tokens remembered; the oldest go first. Hourly refreshes fill it in half a year.
const CAPACITY: usize = 8_192;

/// Name of the application that the stack is given.
const STACK: &str = "stack";

/// An OAuth application as registered with the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name: `stack`.
    pub name: String,
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
    /// Registered redirect addresses; compared exactly.
    pub redirect_uris: Vec<String>,
    /// Scopes or application permissions.
    pub scopes: Vec<String>,
    /// Disabled by an administrator: gets no more tokens.
    pub disabled: bool,
}

/// What the token endpoint gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// The refresh token, where the vendor has them.
    pub refresh_token: Option<String>,
    /// Life of the access token as printed; none if it does not end.
    pub expires_in_s: Option<u64>,
    /// What it carries.
    pub scopes: Vec<String>,
    /// Who consented.
    pub user: Option<PersonIndex>,
    /// Display name of the access token.
    pub name: String,
}

/// The credentials of one instance.
#[derive(Debug)]
pub struct TokenStore {
    rules: &'static CredentialRules,
    instance: Instance,
    access_life: Option<Duration>,
    /// What is granted, if not all that the application is registered with.
    granted: Option<Vec<String>>,
    clock_ahead_us: i64,
    seed: Seed,
    client: Client,
    /// By value.
    secrets: BTreeMap<String, Secret>,
    /// Values, oldest first.
    age: VecDeque<String>,
    pairs: u32,
    codes: u32,
    grants: u32,
    /// The token that was handed out without a consent.
    ready: Option<String>,
}

#[derive(Clone, Debug)]
struct Secret {
    kind: TokenKind,
    number: u32,
    /// The consent (or client-credentials request) that it comes from.
    grant: u32,
    user: Option<PersonIndex>,
    scopes: Vec<String>,
    expires: Option<SimTime>,
    state: SecretState,
    /// The redirect address a code was asked for.
    redirect_uri: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SecretState {
    Good,
    /// A code that was redeemed, or a refresh token that was rotated away.
    Used,
    Revoked,
}

impl TokenStore {
    /// The credentials of a fresh instance: one registered application, no tokens.
    pub fn new(rules: &'static CredentialRules, instance: &Instance, app: &App, seed: Seed) -> Self {
        let (client_id, client_secret) = (rules.register)(seed, instance, STACK);
        let client = Client {
            name: STACK.to_owned(),
            client_id,
            client_secret,
            redirect_uris: Vec::new(),
            scopes: rules.scopes.iter().map(|s| (*s).to_owned()).collect(),
            disabled: false,
        };
        Self {
            rules,
            instance: instance.clone(),
            access_life: app.token_life,
            granted: app.scopes.clone(),
            clock_ahead_us: 0,
            seed,
            client,
            secrets: BTreeMap::new(),
            age: VecDeque::new(),
            pairs: 0,
            codes: 0,
            grants: 0,
            ready: None,
        }
    }

    /// The application that the stack is given.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Registers its redirect addresses, in place of those it had.
    pub fn set_redirect_uris(&mut self, uris: &[String]) {
        self.client.redirect_uris = uris.to_vec();
    }

    /// Registers it with other scopes or application permissions, for tokens issued from now on.
    pub fn set_scopes(&mut self, scopes: &[&str]) {
        self.client.scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
    }

    /// What an authorize request must get right before anybody is sent anywhere: the client and its redirect address.
    pub fn check_redirect(&self, client_id: &str, redirect_uri: &str) -> Result<(), OauthFailure> {
        self.check_client(client_id)?;
        if self.client.redirect_uris.iter().any(|u| u == redirect_uri) {
            Ok(())
        } else {
            Err(OauthFailure::RedirectMismatch(redirect_uri.to_owned()))
        }
    }

    /// A code for what `user` has consented to.
    pub fn issue_code(&mut self, user: PersonIndex, redirect_uri: &str, now: SimTime) -> String {
        self.codes += 1;
        self.grants += 1;
        let expires = Some(now + self.rules.code_life);
        let scopes = self.granted();
        let value = self.mint(TokenKind::Code, self.codes, &scopes, now, expires);
        let secret = Secret {
            kind: TokenKind::Code,
            number: self.codes,
            grant: self.grants,
            user: Some(user),
            scopes,
            expires,
            state: SecretState::Good,
            redirect_uri: Some(redirect_uri.to_owned()),
        };
        self.remember(value.clone(), secret);
        value
    }

    /// A request to the token endpoint.
    pub fn exchange(&mut self, parameters: &Parameters, now: SimTime) -> Result<Issued, OauthFailure> {
        let want = |name| parameters.get(name).ok_or(OauthFailure::MissingParameter(name));
        let asked = want("grant_type")?;
        let grant = self.rules.grants.iter().copied().find(|g| g.name() == asked);
        let grant = grant.ok_or_else(|| OauthFailure::UnsupportedGrant(asked.to_owned()))?;
        self.check_client(want("client_id")?)?;
        let secret = parameters.get("client_secret").ok_or(OauthFailure::NoSecret)?;
        if secret != self.client.client_secret {
            return Err(OauthFailure::WrongSecret);
        }
        if self.client.disabled {
            return Err(OauthFailure::ClientDisabled(self.client.client_id.clone()));
        }
        match grant {
            Grant::AuthorizationCode => self.redeem_code(want("code")?, want("redirect_uri")?, now),
            Grant::RefreshToken => self.refresh(want("refresh_token")?, now),
            Grant::ClientCredentials => {
                self.grants += 1;
                Ok(self.issue(self.grants, None, now))
            }
        }
    }

    /// The access token that an administrator hands to the stack instead of a consent: the same one as long as it is
    /// good. It does not end by itself, unless the scenario's app gives tokens a life.
    pub fn issue_ready_token(&mut self, now: SimTime) -> String {
        let still_good = |s: &Secret| s.state == SecretState::Good && s.expires.is_none_or(|end| now < end);
        if let Some(ready) = self.ready.as_ref().filter(|r| self.secrets.get(*r).is_some_and(still_good)) {
            return ready.clone();
        }
        self.grants += 1;
        self.pairs += 1;
        // `it_admin` is the first of all people; an application on its own has nobody behind it.
        let user = self.rules.grants.contains(&Grant::AuthorizationCode).then_some(PersonIndex(0));
        let (scopes, expires) = (self.granted(), self.access_life.map(|life| now + life));
        let token = self.issue_one(TokenKind::Access, self.grants, user, scopes, now, expires);
        self.ready = Some(token.clone());
        token
    }

    /// Who asks, by the token in headers or query.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        query: &[(String, String)],
        now: SimTime,
    ) -> Result<Principal, Failure> {
        let value = self.bearer(headers, query).ok_or(Failure::Unauthenticated)?;
        let secret = self.secrets.get(&value).filter(|s| s.kind == TokenKind::Access).ok_or(Failure::TokenUnknown)?;
        let name = self.display(secret);
        if secret.state != SecretState::Good {
            return Err(Failure::TokenRevoked { token: name });
        }
        if secret.expires.is_some_and(|end| now >= end) {
            return Err(Failure::TokenExpired { token: name });
        }
        Ok(Principal {
            client_id: self.client.client_id.clone(),
            client: self.client.name.clone(),
            name,
            grant: self.grant_name(secret),
            scopes: secret.scopes.clone(),
            user: secret.user,
            access_token: secret.number,
        })
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

    /// Display name of the grant behind the token of a request, be the token good or not.
    pub fn grant_presented(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
        self.presented(headers, query).map(|s| self.grant_name(s))
    }

    /// The client gives a token back: the access token and its refresh token die.
    pub fn revoke(&mut self, access_token: &str) -> Result<(), OauthFailure> {
        let secret = self.secrets.get(access_token).filter(|s| s.kind == TokenKind::Access);
        let good = secret.filter(|s| s.state == SecretState::Good).ok_or(OauthFailure::UnknownToken)?;
        self.revoke_all_of(good.grant);
        Ok(())
    }

    /// How far the vendor's clock is ahead of the true time, microseconds: what tokens say of their times shifts with it.
    pub fn set_clock_ahead(&mut self, us: i64) {
        self.clock_ahead_us = us;
    }

    /// Whether client id and secret are the registered ones.
    pub fn check_secret(&self, client_id: &str, client_secret: &str) -> Result<(), OauthFailure> {
        self.check_client(client_id)?;
        if client_secret == self.client.client_secret { Ok(()) } else { Err(OauthFailure::WrongSecret) }
    }

    /// Every secret that is remembered: display name and value. The dead are among them, because a dead secret in a
    /// log is a leak all the same.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let own = (self.secret_name(), self.client.client_secret.clone());
        let given = self.age.iter().filter_map(|v| self.secrets.get(v).map(|s| (self.display(s), v.clone())));
        std::iter::once(own).chain(given).collect()
    }

    /// The display name of a secret, if `text` is one.
    pub fn name_of_secret(&self, text: &str) -> Option<String> {
        if text == self.client.client_secret {
            return Some(self.secret_name());
        }
        self.secrets.get(text).map(|s| self.display(s))
    }

    fn redeem_code(&mut self, code: &str, redirect_uri: &str, now: SimTime) -> Result<Issued, OauthFailure> {
        let bad = |why| OauthFailure::BadCode { why };
        let secret = self.secrets.get_mut(code).filter(|s| s.kind == TokenKind::Code);
        let secret = secret.ok_or(bad("nobody was given this one"))?;
        if secret.redirect_uri.as_deref() != Some(redirect_uri) {
            return Err(OauthFailure::RedirectMismatch(redirect_uri.to_owned()));
        }
        match secret.state {
            SecretState::Good => {}
            SecretState::Used => return Err(bad("it was redeemed before")),
            SecretState::Revoked => return Err(bad("its grant was withdrawn")),
        }
        if secret.expires.is_some_and(|end| now >= end) {
            return Err(bad("it is too old"));
        }
        secret.state = SecretState::Used;
        let (grant, user) = (secret.grant, secret.user);
        Ok(self.issue(grant, user, now))
    }

    fn refresh(&mut self, refresh_token: &str, now: SimTime) -> Result<Issued, OauthFailure> {
        let bad = |why| OauthFailure::BadRefreshToken { why };
        let secret = self.secrets.get_mut(refresh_token).filter(|s| s.kind == TokenKind::Refresh);
        let secret = secret.ok_or(bad("nobody was given this one"))?;
        match secret.state {
            SecretState::Good => {}
            SecretState::Used => return Err(bad("it was rotated away")),
            SecretState::Revoked => return Err(bad("its grant was withdrawn")),
        }
        if secret.expires.is_some_and(|end| now >= end) {
            return Err(bad("it is too old"));
        }
        let (grant, user) = (secret.grant, secret.user);
        if self.rules.rotation == Rotation::KillsOldPair {
            let old = self.secrets.values_mut().filter(|s| s.grant == grant && s.state == SecretState::Good);
            old.for_each(|s| s.state = SecretState::Used);
        }
        Ok(self.issue(grant, user, now))
    }

    /// An access token, and its refresh token where the vendor has them.
    fn issue(&mut self, grant: u32, user: Option<PersonIndex>, now: SimTime) -> Issued {
        self.pairs += 1;
        let scopes = self.granted();
        let life = self.access_life.unwrap_or(self.rules.access_life);
        let access_token = self.issue_one(TokenKind::Access, grant, user, scopes.clone(), now, Some(now + life));
        let refresh_token = (self.rules.rotation != Rotation::None).then(|| {
            let expires = self.rules.refresh_life.map(|life| now + life);
            self.issue_one(TokenKind::Refresh, grant, user, scopes.clone(), now, expires)
        });
        let name = self.name(TokenKind::Access, self.pairs);
        // Both vendors built so far print a second less than the life they document: 3599 for an hour.
        let expires_in_s = Some(life.as_secs().saturating_sub(1));
        Issued { access_token, refresh_token, expires_in_s, scopes, user, name }
    }

    fn issue_one(
        &mut self,
        kind: TokenKind,
        grant: u32,
        user: Option<PersonIndex>,
        scopes: Vec<String>,
        now: SimTime,
        expires: Option<SimTime>,
    ) -> String {
        let number = self.pairs;
        let value = self.mint(kind, number, &scopes, now, expires);
        let state = SecretState::Good;
        let secret = Secret { kind, number, grant, user, scopes, expires, state, redirect_uri: None };
        self.remember(value.clone(), secret);
        value
    }

    /// What is granted: all that the application is registered with, or what the scenario says.
    fn granted(&self) -> Vec<String> {
        self.granted.as_ref().unwrap_or(&self.client.scopes).clone()
    }

    fn mint(
        &self,
        kind: TokenKind,
        number: u32,
        scopes: &[String],
        issued: SimTime,
        expires: Option<SimTime>,
    ) -> String {
        let (seed, instance, client_id) = (self.seed, &self.instance, self.client.client_id.as_str());
        let told = |t: SimTime| SimTime::from_us(t.us() + self.clock_ahead_us);
        let (issued, expires) = (told(issued), expires.map(told));
        (self.rules.mint)(&Mint { kind, number, seed, instance, client_id, scopes, issued, expires })
    }

    fn remember(&mut self, value: String, secret: Secret) {
        if self.age.len() == CAPACITY
            && let Some(oldest) = self.age.pop_front()
        {
            self.secrets.remove(&oldest);
        }
        self.age.push_back(value.clone());
        self.secrets.insert(value, secret);
    }

    fn revoke_all_of(&mut self, grant: u32) {
        self.secrets.values_mut().filter(|s| s.grant == grant).for_each(|s| s.state = SecretState::Revoked);
    }

    fn check_client(&self, client_id: &str) -> Result<(), OauthFailure> {
        if client_id == self.client.client_id { Ok(()) } else { Err(OauthFailure::UnknownClient(client_id.to_owned())) }
    }

    fn bearer(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<String> {
        self.rules.bearer.iter().find_map(|from| match from {
            BearerFrom::Header => {
                let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
            }
            BearerFrom::Query(name) => query.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()),
        })
    }

    fn presented(&self, headers: &HeaderMap, query: &[(String, String)]) -> Option<&Secret> {
        self.secrets.get(&self.bearer(headers, query)?).filter(|s| s.kind == TokenKind::Access)
    }

    fn grant_name(&self, secret: &Secret) -> String {
        format!("{}/{}#{}", self.instance.name, self.client.name, secret.grant)
    }

    fn display(&self, secret: &Secret) -> String {
        self.name(secret.kind, secret.number)
    }

    fn name(&self, kind: TokenKind, number: u32) -> String {
        format!("<{}:{}/{}#{number}>", kind.word(), self.instance.name, self.client.name)
    }

    fn secret_name(&self) -> String {
        format!("<secret:{}/{}>", self.instance.name, self.client.name)
    }
}
