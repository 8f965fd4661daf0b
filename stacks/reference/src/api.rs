//! Asking a vendor's API: with a token, again after a refusal that passes, and not again after one that does not.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::clock::{Clock, Wake};
use crate::http::{Answer, Failure, Http};
use crate::oauth::Grant;
use crate::retry::wait_after;
use crate::state::{State, StateError};

/// A wait that long is worth a word.
const LONG_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// One app's API.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) instance: String,
    pub(crate) http: Http,
    pub(crate) grant: Arc<Grant>,
    pub(crate) state: Arc<State>,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) body: Option<Value>,
}

impl Request {
    /// A question.
    pub(crate) fn get(url: impl Into<String>) -> Self {
        Self { method: Method::GET, url: url.into(), body: None }
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The vendor did not give it.
    #[error("{0}")]
    Vendor(#[from] Failure),
    /// An administrator has to consent first.
    #[error("consent is needed")]
    ConsentNeeded,
    /// The vendor's answers make no sense together.
    #[error("{0}")]
    Nonsense(&'static str),
    /// The stack is to stop.
    #[error("stopping")]
    Stopping,
    /// The stack cannot go on.
    #[error("{0}")]
    State(#[from] StateError),
}

impl Trouble {
    /// Whether it may be over by itself before long.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Vendor(Failure::NoAnswer(_) | Failure::Throttled { .. } | Failure::Server { .. }))
    }
}

impl Api {
    /// Sends `request` until `read` has an answer it understands, or there is no use in asking again.
    pub(crate) async fn ask<T>(
        &self,
        who: &str,
        request: &Request,
        read: impl Fn(&Answer) -> Result<T, Failure>,
    ) -> Result<T, Trouble> {
        let mut attempt = 1;
        loop {
            let failure = match self.once(who, request).await {
                Ok(answer) => match read(&answer) {
                    Ok(read) => return Ok(read),
                    Err(failure) => failure,
                },
                Err(Trouble::Vendor(failure)) => failure,
                Err(trouble) => return Err(trouble),
            };
            self.wait(who, failure, attempt).await?;
            attempt += 1;
        }
    }

    /// Sends `request` once; a token that is not accepted is renewed and the very same request sent again.
    pub(crate) async fn once(&self, who: &str, request: &Request) -> Result<Answer, Trouble> {
        let token = self.grant.access_token().await?;
        match self.http.send(who, self.build(request, &token)).await {
            Err(Failure::Unauthorized) => {
                let renewed = self.grant.renewed(&token).await?;
                Ok(self.http.send(who, self.build(request, &renewed)).await?)
            }
            other => Ok(other?),
        }
    }

    /// Waits as long as `failure` calls for, or gives it back when waiting is no use.
    pub(crate) async fn wait(&self, who: &str, failure: Failure, attempt: u32) -> Result<(), Trouble> {
        let Some(wait) = wait_after(&failure, attempt, who) else { return Err(failure.into()) };
        tracing::info!(who, attempt, %failure, wait_s = wait.as_secs(), "asking again later");
        if wait > LONG_WAIT {
            self.state.status(&json!({"phase": "degraded", "app": self.instance, "reason": failure.to_string()}))?;
        }
        match self.clock().pause(&format!("retry:{who}"), wait).await {
            Wake::Due => Ok(()),
            Wake::Stopping => Err(Trouble::Stopping),
        }
    }

    /// The clock that everything goes by.
    pub(crate) fn clock(&self) -> &Clock {
        self.http.clock()
    }

    fn build(&self, request: &Request, token: &crate::secret::Secret) -> reqwest::RequestBuilder {
        let building = self.http.request(request.method.clone(), &request.url).bearer_auth(token.reveal());
        match &request.body {
            Some(body) => building.json(body),
            None => building,
        }
    }
}
