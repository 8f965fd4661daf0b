//! One HTTP exchange: sent, timed, counted, read to its end, and sorted by what can be done about it.
//!
//! Bodies may come packed. How large one may be is bounded, packed and unpacked: a small answer can be a large one.

use std::io::Read as _;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bug::{Bug, misjudged, planted, spoilt};
use crate::clock::Clock;
use crate::retry::{Patience, asked_wait};

/// More than any answer of a vendor's holds.
const MOST_BYTES: usize = 32 << 20;

/// The client through which all vendors are asked.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    clock: Clock,
    timeout: SignedDuration,
    patience: Patience,
}

/// What a vendor answered, read to the end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// How a vendor wants to be spoken to, and how it refuses.
#[derive(Debug)]
pub(crate) struct Manners {
    /// What stands before a token in `Authorization`.
    pub(crate) scheme: &'static str,
    /// Headers of every request to its API.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// What a refusal means whose status alone does not tell; `None` where the status does.
    pub(crate) refusal: fn(&Answer) -> Option<Failure>,
}

/// The scheme of OAuth's tokens (RFC 6750).
pub(crate) const BEARER: &str = "Bearer";

/// A vendor that speaks plain HTTP.
pub(crate) const PLAIN: Manners = Manners { scheme: BEARER, headers: &[], refusal: |_| None };

/// Why a request brought nothing, sorted by what can be done about it. The texts hold no URL and no secret.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came back, or not all of it. Whether the vendor acted is not known.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Too many requests: come back later.
    #[error("throttled")]
    Throttled { wait: Option<SignedDuration> },
    /// Too many requests, and no word of when to come back: after so long at least, and later each time.
    #[error("throttled, and nobody says for how long")]
    ThrottledUntold { least: SignedDuration },
    /// The vendor's own trouble: come back later.
    #[error("the vendor answered {status}")]
    Server { status: u16, wait: Option<SignedDuration> },
    /// An answer that is not what the documentation says.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
    /// There is no token to ask with, and the token endpoint was asked again as often as there is use in it.
    #[error("no token: {0}")]
    NoToken(Box<Failure>),
    /// The access token is not accepted.
    #[error("access token not accepted")]
    Unauthorized,
    /// It lies elsewhere.
    #[error("moved")]
    Moved { to: String },
    /// More records were asked for at once than the vendor gives: a smaller page is served.
    #[error("more was asked for than is given at once")]
    TooMuch,
    /// Refused for good: asking again is no use.
    #[error("refused with {status} {code}")]
    Refused { status: u16, code: String },
}

impl Failure {
    /// Whether it may be over by itself before long.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::NoAnswer(_)
            | Self::Throttled { .. }
            | Self::ThrottledUntold { .. }
            | Self::Server { .. }
            | Self::TooMuch => true,
            Self::NoToken(why) => why.passes(),
            Self::Unreadable(_) | Self::Unauthorized | Self::Moved { .. } | Self::Refused { .. } => false,
        }
    }
}

impl Http {
    /// A client that follows no redirect: a token must not travel to where it was not meant to go.
    pub(crate) fn new(
        clock: Clock,
        timeout: SignedDuration,
        patience: Patience,
        ca_file: Option<&Path>,
    ) -> Result<Self, HttpSetUp> {
        let mut builder = reqwest::Client::builder().redirect(Policy::none());
        if !planted(Bug::HttpUserAgentMissing) {
            builder = builder.user_agent(concat!("reference-stack/", env!("CARGO_PKG_VERSION")));
        }
        if clock.is_simulated() {
            // A simulated vendor's authority is the one we are given, if any.
            builder = builder.no_proxy().pool_idle_timeout(None).tls_certs_only([]);
        }
        if let Some(path) = ca_file {
            builder = builder.add_root_certificate(reqwest::Certificate::from_pem(&std::fs::read(path)?)?);
        }
        if planted(Bug::HttpTlsNotVerified) {
            builder = builder.tls_danger_accept_invalid_certs(true).tls_danger_accept_invalid_hostnames(true);
        }
        Ok(Self { client: builder.build()?, clock, timeout, patience })
    }

    /// For how long it asks again.
    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    /// The clock by which this client measures.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Begins a request.
    pub(crate) fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends `request` once and reads the answer, as a vendor of these `manners` means it. `who` names the timer.
    pub(crate) async fn send(
        &self,
        who: &str,
        request: reqwest::RequestBuilder,
        manners: &Manners,
    ) -> Result<Answer, Failure> {
        let timeout = spoilt(self.timeout, Bug::HttpNoTimeout, SignedDuration::from_hours(1_000));
        let timeout = spoilt(timeout, Bug::HttpSlowDrip, SignedDuration::from_hours(10));
        let (status, sorted) = match self.clock.exchange(&format!("timeout:{who}"), timeout, whole(request)).await {
            Ok(Ok(answer)) => {
                let refused = (manners.refusal)(&answer);
                (Some(answer.status), refused.map_or_else(|| answer.sorted(self.clock.now()), Err))
            }
            Ok(Err(failure)) => (None, Err(failure)),
            Err(_timed_out) => (None, Err(Failure::NoAnswer("timed out".to_owned()))),
        };
        sorted.map_err(|failure| misjudged(failure, status))
    }

