//! The credentials of one instance and what has become of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::Principal;
use super::chosen::{Chosen, ChosenSort};
use super::rules::{BearerFrom, CredentialRules, FOREVER, Grant, Mint, OAUTH, READY, Rotation, TokenKind};
use crate::protocol::dialect::{Failure, OauthFailure, TokenEnd};
use crate::protocol::form::Parameters;
use crate::scenario::{App, Credentials};
use crate::seed::Seed;
use crate::time::SimTime;
use crate::world::{Instance, PersonIndex, World};

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
    world: Arc<World>,
    access_life: Option<Duration>,
    /// Whether the application was registered for tokens that do not end.
    lasting: bool,
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
    /// Keys by name.
    keys: BTreeMap<&'static str, String>,
    chosen: Chosen,
}

/// A token that no OAuth endpoint gives out: a personal one, an installation's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What sort of token.
    pub token_kind: &'static str,
    /// Whose; none for an application on its own.
    pub user: Option<PersonIndex>,
    /// What it carries.
    pub scopes: Vec<String>,
    /// How long it lives.
    pub life: Duration,
    /// How long the refresh token beside it lives, if there is one.
    pub refresh_life: Option<Duration>,
}

/// What the store knows of an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who asks with it.
    pub principal: Principal,
    /// Number of the grant behind it.
    pub grant: u32,
    /// When it was made.
    pub issued: SimTime,
    /// When it ends, if it does.
    pub expires: Option<SimTime>,
}

