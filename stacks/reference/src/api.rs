//! Asking a vendor's API: with a token, again after a refusal that passes, and not again after one that does not.

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use url::Url;

use crate::bug::{Bug, planted, spoilt};
use crate::clock::{Clock, Wake};
use crate::http::{Answer, Failure, Http, Manners};
use crate::oauth::Grant;
use crate::secret::Secret;
use crate::state::{State, StateError};
use crate::usage::pace::Pace;

/// A wait that long is worth a word.
const LONG_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// How often one request is sent on to where the vendor says it lies now.
const MAX_MOVES: u32 = 3;
/// How often one request is sent again with a newer token: whoever else renews may outdate ours before it is seen.
const MAX_RENEWALS: u32 = 2;

/// One app's API.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) instance: String,
    pub(crate) http: Http,
    pub(crate) grant: Arc<Grant>,
    pub(crate) state: Arc<State>,
    pub(crate) manners: &'static Manners,
    /// How fast it may be asked, by all who ask, where the vendor says so beforehand.
    pub(crate) pace: Option<Arc<Pace>>,
}

/// One request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) body: Option<Value>,
    /// What to show in place of the connection's token.
    pub(crate) token: Option<Secret>,
    /// The mark of what we have already: then the answer may be "the same still", 304.
    pub(crate) known: Option<String>,
}

impl Request {
    /// A question.
    pub(crate) fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
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
    /// What is to be acted upon is not there yet.
    #[error("there is nothing to do it to yet")]
    NotYet,
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
        match self {
            Self::Vendor(failure) => failure.passes(),
            Self::NotYet => true,
            _ => false,
        }
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

    /// Sends `request` once. A token that is not accepted is renewed and the very same request sent again, and once more where
    /// the new one is outdated already; one whose address has moved within the host is repeated there as it is.
    pub(crate) async fn once(&self, who: &str, request: &Request) -> Result<Answer, Trouble> {
        let mut request = request.clone();
        for _ in 0..=MAX_MOVES {
            match self.with_token(who, &request).await {
                Err(Trouble::Vendor(Failure::Moved { to })) => {
                    // A token must not travel to where it was not meant to go.
                    let there = spoilt(same_host(&request.url, &to), Bug::HttpRedirectLeaksAuth, Some(to));
                    request.url = there.ok_or(Trouble::Nonsense("moved to another host"))?;
                    if planted(Bug::HttpRedirectMethodChange) {
                        (request.method, request.body) = (Method::GET, None);
                    }
                    if planted(Bug::HttpRedirectQueryLost) {
                        request.url.truncate(request.url.find('?').unwrap_or(request.url.len()));
                    }
                }
                other => return other,
            }
        }
        Err(Trouble::Nonsense("moved again and again"))
    }

    async fn with_token(&self, who: &str, request: &Request) -> Result<Answer, Trouble> {
        self.take_turn(who).await?;
        if let Some(token) = &request.token {
            return Ok(self.http.send(who, self.build(request, token), self.manners).await?);
        }
        let mut token = self.grant.access_token().await.map_err(waited_for)?;
        let mut answer = self.http.send(who, self.build(request, &token), self.manners).await;
        if planted(Bug::SecSecretInStatus) && answer.is_err() {
            let reason = format!("failed with {}", token.reveal());
            self.state.status(&json!({"phase": "degraded", "app": self.instance, "reason": reason}))?;
        }
        for _ in 0..MAX_RENEWALS {
            let Err(Failure::Unauthorized) = answer else { break };
            token = self.grant.renewed(&token).await.map_err(waited_for)?;
            self.take_turn(who).await?;
            answer = self.http.send(who, self.build(request, &token), self.manners).await;
        }
        Ok(answer?)
    }

    async fn take_turn(&self, who: &str) -> Result<(), Trouble> {
        match &self.pace {
            Some(pace) => pace.turn(self.clock(), who).await,
            None => Ok(()),
        }
    }

    /// Waits as long as `failure` calls for, or gives it back when waiting is no use.
    pub(crate) async fn wait(&self, who: &str, failure: Failure, attempt: u32) -> Result<(), Trouble> {
        let Some(wait) = self.http.patience().wait_after(&failure, attempt, who) else { return Err(failure.into()) };
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

    fn build(&self, request: &Request, token: &Secret) -> reqwest::RequestBuilder {
        let authorization = format!("{} {}", self.manners.scheme, token.reveal());
        let mut building = self.http.request(request.method.clone(), &request.url).header(AUTHORIZATION, authorization);
        for (name, value) in self.manners.headers {
            building = building.header(*name, *value);
        }
        if let Some(known) = &request.known {
            building = building.header("if-none-match", known);
        }
        if planted(Bug::SecTokenInQuery) {
            building = building.query(&[("access_token", token.reveal())]);
        }
        match &request.body {
            Some(body) => building.json(body),
            None => building,
        }
    }
}

/// What the token endpoint's failure means to whoever needs a token: it was waited for already, and is not waited for once
/// more with each attempt of theirs.
fn waited_for(trouble: Trouble) -> Trouble {
    let Trouble::Vendor(failure) = trouble else { return trouble };
    let for_good = matches!(
        failure,
        Failure::Refused { .. } | Failure::Unauthorized | Failure::Moved { .. } | Failure::NoToken(_)
    );
    match for_good || planted(Bug::Auth401RetryForever) {
        true => Trouble::Vendor(failure),
        false => Trouble::Vendor(Failure::NoToken(Box::new(failure))),
    }
}

/// Where `to` leads from `from`, if that is the same scheme, host and port.
fn same_host(from: &str, to: &str) -> Option<String> {
    let from = Url::parse(from).ok()?;
    let to = from.join(to).ok()?;
    (from.origin() == to.origin()).then(|| to.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_moved_is_followed_within_the_host_alone() {
        #[rustfmt::skip]
        let cases = [
            ("http://127.0.0.1:1/organizations/9/x?a=b", Some("http://127.0.0.1:1/organizations/9/x?a=b")),
            ("/organizations/9/x",                       Some("http://127.0.0.1:1/organizations/9/x")),
            ("http://127.0.0.1:2/orgs/o/x",              None),
            ("https://127.0.0.1:1/orgs/o/x",             None),
            ("//elsewhere.example/orgs/o/x",             None),
        ];
        for (to, expected) in cases {
            assert_eq!(same_host("http://127.0.0.1:1/orgs/old/x?a=b", to).as_deref(), expected, "{to}");
        }
    }
}
