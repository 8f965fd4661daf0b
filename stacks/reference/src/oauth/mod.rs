//! OAuth 2.0: how an app's tokens are got, kept and renewed.
//!
//! - A token is stored before it is first used. A vendor that rotates refresh tokens kills the old pair at once, so
//!   what is not on the disk is lost with the process.
//! - Renewal is serialised: of two tasks that see the same dead token, one renews and the other finds the new one.
//! - Secrets go in the request's body, never in its URL.
//!
//! [`consent`] is the half that needs a browser, `jwt` the one that needs a key.

pub(crate) mod consent;
mod jwt;

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::api::Trouble;
use crate::bug::{Bug, planted, spoilt};
use crate::clock::Wake;
use crate::connections::{Access, App, Vendor};
use crate::connectors::under;
use crate::http::{Answer, Failure, Http, Manners};
use crate::secret::Secret;
use crate::state::tokens::Tokens;
use crate::state::{State, StateError};

/// A token is renewed that long before its end, so that it cannot die on the way.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// Life of Meta Admin Center's tokens, which their answer does not tell.
const WORK_TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(2);

/// What one app has granted us.
pub(crate) struct Grant {
    instance: String,
    app: App,
    http: Http,
    state: Arc<State>,
    manners: &'static Manners,
    renewing: Mutex<()>,
}

impl Grant {
    /// The grant of `instance`, kept in `state`.
    pub(crate) fn new(instance: &str, app: &App, http: Http, state: Arc<State>, manners: &'static Manners) -> Self {
        let instance = spoilt(instance, Bug::MultiTokenCacheCollision, "any");
        Self { instance: instance.to_owned(), app: app.clone(), http, state, manners, renewing: Mutex::new(()) }
    }

    /// Whether an administrator has to open the consent page before anything can be asked.
    pub(crate) fn needs_consent(&self) -> Result<bool, StateError> {
        if self.app.access() != Access::Consent {
            return Ok(false);
        }
        self.state.read(|tx| Ok(tx.tokens(&self.instance)?.is_none() && tx.code(&self.instance)?.is_none()))
    }

    /// A token that is good for a while yet.
    pub(crate) async fn access_token(&self) -> Result<Secret, Trouble> {
        match self.usable()? {
            Some(token) => Ok(token),
            None => self.renew(None).await,
        }
    }

    /// A token other than `refused`.
    pub(crate) async fn renewed(&self, refused: &Secret) -> Result<Secret, Trouble> {
        if self.app.access_token.is_some() {
            return Err(Failure::Unauthorized.into());
        }
        self.renew(Some(refused)).await
    }

    fn usable(&self) -> Result<Option<Secret>, Trouble> {
        if let Some(ready_made) = &self.app.access_token {
            return Ok(Some(ready_made.clone()));
        }
        let now = self.http.clock().now();
        let tokens = self.state.read(|tx| tx.tokens(&self.instance))?;
        let fresh = |tokens: &Tokens| tokens.expires_at.is_none_or(|end| end - MARGIN > now);
        Ok(tokens.filter(fresh).map(|tokens| tokens.access))
    }

    async fn renew(&self, refused: Option<&Secret>) -> Result<Secret, Trouble> {
        let _one_at_a_time = match planted(Bug::AuthRefreshRace) {
            true => None,
            false => Some(self.renewing.lock().await),
        };
        if let Some(token) = self.usable()?.filter(|token| Some(token) != refused) {
            return Ok(token);
        }
        let (kept, code) = self.state.read(|tx| Ok((tx.tokens(&self.instance)?, tx.code(&self.instance)?)))?;
        let old_refresh = kept.and_then(|tokens| tokens.refresh);
        let order = match (self.app.access(), &code, &old_refresh) {
            (Access::Ready, ..) => return Err(Failure::Unauthorized.into()),
            (Access::Installation, ..) => self.installation_token()?,
            (Access::ClientCredentials, ..) => self.own_word()?,
            (Access::Consent, Some(code), _) => self.form(&[
                ("grant_type", "authorization_code"),
                ("code", code.reveal()),
                ("redirect_uri", self.app.redirect_uri.as_deref().unwrap_or_default()),
            ])?,
            (Access::Consent, None, Some(refresh)) => {
                self.form(&[("grant_type", "refresh_token"), ("refresh_token", refresh.reveal())])?
            }
            (Access::Consent, None, None) => return Err(self.consent_is_gone()?),
        };
        let tokens = match self.request_token(&order).await {
            Ok(tokens) => self.merged(tokens, old_refresh),
            Err(Trouble::Vendor(_)) if planted(Bug::AuthStopOnTransient) => return Err(Trouble::Stopping),
            Err(Trouble::Vendor(Failure::Refused { .. } | Failure::Unauthorized))
                if self.app.access() == Access::Consent =>
            {
                return Err(self.consent_is_gone()?);
            }
            Err(trouble) => return Err(trouble),
        };
        self.state.write(|tx| tx.keep_tokens(&self.instance, &tokens))?;
        if planted(Bug::SecSecretsInLogs) {
            tracing::info!(token = tokens.access.reveal(), "got a token");
        }
        Ok(tokens.access)
    }

    /// A refresh token that is not replaced stays good.
    fn merged(&self, new: Tokens, old_refresh: Option<Secret>) -> Tokens {
        let refresh = match planted(Bug::AuthRefreshTokenRotationLost) && old_refresh.is_some() {
            true => old_refresh,
            false => new.refresh.or(old_refresh),
        };
        Tokens { refresh, ..new }
    }

