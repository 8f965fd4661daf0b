//! Who asks, and whether they may: the same for a request of its own and for one of a batch.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::journal::Entry;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Access, Request};
use crate::simulation::InstanceState;
use crate::time::SimTime;

/// What is known of who asks, be they let in or not.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// The name of the credential.
    pub(crate) name: Option<String>,
    /// What the vendor tells of its limits.
    pub(crate) limit_headers: Vec<(HeaderName, String)>,
    /// How long to wait, where a limit is used up.
    pub(crate) retry_after: Option<Duration>,
}

impl Asker {
    /// Writes it into the journal's entry of the exchange.
    pub(crate) fn note(&self, entry: &mut Entry) {
        if let Some(name) = &self.name {
            entry.caller = Some(name.clone());
        }
        if let Some(wait) = self.retry_after {
            entry.retry_after_s = Some(wait.as_secs_f64());
        }
    }

    /// Tells the client of the limits; what an answer says of them itself stands.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        for (name, value) in self.limit_headers {
            if !headers.contains_key(&name)
                && let Ok(value) = HeaderValue::from_str(&value)
            {
                headers.insert(name, value);
            }
        }
    }
}

/// Lets a request in: the credential first, then the limits, then the scopes; and writes down in it whose it is.
pub(crate) fn admit(
    instance: &mut InstanceState,
    request: &mut Request,
    now: SimTime,
    asker: &mut Asker,
) -> Result<(), Failure> {
    match request.route.access {
        Access::Key(name) => {
            let principal = instance.tokens.authenticate_key(name, &request.headers)?;
            asker.name = Some(principal.name.clone());
            request.principal = Some(principal);
        }
        Access::Token(scopes) => {
            let principal = instance.tokens.authenticate(&request.headers, &request.query, now)?;
            asker.name = Some(principal.name.clone());
            let admission = instance.limiter.admit(&principal, request.route, now);
            asker.limit_headers = admission.headers;
            if let Some(refusal) = admission.refused {
                asker.retry_after = Some(refusal.retry_after);
                return Err(Failure::RateLimited { retry_after: refusal.retry_after, quota: Some(refusal.quota) });
            }
            principal.require(scopes)?;
            request.principal = Some(principal);
        }
        Access::Public => {}
    }
    Ok(())
}
