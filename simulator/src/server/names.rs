//! Host names: which instance answers to which.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;

use super::pipeline::{Arrival, InstanceServer, Scheme, Severed, authority};
use crate::scenario::{AppIndex, Scenario, Vendor};
use crate::vendors::{self, HostRule};

/// Most refused names that are remembered.
const REFUSED: usize = 100;

/// Every name that is answered, and by which instance.
#[derive(Clone, Debug)]
pub struct Names(Vec<Named>);

#[derive(Clone, Debug)]
struct Named {
    name: String,
    app: AppIndex,
    rule: Option<&'static HostRule>,
}

/// A name that cannot be given to an instance.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not of the form `NAME=INSTANCE`.
    #[error("`{0}` is not of the form NAME=INSTANCE")]
    Form(String),
    /// The scenario has no such instance.
    #[error("no instance is called `{asked}`; there are: {known}")]
    Instance {
        /// What was asked for.
        asked: String,
        /// The instances there are.
        known: String,
    },
}

impl Names {
    /// The names that the scenario's vendors have on the internet. Where several instances are of one vendor, the first
    /// one written has its names. `further` are pairs `NAME=INSTANCE`, which go before.
    pub fn of(scenario: &Scenario, further: &[String]) -> Result<Self, NameError> {
        let mut names = Self(Vec::new());
        for pair in further {
            let (name, asked) = pair.split_once('=').ok_or_else(|| NameError::Form(pair.clone()))?;
            let (app, _) = scenario.app(asked).ok_or_else(|| NameError::Instance {
                asked: asked.to_owned(),
                known: scenario.apps.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", "),
            })?;
            let name = name.to_ascii_lowercase();
            let rule = vendors::spec(scenario.apps[app.0].vendor).hosts.iter().find(|rule| rule.covers(&name));
            names.add(Named { name, app, rule });
        }
        for (index, app) in scenario.apps.iter().enumerate() {
            for rule in vendors::spec(app.vendor).hosts {
                names.add(Named { name: rule.name_of(&app.name), app: AppIndex(index), rule: Some(rule) });
            }
        }
        Ok(names)
    }

    /// The names, in order.
    pub fn list(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|named| named.name.as_str())
    }

    /// Whether an instance answers where its vendor's API is found.
    pub(super) fn has_own(&self, app: AppIndex, name: &str, vendor: Vendor) -> bool {
        let api = vendors::spec(vendor).hosts[0].name_of(name);
        self.find(&api).is_some_and(|named| named.app == app)
    }

    fn add(&mut self, named: Named) {
        if !self.0.iter().any(|n| n.name == named.name) {
            self.0.push(named);
        }
    }

    /// Who answers at a host (with or without a port): a name itself goes before a rule that covers it.
    fn find(&self, host: &str) -> Option<&Named> {
        let name = host_name(host);
        let exact = self.0.iter().find(|named| named.name == name);
        exact.or_else(|| self.0.iter().find(|named| named.rule.is_some_and(|rule| rule.covers(&name))))
    }
}

/// A host without its port, in lower case and without the root's dot.
fn host_name(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The instances of a running server behind their names.
pub(super) struct NamedInstances {
    names: Names,
    instances: Vec<Arc<InstanceServer>>,
    refused: Mutex<BTreeSet<String>>,
}

impl NamedInstances {
    pub(super) fn new(names: Names, instances: Vec<Arc<InstanceServer>>) -> Self {
        Self { names, instances, refused: Mutex::default() }
    }

    /// Lets the instance answer whose name the request bears.
    pub(super) async fn exchange(&self, scheme: Scheme, request: Request<Incoming>) -> Result<Response<Body>, Severed> {
        let host = authority(request.uri(), request.headers()).unwrap_or_default();
        match self.names.find(host) {
            Some(named) => {
                self.instances[named.app.0]
                    .exchange(Arrival { scheme, host: named.rule, idle_since: None }, None, request)
                    .await
            }
            None => Ok(self.refuse(StatusCode::MISDIRECTED_REQUEST, host)),
        }
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn answers(&self, host: &str) -> bool {
        self.names.find(host).is_some()
    }

    /// Says that nobody here has this name, and who is here; in the reason phrase too, since many clients show nothing
    /// else of a proxy's refusal.
    pub(super) fn refuse(&self, status: StatusCode, host: &str) -> Response<Body> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < REFUSED {
            refused.insert(host.to_owned());
        }
        let names: Vec<&str> = self.names.list().collect();
        let message = format!(
            "simulator: nobody here answers to `{host}`, and nothing is ever forwarded; names answered: {}",
            names.join(", ")
        );
        let mut response = Response::new(Body::from(format!("{message}\n")));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Ok(phrase) = ReasonPhrase::try_from(message) {
            response.extensions_mut().insert(phrase);
        }
        response
    }

    /// The names that were refused.
    pub(super) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    fn names(further: &[&str]) -> Result<Names, NameError> {
        let text = "title: t\napps: { entra: {}, miro: {}, other: { vendor: miro } }\n";
        let scenario = scenario::read_text("t.yaml", text, &crate::cli::FOREIGN).unwrap();
        Names::of(&scenario, &further.iter().map(|&f| f.to_owned()).collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(further: &[&str], host: &str, expected: Option<usize>) {
        assert_eq!(names(further).unwrap().find(host).map(|named| named.app.0), expected, "{host}");
    }

    #[test]
    fn the_first_instance_of_a_vendor_has_its_names() {
        check(&[], "graph.microsoft.com", Some(0));
        check(&[], "login.microsoftonline.com:443", Some(0));
        check(&[], "API.Miro.com.", Some(1));
        check(&[], "registry.example", None);
    }

    #[test]
    fn a_name_can_be_given_to_another_instance_or_added() {
        check(&["api.miro.com=other"], "api.miro.com", Some(2));
        check(&["api.miro.com=other"], "miro.com", Some(1));
        check(&["boards.corp.example=other"], "boards.corp.example", Some(2));
    }

    #[test]
    fn a_pair_that_names_nobody_is_refused() {
        assert_eq!(names(&["api.miro.com"]).err(), Some(NameError::Form("api.miro.com".into())));
        let message = names(&["api.miro.com=mira"]).err().unwrap().to_string();
        assert_eq!(message, "no instance is called `mira`; there are: entra, miro, other");
    }
}