    fn consent_is_gone(&self) -> Result<Trouble, Trouble> {
        if planted(Bug::Auth401RetryForever) {
            return Ok(Failure::Server { status: 401, wait: None }.into());
        }
        self.state.write(|tx| {
            tx.forget_tokens(&self.instance)?;
            tx.forget_code(&self.instance)
        })?;
        Ok(Trouble::ConsentNeeded)
    }

    /// What the application asks for in its own name.
    fn own_word(&self) -> Result<Order, Trouble> {
        if self.app.vendor == Vendor::Workplace {
            let (id, secret) = (self.app.app_id.as_deref(), self.app.app_secret.as_ref());
            let (id, secret) = id.zip(secret).ok_or(Trouble::Nonsense("the app has no id or secret"))?;
            let both = format!("{id}|{}", secret.reveal());
            return self.form(&[("grant_type", "client_credentials"), ("access_token", &both)]);
        }
        let scope = self.app.scope.as_deref().unwrap_or("https://graph.microsoft.com/.default");
        self.form(&[("grant_type", "client_credentials"), ("scope", scope)])
    }

    /// A form for the token endpoint, with who we are.
    fn form(&self, pairs: &[(&str, &str)]) -> Result<Order, Trouble> {
        let url = self.app.token_url.clone().ok_or(Trouble::Nonsense("the app has no token_url"))?;
        let client_id = self.app.client_id.as_deref().unwrap_or_default();
        let client_secret = self.app.client_secret.as_ref().map(Secret::reveal).unwrap_or_default();
        let own = [("client_id", client_id), ("client_secret", client_secret)];
        let pairs = pairs.iter().copied().chain(own).map(|(key, value)| (key.to_owned(), value.to_owned()));
        Ok(Order { url, proof: Proof::Form(pairs.collect()) })
    }

    /// A token for the place where our GitHub App is installed.
    fn installation_token(&self) -> Result<Order, Trouble> {
        let missing = Trouble::Nonsense("the app has no github_app");
        let app = self.app.github_app.as_ref().ok_or(missing)?;
        let jwt = jwt::signed(app, self.http.clock().now()).ok_or(Trouble::Nonsense("the private key is no key"))?;
        let number = app.installation_id.to_string();
        let url = under(&self.app, &["app", "installations", &number, "access_tokens"]);
        let url = url.ok_or(Trouble::Nonsense("base_url is no URL"))?;
        Ok(Order { url: url.into(), proof: Proof::Jwt(jwt) })
    }

    async fn request_token(&self, order: &Order) -> Result<Tokens, Trouble> {
        let who = format!("{}:token", self.instance);
        let mut attempt = 1;
        loop {
            let request = self.http.request(reqwest::Method::POST, &order.url);
            let request = match &order.proof {
                // One vendor answers with a form unless asked for JSON.
                Proof::Form(pairs) => request.header("accept", "application/json").form(pairs),
                Proof::Jwt(jwt) => {
                    let headers = self.manners.headers.iter();
                    headers
                        .fold(request, |request, (name, value)| request.header(*name, *value))
                        .bearer_auth(jwt.reveal())
                }
            };
            let answer = self.http.send(&who, request, self.manners).await;
            let failure = match answer.and_then(|answer| self.read_tokens(&answer)) {
                Ok(tokens) => return Ok(tokens),
                Err(failure) => failure,
            };
            if planted(Bug::HttpTokenEndpointDiffers) {
                return Err(Trouble::Nonsense("there is no token"));
            }
            let Some(wait) = self.http.patience().wait_after(&failure, attempt, &who) else {
                return Err(failure.into());
            };
            if self.http.clock().pause(&format!("retry:{who}"), wait).await == Wake::Stopping {
                return Err(Trouble::Stopping);
            }
            attempt += 1;
        }
    }

    fn read_tokens(&self, answer: &Answer) -> Result<Tokens, Failure> {
        let body: Value = answer.json()?;
        let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty()).map(Secret::new);
        // GitHub refuses with a 200.
        if body["error"].is_string() {
            return Err(answer.refused());
        }
        let access = text("access_token").or_else(|| text("token"));
        let access = access.ok_or_else(|| Failure::Unreadable("no access_token".to_owned()))?;
        let now = self.http.clock().now();
        let named_end = body["expires_at"].as_str().and_then(|at| at.parse().ok());
        // A life that is missing, zero or unreadable is an unknown one: then a 401 tells.
        let life_s = body["expires_in"].as_i64().or_else(|| body["expires_in"].as_str()?.parse().ok());
        let life = life_s.filter(|life_s| *life_s > 0).map(SignedDuration::from_secs).or_else(|| self.silent_life());
        if planted(Bug::AuthExpiresInMisread) && life.is_none() {
            return Err(Failure::Unreadable("no expires_in".to_owned()));
        }
        let expires_at = named_end.or_else(|| now.checked_add(life?).ok());
        Ok(Tokens { access, refresh: text("refresh_token"), expires_at })
    }

    /// The documented life of tokens whose answer does not name it.
    fn silent_life(&self) -> Option<SignedDuration> {
        let work_token = self.app.vendor == Vendor::Workplace && self.app.access() == Access::ClientCredentials;
        work_token.then_some(WORK_TOKEN_LIFE)
    }
}

/// A request for tokens.
struct Order {
    url: String,
    proof: Proof,
}

/// How it proves that it is ours.
enum Proof {
    /// By what the form says.
    Form(Vec<(String, String)>),
    /// By a signature.
    Jwt(Secret),
}