#[derive(Clone, Debug)]
struct Secret {
    kind: TokenKind,
    token_kind: &'static str,
    number: u32,
    issued: SimTime,
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

impl SecretState {
    /// How what is not good ended.
    const fn end(self) -> TokenEnd {
        match self {
            Self::Used => TokenEnd::Replaced,
            Self::Good | Self::Revoked => TokenEnd::Withdrawn,
        }
    }
}

impl TokenStore {
    /// The credentials of a fresh instance: one registered application, no tokens.
    pub fn new(rules: &'static CredentialRules, instance: &Instance, app: &App, world: Arc<World>, seed: Seed) -> Self {
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
            world,
            access_life: app.token_life,
            lasting: app.credentials == Credentials::LastingApp,
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
            keys: BTreeMap::new(),
            chosen: Chosen::default(),
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

    /// Lets it have tokens, or no more.
    pub fn set_disabled(&mut self, disabled: bool) {
        self.client.disabled = disabled;
    }

    /// How long an access token lives here.
    pub fn access_life(&self) -> Duration {
        self.access_life.unwrap_or(self.rules.access_life)
    }

    /// When a secret of this store was made.
    pub fn issued_at(&self, secret: &str) -> Option<SimTime> {
        self.secrets.get(secret).map(|s| s.issued)
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
        self.issue_code_for(user, redirect_uri, self.granted(), OAUTH, now)
    }

    /// A code that becomes a token of this sort, with those of these scopes that the scenario lets the stack have.
    pub fn issue_code_for(
        &mut self,
        user: PersonIndex,
        redirect_uri: &str,
        scopes: Vec<String>,
        token_kind: &'static str,
        now: SimTime,
    ) -> String {
        let held_back = |scope: &String| self.granted.as_ref().is_some_and(|granted| !granted.contains(scope));
        let scopes: Vec<String> = scopes.into_iter().filter(|scope| !held_back(scope)).collect();
        self.codes += 1;
        self.grants += 1;
        let expires = Some(now + self.rules.code_life);
        let value = self.mint((TokenKind::Code, token_kind), self.codes, (Some(user), &scopes), now, expires);
        let secret = Secret {
            kind: TokenKind::Code,
            token_kind,
            number: self.codes,
            issued: now,
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
            Grant::AuthorizationCode => {
                let redirect_uri = want("redirect_uri")?;
                let (grant, order) = self.redeem_code(want("code")?, Some(redirect_uri), now)?;
                Ok(self.issue(grant, order, now))
            }
            Grant::RefreshToken => {
                let (grant, order) = self.refresh(want("refresh_token")?, now)?;
                Ok(self.issue(grant, order, now))
            }
            Grant::ClientCredentials => {
                self.grants += 1;
                Ok(self.issue(self.grants, self.order(OAUTH, None, self.granted()), now))
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
        // `it_admin` is the first of all people; an application that can ask on its own has nobody behind it.
        let alone = self.rules.grants.contains(&Grant::ClientCredentials);
        let consents = self.rules.grants.contains(&Grant::AuthorizationCode);
        let user = (consents && !alone).then_some(PersonIndex(0));
        let (scopes, expires) = (self.granted(), self.access_life.map(|life| now + life));
        let token = self.issue_one((TokenKind::Access, READY), self.grants, user, scopes, now, expires);
        self.ready = Some(token.clone());
        token
    }

    /// The key of this name that an administrator makes by hand: always the same one. It does not end.
    pub fn issue_key(&mut self, name: &'static str) -> String {
        if let Some(key) = self.keys.get(name) {
            return key.clone();
        }
        // No consent is behind a key.
        let (number, grant) = (u32::try_from(self.keys.len()).unwrap_or(u32::MAX) + 1, 0);
        let scopes = vec![name.to_owned()];
        let (user, issued) = (Some(PersonIndex(0)), SimTime::from_us(0));
        let value = self.mint((TokenKind::Key, READY), number, (user, &scopes), issued, None);
        let secret = Secret {
            kind: TokenKind::Key,
            token_kind: READY,
            number,
            issued,
            grant,
            user,
            scopes,
            expires: None,
            state: SecretState::Good,
            redirect_uri: None,
        };
        self.remember(value.clone(), secret);
        self.keys.insert(name, value.clone());
        value
    }

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

    /// A token that no OAuth endpoint gives out. It comes of a grant of its own.
    pub fn hand_out(&mut self, order: Order, now: SimTime) -> Issued {
        self.grants += 1;
        self.issue(self.grants, order, now)
    }

    /// Puts another token in the place of this one, which is dead from now on: same grant, same scopes.
    pub fn replace(&mut self, access_token: &str, now: SimTime) -> Result<Issued, Failure> {
        let Token { principal, grant, issued, expires } = self.token(access_token, now)?;
        self.end(access_token);
        let life = expires.map_or(FOREVER, |end| end.since(issued));
        let Principal { token_kind, user, scopes, .. } = principal;
        Ok(self.issue(grant, Order { token_kind, user, scopes, life, refresh_life: None }, now))
    }

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

    /// Keeps in mind a secret that the client has chosen itself, so that it is told by its name; nothing is opened by it.
    pub fn keep_chosen(&mut self, sort: ChosenSort, value: &str) {
        if self.name_of_issued(value).is_none() {
            self.chosen.keep(sort, &self.instance.name, value);
        }
    }

    /// Every secret that is remembered: display name and value. The dead are among them, because a dead secret in a
    /// log is a leak all the same.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let own = (self.secret_name(), self.client.client_secret.clone());
        let given = self.age.iter().filter_map(|v| self.secrets.get(v).map(|s| (self.display(s), v.clone())));
        std::iter::once(own).chain(given).chain(self.chosen.all()).collect()
    }

    /// The display name of a secret, if `text` is one.
    pub fn name_of_secret(&self, text: &str) -> Option<String> {
        self.name_of_issued(text).or_else(|| self.chosen.name(text).cloned())
    }

    /// The same of what the vendor gave out. A client may choose one secret for several vendors, but what one of them has
    /// given it is no other's business.
    pub fn name_of_issued(&self, text: &str) -> Option<String> {
        // An application's own token may be its id, a bar and its secret.
        if text == self.client.client_secret
            || text.split_once('|').is_some_and(|(_, s)| s == self.client.client_secret)
        {
            return Some(self.secret_name());
        }
        self.secrets.get(text).map(|s| self.display(s))
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

    /// Takes a code in: the grant behind it, and what is to be given out for it. Where the vendor asks for the redirect
    /// address again, it must be the one the code was asked for.
    pub fn redeem_code(
        &mut self,
        code: &str,
        redirect_uri: Option<&str>,
        now: SimTime,
    ) -> Result<(u32, Order), OauthFailure> {
        let bad = |why| OauthFailure::BadCode { why };
        let secret = self.secrets.get_mut(code).filter(|s| s.kind == TokenKind::Code);
        let secret = secret.ok_or(bad("nobody was given this one"))?;
        if let Some(redirect_uri) = redirect_uri.filter(|uri| secret.redirect_uri.as_deref() != Some(*uri)) {
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
        let (grant, token_kind, user, scopes) = (secret.grant, secret.token_kind, secret.user, secret.scopes.clone());
        Ok((grant, self.order(token_kind, user, scopes)))
    }

    /// Takes a refresh token in: the grant behind it, and what is to be given out for it.
    pub fn refresh(&mut self, refresh_token: &str, now: SimTime) -> Result<(u32, Order), OauthFailure> {
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
        let (grant, token_kind, user, scopes) = (secret.grant, secret.token_kind, secret.user, secret.scopes.clone());
        if self.rules.rotation == Rotation::KillsOldPair {
            let old = self.secrets.values_mut().filter(|s| s.grant == grant && s.state == SecretState::Good);
            old.for_each(|s| s.state = SecretState::Used);
        }
        Ok((grant, self.order(token_kind, user, scopes)))
    }

    /// What the vendor's rules say is given out.
    fn order(&self, token_kind: &'static str, user: Option<PersonIndex>, scopes: Vec<String>) -> Order {
        if self.lasting {
            // What does not end is not refreshed.
            return Order { token_kind, user, scopes, life: FOREVER, refresh_life: None };
        }
        let life = self.access_life();
        let refresh_life = match self.rules.rotation {
            Rotation::None => None,
            Rotation::KillsOldPair | Rotation::KeepsOld => Some(self.rules.refresh_life.unwrap_or(FOREVER)),
        };
        Order { token_kind, user, scopes, life, refresh_life }
    }

    /// An access token of this grant, and its refresh token where there is one.
    pub fn issue(&mut self, grant: u32, order: Order, now: SimTime) -> Issued {
        self.pairs += 1;
        let Order { token_kind, user, scopes, life, refresh_life } = order;
        let end = |life: Duration| (life != FOREVER).then(|| now + life);
        let kinds = |kind| (kind, token_kind);
        let access_token = self.issue_one(kinds(TokenKind::Access), grant, user, scopes.clone(), now, end(life));
        let refresh_token = refresh_life
            .map(|life| self.issue_one(kinds(TokenKind::Refresh), grant, user, scopes.clone(), now, end(life)));
        let name = self.name(TokenKind::Access, self.pairs);
        // Miro and Entra print a second less than the life they document: 3599 for an hour.
        let expires_in_s = (life != FOREVER).then(|| life.as_secs().saturating_sub(1));
        Issued { access_token, refresh_token, expires_in_s, scopes, user, name }
    }

    fn issue_one(
        &mut self,
        (kind, token_kind): (TokenKind, &'static str),
        grant: u32,
        user: Option<PersonIndex>,
        scopes: Vec<String>,
        now: SimTime,
        expires: Option<SimTime>,
    ) -> String {
        let number = self.pairs;
        let value = self.mint((kind, token_kind), number, (user, &scopes), now, expires);
        let (state, issued, redirect_uri) = (SecretState::Good, now, None);
        let secret = Secret { kind, token_kind, number, issued, grant, user, scopes, expires, state, redirect_uri };
        self.remember(value.clone(), secret);
        value
    }

    /// What is granted: all that the application is registered with, or what the scenario says.
    pub fn granted(&self) -> Vec<String> {
        self.granted.as_ref().unwrap_or(&self.client.scopes).clone()
    }

    fn mint(
        &self,
        (kind, token_kind): (TokenKind, &'static str),
        number: u32,
        (user, scopes): (Option<PersonIndex>, &[String]),
        issued: SimTime,
        expires: Option<SimTime>,
    ) -> String {
        let (seed, instance, client_id) = (self.seed, &self.instance, self.client.client_id.as_str());
        let person = user.and_then(|index| self.world.people.get(index.0).map(|person| (index, person)));
        let told = |t: SimTime| SimTime::from_us(t.us() + self.clock_ahead_us);
        let (issued, expires) = (told(issued), expires.map(told));
        (self.rules.mint)(&Mint {
            kind,
            token_kind,
            number,
            seed,
            instance,
            client_id,
            person,
            scopes,
            issued,
            expires,
        })
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

/// What stands in `Authorization` behind this scheme.
fn authorization(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
}
