//! What is given out: codes, tokens, keys; for a consent, for a code, for the asking.

use std::time::Duration;

use super::super::rules::{FINE_GRAINED, FOREVER, Grant, Mint, OAUTH, READY, Rotation, TokenKind, opened_by};
use super::{CAPACITY, Issued, Order, Secret, SecretState, Token, TokenStore};
use crate::protocol::credentials::Principal;
use crate::protocol::dialect::{Failure, OauthFailure};
use crate::protocol::form::Parameters;
use crate::time::SimTime;
use crate::world::PersonIndex;

impl TokenStore {
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
    /// good. It does not end by itself, unless the scenario's app gives tokens a life or it carries permissions.
    pub fn issue_ready_token(&mut self, now: SimTime) -> String {
        let still_good = |s: &Secret| s.state == SecretState::Good && s.expires.is_none_or(|end| now < end);
        if let Some(ready) = self.ready.as_ref().filter(|r| self.secrets.get(*r).is_some_and(still_good)) {
            return ready.clone();
        }
        self.grants += 1;
        self.pairs += 1;
        // `it_admin` is the first of all people; an application that can ask on its own has nobody behind it.
        let user = self.rules.want_consent().then_some(PersonIndex(0));
        let (token_kind, scopes) = match self.permitted {
            Some(_) => (FINE_GRAINED, opened_by(&self.permissions())),
            None => (READY, self.granted()),
        };
        let life = self.access_life.or(self.permitted.map(|permitted| permitted.life));
        let expires = life.map(|life| now + life);
        let token = self.issue_one((TokenKind::Access, token_kind), self.grants, user, scopes, now, expires);
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

    /// The permissions of a token that carries them: all that it may, or what the scenario says.
    pub fn permissions(&self) -> Vec<String> {
        let all = || self.permitted.map_or(&[][..], |p| p.permissions).iter().map(|p| (*p).to_owned()).collect();
        self.granted.clone().unwrap_or_else(all)
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
}
