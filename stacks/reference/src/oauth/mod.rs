//! OAuth 2.0: how an app's tokens are got, kept and renewed.
//!
//! - A token is stored before it is first used. A vendor that rotates refresh tokens kills the old pair at once, so
//!   what is not on the disk is lost with the process.
//! - Renewal is serialised: of two tasks that see the same dead token, one renews and the other finds the new one.
//! - Secrets go in the request's body, never in its URL.
//!
//! [`consent`] is the half that needs a browser.

pub(crate) mod consent;

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::api::Trouble;
use crate::bug::{Bug, planted};
use crate::clock::Wake;
use crate::connections::{App, Vendor};
use crate::http::{Answer, Failure, Http};
use crate::retry::wait_after;
use crate::secret::Secret;
use crate::state::tokens::Tokens;
use crate::state::{State, StateError};

/// A token is renewed that long before its end, so that it cannot die on the way.
const MARGIN: SignedDuration = SignedDuration::from_secs(120);

/// What one app has granted us.
pub(crate) struct Grant {
    instance: String,
    app: App,
    http: Http,
    state: Arc<State>,
    renewing: Mutex<()>,
}

impl Grant {
    /// The grant of `instance`, kept in `state`.
    pub(crate) fn new(instance: &str, app: &App, http: Http, state: Arc<State>) -> Self {
        Self { instance: instance.to_owned(), app: app.clone(), http, state, renewing: Mutex::new(()) }
    }

    /// Whether an administrator has to open the consent page before anything can be asked.
    pub(crate) fn needs_consent(&self) -> Result<bool, StateError> {
        if self.app.access_token.is_some() || self.app.vendor == Vendor::Entra {
            return Ok(false);
        }
        self.state.write(|tx| Ok(tx.tokens(&self.instance)?.is_none() && tx.code(&self.instance)?.is_none()))
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
        let tokens = self.state.write(|tx| tx.tokens(&self.instance))?;
        let fresh = |tokens: &Tokens| tokens.expires_at.is_none_or(|end| end - MARGIN > now);
        Ok(tokens.filter(fresh).map(|tokens| tokens.access))
    }

    async fn renew(&self, refused: Option<&Secret>) -> Result<Secret, Trouble> {
        let _one_at_a_time = self.renewing.lock().await;
        if let Some(token) = self.usable()?.filter(|token| Some(token) != refused) {
            return Ok(token);
        }
        let (kept, code) = self.state.write(|tx| Ok((tx.tokens(&self.instance)?, tx.code(&self.instance)?)))?;
        let old_refresh = kept.and_then(|tokens| tokens.refresh);
        let form: Vec<(&str, &str)> = match (self.app.vendor, &code, &old_refresh) {
            (Vendor::Entra, _, _) => vec![
                ("grant_type", "client_credentials"),
                ("scope", self.app.scope.as_deref().unwrap_or("https://graph.microsoft.com/.default")),
            ],
            (Vendor::Miro, Some(code), _) => vec![
                ("grant_type", "authorization_code"),
                ("code", code.reveal()),
                ("redirect_uri", self.app.redirect_uri.as_deref().unwrap_or_default()),
            ],
            (Vendor::Miro, None, Some(refresh)) => {
                vec![("grant_type", "refresh_token"), ("refresh_token", refresh.reveal())]
            }
            (Vendor::Miro, None, None) => return Err(self.consent_is_gone()?),
        };
        let tokens = match self.request_token(&form).await {
            Ok(tokens) => self.merged(tokens, old_refresh),
            Err(Trouble::Vendor(Failure::Refused { .. } | Failure::Unauthorized))
                if self.app.vendor == Vendor::Miro =>
            {
                return Err(self.consent_is_gone()?);
            }
            Err(trouble) => return Err(trouble),
        };
        self.state.write(|tx| tx.keep_tokens(&self.instance, &tokens))?;
        if planted(Bug::LogToken) {
            tracing::info!(token = tokens.access.reveal(), "got a token");
        }
        Ok(tokens.access)
    }

    /// A refresh token that is not replaced stays good.
    fn merged(&self, new: Tokens, old_refresh: Option<Secret>) -> Tokens {
        let refresh = match planted(Bug::LoseRotatedRefreshToken) && old_refresh.is_some() {
            true => old_refresh,
            false => new.refresh.or(old_refresh),
        };
        Tokens { refresh, ..new }
    }

    fn consent_is_gone(&self) -> Result<Trouble, Trouble> {
        self.state.write(|tx| {
            tx.forget_tokens(&self.instance)?;
            tx.forget_code(&self.instance)
        })?;
        Ok(Trouble::ConsentNeeded)
    }

    async fn request_token(&self, form: &[(&str, &str)]) -> Result<Tokens, Trouble> {
        let who = format!("{}:token", self.instance);
        let url = self.app.token_url.as_deref().ok_or(Trouble::Nonsense("the app has no token_url"))?;
        let client_id = self.app.client_id.as_deref().unwrap_or_default();
        let client_secret = self.app.client_secret.as_ref().map(Secret::reveal).unwrap_or_default();
        let form: Vec<_> =
            form.iter().copied().chain([("client_id", client_id), ("client_secret", client_secret)]).collect();
        let mut attempt = 1;
        loop {
            let request = self.http.request(reqwest::Method::POST, url).form(&form);
            let answer = self.http.send(&who, request).await;
            let failure = match answer.and_then(|answer| self.read_tokens(&answer)) {
                Ok(tokens) => return Ok(tokens),
                Err(failure) => failure,
            };
            let Some(wait) = wait_after(&failure, attempt, &who) else { return Err(failure.into()) };
            if self.http.clock().pause(&format!("retry:{who}"), wait).await == Wake::Stopping {
                return Err(Trouble::Stopping);
            }
            attempt += 1;
        }
    }

    fn read_tokens(&self, answer: &Answer) -> Result<Tokens, Failure> {
        let body: Value = answer.json()?;
        let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty()).map(Secret::new);
        let access = text("access_token").ok_or_else(|| Failure::Unreadable("no access_token".to_owned()))?;
        // A life that is missing, zero or unreadable is an unknown one: then a 401 tells.
        let life_s = body["expires_in"].as_i64().or_else(|| body["expires_in"].as_str()?.parse().ok());
        let expires_at = life_s
            .filter(|life_s| *life_s > 0)
            .and_then(|life_s| self.http.clock().now().checked_add(SignedDuration::from_secs(life_s)).ok());
        Ok(Tokens { access, refresh: text("refresh_token"), expires_at })
    }
}