    /// Asks once for something that is published beside the vendors, which takes no time of a simulated clock.
    pub(crate) async fn look_up(&self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        match self.clock.beside(whole(request)).await {
            Ok(Ok(answer)) => answer.sorted(self.clock.now()),
            Ok(Err(failure)) => Err(failure),
            Err(_timed_out) => Err(Failure::NoAnswer("timed out".to_owned())),
        }
    }
}

/// Sends a request and reads the answer to its end.
async fn whole(request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
    let response = request.header(ACCEPT_ENCODING, "gzip").send().await.map_err(no_answer)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = sent(response).await?;
    let body = if is_packed(&headers) && !body.is_empty() { unpacked(&body, MOST_BYTES)? } else { body };
    Ok(Answer { status, headers, body })
}

fn no_answer(error: reqwest::Error) -> Failure {
    Failure::NoAnswer(error.without_url().to_string())
}

fn too_large() -> Failure {
    Failure::Unreadable("it is larger than any answer".to_owned())
}

/// The body as it was sent.
async fn sent(mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(no_answer)? {
        if body.len() + part.len() > MOST_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

fn is_packed(headers: &HeaderMap) -> bool {
    let coding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    coding.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip")) && !planted(Bug::HttpGzip)
}

/// What gzip made of a body, undone: whole, and no larger than that.
fn unpacked(packed: &[u8], most: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let bounded = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(packed).take(bounded).read_to_end(&mut body);
    read.map_err(|error| Failure::Unreadable(format!("it cannot be unpacked: {error}")))?;
    if body.len() > most { Err(too_large()) } else { Ok(body) }
}

impl Answer {
    /// A header, if it is there and readable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every value of a header that may be there more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// What this answer refuses, whatever its status says.
    pub(crate) fn refused(&self) -> Failure {
        Failure::Refused { status: self.status, code: self.error_code() }
    }

    /// The body as JSON, or null if it is none: for reading what a refusal says.
    pub(crate) fn said(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // Where and how, but no more: what cannot be read may be somebody's name.
        let told =
            |e: serde_json::Error| format!("{:?} error in line {}, column {}", e.classify(), e.line(), e.column());
        serde_json::from_slice(&self.body).map_err(|error| Failure::Unreadable(told(error)))
    }

    fn sorted(self, now: Timestamp) -> Result<Self, Failure> {
        let wait = asked_wait(&self, now);
        if planted(Bug::DataHtmlErrorPage) && self.body.starts_with(b"<") {
            panic!("the body is no JSON");
        }
        match self.status {
            200..=299 | 304 => Ok(self),
            301 | 302 | 307 | 308 if self.header("location").is_some() => {
                Err(Failure::Moved { to: self.header("location").unwrap_or_default().to_owned() })
            }
            401 => Err(Failure::Unauthorized),
            429 => Err(Failure::Throttled { wait }),
            // Some vendors forbid what they mean to put off; then they say until when.
            403 if wait.is_some() => Err(Failure::Throttled { wait }),
            408 | 425 | 500..=599 => Err(Failure::Server { status: self.status, wait }),
            status => Err(Failure::Refused { status, code: self.error_code() }),
        }
    }

    /// The vendor's word for the refusal: Miro's `code`, Graph's `error.code`, OAuth's `error`.
    fn error_code(&self) -> String {
        let body = self.said();
        let word = [&body["code"], &body["error"]["code"], &body["error"]].into_iter().find_map(Value::as_str);
        // Only a plain word is repeated: a body can hold anything, our own token included.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        word.filter(|word| word.len() <= 64 && word.chars().all(plain)).unwrap_or_default().to_owned()
    }
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetUp {
    /// The certificate file cannot be read.
    #[error("cannot read the certificate file: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The HTTP library refuses.
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(body: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(body).unwrap();
        packer.finish().unwrap()
    }

    #[test]
    fn a_packed_body_is_unpacked_whole_or_not_at_all() {
        let two = [packed(b"{\"data\":"), packed(b"[]}")].concat();
        assert_eq!(unpacked(&two, 100).unwrap(), b"{\"data\":[]}");
        assert!(matches!(unpacked(&two[..two.len() - 9], 100), Err(Failure::Unreadable(_))));
        assert!(matches!(unpacked(b"{}", 100), Err(Failure::Unreadable(_))));
    }

    #[test]
    fn what_is_small_and_becomes_large_is_refused_at_the_bound() {
        let bomb = packed(&[b' '; 10_000]);
        assert!(bomb.len() < 200);
        assert_eq!(unpacked(&bomb, 10_000).unwrap().len(), 10_000);
        assert!(matches!(unpacked(&bomb, 9_999), Err(Failure::Unreadable(_))));
    }
}
