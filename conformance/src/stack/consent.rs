//! The administrator's browser: opens the page that the stack asks consent at, fills in the form, follows the redirect.
//!
//! It speaks to loopback only. A redirect that leads anywhere else is refused: a code is never sent there.

use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use simulator::clock::BYSTANDER;
use url::{Host, Url};

use super::form::Form;

/// Who consents: the person every scenario has.
pub const ADMINISTRATOR: &str = "it_admin";

/// Tells the vendors that it is no request of the stack's.
const BYSTANDER_HEADER: HeaderName = HeaderName::from_static(BYSTANDER);

/// Each page has to come within this much wall time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A browser in which the scenario's administrator is signed in.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
}

/// Consent was not given, and where it ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConsentError(String);

impl Browser {
    /// A browser without history, proxies or patience for redirects of its own.
    pub fn new() -> Self {
        // Whoever came first has set a provider, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            // All it opens is plain http on loopback; the machine's authorities take milliseconds to read.
            .tls_certs_only([])
            .timeout(PATIENCE)
            .user_agent("Mozilla/5.0 (conformance; administrator)")
            .default_headers(HeaderMap::from_iter([(BYSTANDER_HEADER, HeaderValue::from_static("administrator"))]))
            .build()
            .expect("a client without certificates or proxies can always be built");
        Self { client }
    }

    /// Consents at `authorize_url` as the administrator, on the team that is offered, and hands the code to the stack.
    pub async fn consent(&self, authorize_url: &str) -> Result<(), ConsentError> {
        let page = loopback(authorize_url, "authorize_url")?;
        let answer = self.open("the consent page", self.client.get(page.clone())).await?;
        let html = expect("the consent page", answer, StatusCode::is_success).await?.1;
        let form =
            Form::first_post(&html).ok_or_else(|| wrong(format!("{page} shows no form to send; {}", head(&html))))?;
        let action = page.join(&form.action).map_err(|e| wrong(format!("the form's action `{}`: {e}", form.action)))?;
        let answer = self.open("the consent form", self.client.post(action).form(&filled_in(form)?)).await?;
        let (response, _) = expect("the consent form", answer, StatusCode::is_redirection).await?;
        let target = response.ok_or_else(|| wrong("the answer to the consent form has no Location".to_owned()))?;
        let target = loopback(&target, "the redirect")?;
        if let Some((_, error)) = target.query_pairs().find(|(key, _)| key == "error") {
            return Err(wrong(format!("consent was refused: `{error}`")));
        }
        let answer = self.open("the stack's redirect listener", self.client.get(target)).await?;
        expect("the stack's redirect listener", answer, |s| s.is_success() || s.is_redirection()).await?;
        Ok(())
    }

    /// Whether a URL answers with a success; one that leads elsewhere never does.
    pub async fn answers(&self, url: &str) -> bool {
        let Ok(url) = loopback(url, "ready") else { return false };
        self.client.get(url).send().await.is_ok_and(|response| response.status().is_success())
    }

    async fn open(&self, what: &str, request: reqwest::RequestBuilder) -> Result<Response, ConsentError> {
        request.send().await.map_err(|e| wrong(format!("{what} cannot be reached: {}", e.without_url())))
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

fn wrong(message: String) -> ConsentError {
    ConsentError(message)
}

/// A URL on this machine.
fn loopback(text: &str, what: &str) -> Result<Url, ConsentError> {
    let url = Url::parse(text).map_err(|e| wrong(format!("{what} `{text}` is not a URL: {e}")))?;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if here { Ok(url) } else { Err(wrong(format!("{what} leads to {}, which is not this machine", place(&url)))) }
}

/// Scheme, host and port: the rest may hold a code.
fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The form as the administrator sends it: what it carries, the administrator, the first offer of every other choice.
fn filled_in(form: Form) -> Result<Vec<(String, String)>, ConsentError> {
    let mut fields = form.inputs;
    for (name, options) in form.selects {
        let choice = match name.as_str() {
            "user" => options.iter().find(|o| *o == ADMINISTRATOR),
            _ => options.first(),
        };
        let Some(choice) = choice else {
            return Err(wrong(format!("the consent form offers no {name} to choose: {}", options.join(", "))));
        };
        fields.push((name, choice.clone()));
    }
    fields.push(("decision".to_owned(), "allow".to_owned()));
    Ok(fields)
}

/// Where an answer leads and its text, if its status is as wanted.
async fn expect(
    what: &str,
    response: Response,
    wanted: impl FnOnce(&StatusCode) -> bool,
) -> Result<(Option<String>, String), ConsentError> {
    let status = response.status();
    let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).map(str::to_owned);
    let body = response.text().await.map_err(|e| wrong(format!("{what} broke off: {}", e.without_url())))?;
    if wanted(&status) {
        Ok((location, body))
    } else {
        Err(wrong(format!("{what} answered {status}; {}", head(&body))))
    }
}

/// The first words of a body, for a message.
fn head(body: &str) -> String {
    let words: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
    if words.is_empty() { "its body is empty".to_owned() } else { format!("its body begins `{words}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to() {
        for url in ["http://127.0.0.1:1/x", "http://[::1]:1/", "http://localhost:1/"] {
            assert!(loopback(url, "the redirect").is_ok(), "{url}");
        }
        let error = loopback("https://attacker.example/cb?code=SECRET", "the redirect").unwrap_err();
        assert_eq!(error.to_string(), "the redirect leads to https://attacker.example, which is not this machine");
    }

    #[test]
    fn the_administrator_is_chosen_and_the_first_team() {
        let form = Form {
            action: String::new(),
            inputs: vec![("client_id".to_owned(), "c".to_owned())],
            selects: vec![
                ("user".to_owned(), vec!["alice".to_owned(), "it_admin".to_owned()]),
                ("team_id".to_owned(), vec!["1".to_owned(), "2".to_owned()]),
            ],
        };
        let fields = filled_in(form.clone()).unwrap();
        let text: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(text, ["client_id=c", "user=it_admin", "team_id=1", "decision=allow"]);

        let without = Form { selects: vec![("user".to_owned(), vec!["alice".to_owned()])], ..form };
        assert_eq!(filled_in(without).unwrap_err().to_string(), "the consent form offers no user to choose: alice");
    }
}
