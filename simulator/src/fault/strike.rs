//! What a fault does to an exchange, place by place: before the room answers, in its stead, or after. The server's way of
//! an exchange says where each place is; what a kind does there is written here alone.
//!
//! | place | kinds |
//! |---|---|
//! | [`Strike::unheard`]: nothing is done, nothing is said | `hang`, `reset`, `idle_close` |
//! | [`Strike::on_credentials`], before they are looked at | `expire_token`, `revoke_grant` |
//! | [`Strike::most_at_once`], before it is let in | `crowd` |
//! | [`Strike::instead`] of looking at them and of the room | `error`, `throttle`, `large_page`, `redirect`, and `crowd` for those turned away |
//! | [`Strike::on_request`], [`Strike::arriving`], [`Strike::is_forestalled`], [`Strike::bend`], [`Strike::effects`]: what the room finds | those of pages, `new_records`, `foreign_subscription`, `no_effect` |
//! | [`Strike::on_answer`] of the room | `odd_expiry` |
//! | [`Strike::loses_answer`], [`Strike::hold`]: before the answer leaves | `lose_answer`, `slow`, `heavy_window`, `crowd` |
//! | [`Strike::on_body`], on its way | `gzip`, `cut_body`, `drip` |

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::cut::CutBody;
use super::{Bite, expiry, gzip};
use crate::journal::Refusal;
use crate::protocol::credentials::TokenStore;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Effects, PageBend, Request};
use crate::scenario::{ErrorBody, FaultKind, LinkedTo, RedirectedTo, RetryAfterForm, ThrottledBy};
use crate::time::SimTime;

/// A fault on its way through one exchange. Where there is none, nothing happens in any place.
#[derive(Clone, Debug)]
pub(crate) struct Strike {
    kind: Option<FaultKind>,
    until: Option<SimTime>,
    /// Whether others were there first, of as many as are borne at once.
    turned_away: bool,
}

/// Nothing is done and nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// The connection is closed at once.
    Closed,
    /// It stays open until then; without a time, until the client gives up.
    Open(Option<SimTime>),
}

/// What was asked, as far as an answer in the room's stead repeats it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// Scheme and host as the client used them.
    pub(crate) origin: &'a str,
    /// Path as sent.
    pub(crate) path: &'a str,
    /// Query as sent.
    pub(crate) query: Option<&'a str>,
    /// Scheme and host that clients are led away to.
    pub(crate) other_origin: Option<&'a str>,
    /// The vendor's quota of which no header tells.
    pub(crate) secondary: Option<&'static str>,
}

/// What is answered in the room's stead.
#[derive(Debug)]
pub(crate) struct Instead {
    /// What is said.
    pub(crate) said: Said,
    /// When to come back, and how that is spelt.
    pub(crate) retry_after: Option<(Duration, RetryAfterForm)>,
    /// Why, for the journal, where the refusal's own reasons would not tell.
    pub(crate) reason: Option<String>,
}

/// An answer that no room gave.
#[derive(Debug)]
pub(crate) enum Said {
    /// The vendor's refusal, under another status than its own if there is one.
    Refusal(Failure, Option<StatusCode>),
    /// Nobody's in particular.
    Answer(Answer),
}

impl Strike {
    /// Of the fault that meets a request, if one does.
    pub(crate) fn of(bite: Option<&Bite>) -> Self {
        Self { kind: bite.map(|bite| bite.kind.clone()), until: bite.and_then(|bite| bite.until), turned_away: false }
    }

    /// Whether the request comes to nobody's ears.
    pub(crate) const fn unheard(&self) -> Option<Unheard> {
        match self.kind {
            Some(FaultKind::Hang) => Some(Unheard::Open(self.until)),
            Some(FaultKind::Reset | FaultKind::IdleClose { .. }) => Some(Unheard::Closed),
            _ => None,
        }
    }

    /// How many requests are borne at once, where they are counted.
    pub(crate) const fn most_at_once(&self) -> Option<u32> {
        match self.kind {
            Some(FaultKind::Crowd { most, .. }) => Some(most),
            _ => None,
        }
    }

    /// As many are under way already as are borne.
    pub(crate) const fn turn_away(&mut self) {
        self.turned_away = true;
    }

    /// What becomes of the credentials that a request brings, right before they are looked at.
    pub(crate) fn on_credentials(&self, tokens: &mut TokenStore, request: &Request, now: SimTime) {
        match self.kind {
            Some(FaultKind::ExpireToken) => tokens.expire_presented(&request.headers, &request.query, now),
            Some(FaultKind::RevokeGrant) => tokens.revoke_presented(&request.headers, &request.query, now),
            _ => {}
        }
    }

    /// What is answered in place of the room, if anything is.
    pub(crate) fn instead(&self, asked: &Asked<'_>) -> Option<Instead> {
        match *self.kind.as_ref()? {
            FaultKind::Error { status, body, retry_after } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let retry_after = retry_after.map(|wait| (wait, RetryAfterForm::Seconds));
                Some(Instead { said: error(status, body), retry_after, reason: Some(reason(status)) })
            }
            FaultKind::Throttle { retry_after, form, limit } => {
                let quota = match limit {
                    ThrottledBy::Usual => None,
                    ThrottledBy::Secondary => asked.secondary,
                };
                let said = Said::Refusal(Failure::RateLimited { retry_after, quota }, None);
                Some(Instead { said, retry_after: Some((retry_after, form)), reason: None })
            }
            FaultKind::Crowd { retry_after, .. } if self.turned_away => {
                let said = Said::Refusal(Failure::RateLimited { retry_after, quota: asked.secondary }, None);
                Some(Instead { said, retry_after: Some((retry_after, RetryAfterForm::Seconds)), reason: None })
            }
            FaultKind::LargePage { most } => {
                let said = Said::Refusal(too_much(most), None);
                Some(Instead { said, retry_after: None, reason: None })
            }
            FaultKind::Redirect { to, status } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
                let answer = Answer::empty(status).with(header::LOCATION, &asked.elsewhere(to));
                Some(Instead { said: Said::Answer(answer), retry_after: None, reason: Some(reason(status)) })
            }
            _ => None,
        }
    }

    /// What the room finds the request to be; `other_origin` is where clients are led away to.
    pub(crate) fn on_request(&self, request: &mut Request, other_origin: Option<String>) {
        if let Some(FaultKind::ForeignNextLink { to }) = self.kind {
            request.elsewhere = match to {
                LinkedTo::OtherHost => other_origin,
                LinkedTo::ClearText => request.origin.strip_prefix("https").map(|rest| format!("http{rest}")),
            };
        }
    }

    /// How many records arrive in a log right before it is read.
    pub(crate) const fn arriving(&self) -> Option<u32> {
        match self.kind {
            Some(FaultKind::NewRecords { count }) => Some(count),
            _ => None,
        }
    }

    /// Whether somebody else has subscribed right before the stack is heard.
    pub(crate) const fn is_forestalled(&self) -> bool {
        matches!(self.kind, Some(FaultKind::ForeignSubscription))
    }

    /// How the page about to be served is bent.
    pub(crate) const fn bend(&self) -> Option<PageBend> {
        match self.kind {
            Some(FaultKind::RepeatCursor) => Some(PageBend::RepeatCursor),
            Some(FaultKind::EmptyPage) => Some(PageBend::Empty),
            Some(FaultKind::CycleCursor) => Some(PageBend::CycleCursor),
            Some(FaultKind::ExpireCursor) => Some(PageBend::ExpireCursor),
            Some(FaultKind::EmptyCursor) => Some(PageBend::EmptyCursor),
            Some(FaultKind::ForeignNextLink { .. }) => Some(PageBend::ForeignLink),
            _ => None,
        }
    }

    /// Whether the room does what it answers to have done.
    pub(crate) const fn effects(&self) -> Effects {
        match self.kind {
            Some(FaultKind::NoEffect) => Effects::Pretended,
            _ => Effects::Real,
        }
    }

    /// What becomes of the room's answer.
    pub(crate) fn on_answer(&self, answer: Answer) -> Answer {
        match self.kind {
            Some(FaultKind::OddExpiry { form }) => expiry::odd(answer, form),
            _ => answer,
        }
    }

    /// Whether the answer gets lost, after what was asked has been done.
    pub(crate) const fn loses_answer(&self) -> bool {
        matches!(self.kind, Some(FaultKind::LoseAnswer))
    }

    /// How much later the answer leaves, and what that is called; `days` is how wide the window is that was asked for.
    pub(crate) fn hold(&self, days: f64) -> Option<(&'static str, Duration)> {
        match self.kind {
            Some(FaultKind::Slow { by }) => Some(("slow", by)),
            Some(FaultKind::Crowd { takes, .. }) if !self.turned_away => Some(("crowd", takes)),
            Some(FaultKind::HeavyWindow { per_day }) => Some(("heavy window", per_day.mul_f64(days))),
            _ => None,
        }
    }

    /// What becomes of the body on its way; `drip` makes one that takes its time.
    pub(crate) fn on_body(
        &self,
        headers: &mut HeaderMap,
        body: Bytes,
        drip: impl FnOnce(&Bytes, Duration) -> Body,
    ) -> Body {
        match self.kind {
            Some(FaultKind::Gzip { form }) if !body.is_empty() => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                Body::from(gzip::packed(&body, form))
            }
            Some(FaultKind::CutBody { percent, framing }) => Body::new(CutBody::new(&body, percent, framing)),
            Some(FaultKind::Drip { over }) => drip(&body, over),
            _ => Body::from(body),
        }
    }
}

impl Asked<'_> {
    /// The address at which what was asked for is said to lie.
    fn elsewhere(&self, to: RedirectedTo) -> String {
        let origin = match to {
            RedirectedTo::OtherHost => self.other_origin.unwrap_or(self.origin),
            RedirectedTo::Itself => self.origin,
        };
        let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{origin}{}{query}", self.path)
    }
}

fn error(status: StatusCode, body: ErrorBody) -> Said {
    match body {
        ErrorBody::Vendor => Said::Refusal(Failure::Upstream(status), None),
        ErrorBody::ErrorIn200 => Said::Refusal(Failure::Upstream(status), Some(StatusCode::OK)),
        ErrorBody::Empty => Said::Answer(Answer::empty(status)),
        ErrorBody::Html => {
            let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
            Said::Answer(Answer::bytes(status, "text/html", page))
        }
    }
}

/// Graph's refusal of a page that would take too long: its code 1, in words that tell it from others of that code
/// (<https://github.com/airbytehq/airbyte/issues/25383>).
fn too_much(most: u32) -> Failure {
    Failure::Own {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        message: "Please reduce the amount of data you're asking for, then retry your request".to_owned(),
        headers: Vec::new(),
        refusal: Refusal::Fault,
        why: format!("limit: a fault of the scenario: more than {most} records asked for at once"),
    }
}

fn reason(status: StatusCode) -> String {
    format!("a fault of the scenario: {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strike(kind: FaultKind) -> Strike {
        Strike { kind: Some(kind), until: Some(SimTime::from_ms(9)), turned_away: false }
    }

    const ASKED: Asked<'_> = Asked {
        origin: "http://127.0.0.1:4101",
        path: "/v2/audit/logs",
        query: Some("limit=5"),
        other_origin: Some("http://localhost:9"),
        secondary: Some("secondary"),
    };

    #[test]
    fn nothing_happens_anywhere_without_a_fault() {
        let none = Strike::of(None);
        assert!(none.unheard().is_none() && none.instead(&ASKED).is_none() && none.arriving().is_none());
        assert!(none.bend().is_none() && none.hold(3.0).is_none() && !none.loses_answer());
        assert_eq!(none.effects(), Effects::Real);
    }

    #[test]
    fn a_request_that_nobody_hears_is_closed_or_left_open() {
        for kind in [FaultKind::Reset, FaultKind::IdleClose { after: Duration::from_secs(5) }] {
            assert_eq!(strike(kind).unheard(), Some(Unheard::Closed));
        }
        assert_eq!(strike(FaultKind::Hang).unheard(), Some(Unheard::Open(Some(SimTime::from_ms(9)))));
        assert_eq!(strike(FaultKind::LoseAnswer).unheard(), None, "it is heard");
    }

    #[test]
    fn an_answer_in_the_rooms_stead_has_the_status_and_the_wait_of_the_fault() {
        let wait = Some(Duration::from_secs(60));
        #[rustfmt::skip]
        let cases = [
            // body                  whose                 status under which it goes
            (ErrorBody::Vendor,     "the vendor's",        503),
            (ErrorBody::ErrorIn200, "the vendor's",        200),
            (ErrorBody::Empty,      "nobody's",            503),
            (ErrorBody::Html,       "nobody's",            503),
        ];
        for (body, whose, status) in cases {
            let instead = strike(FaultKind::Error { status: 503, body, retry_after: wait }).instead(&ASKED).unwrap();
            let told = match instead.said {
                Said::Refusal(Failure::Upstream(own), shown) => ("the vendor's", shown.unwrap_or(own)),
                Said::Refusal(..) => ("of another kind", StatusCode::OK),
                Said::Answer(answer) => ("nobody's", answer.status),
            };
            assert_eq!((told.0, told.1.as_u16()), (whose, status), "{body:?}");
            assert_eq!(instead.retry_after, wait.map(|wait| (wait, RetryAfterForm::Seconds)));
            assert_eq!(instead.reason.as_deref(), Some("a fault of the scenario: 503 Service Unavailable"));
        }
    }

    #[test]
    fn a_redirect_repeats_path_and_query() {
        let cases = [(RedirectedTo::OtherHost, "http://localhost:9"), (RedirectedTo::Itself, ASKED.origin)];
        for (to, origin) in cases {
            let instead = strike(FaultKind::Redirect { to, status: 307 }).instead(&ASKED).unwrap();
            let Said::Answer(answer) = instead.said else { panic!("it is no refusal") };
            assert_eq!(answer.headers[header::LOCATION], format!("{origin}/v2/audit/logs?limit=5"));
        }
    }

    #[test]
    fn a_limit_of_which_no_header_tells_is_named() {
        for (limit, expected) in [(ThrottledBy::Usual, None), (ThrottledBy::Secondary, Some("secondary"))] {
            let retry_after = Duration::from_secs(5);
            let fault = FaultKind::Throttle { retry_after, form: RetryAfterForm::Zero, limit };
            let instead = strike(fault).instead(&ASKED).unwrap();
            let Said::Refusal(Failure::RateLimited { quota, .. }, None) = instead.said else { panic!("{limit:?}") };
            assert_eq!((quota, instead.reason), (expected, None));
        }
    }

    #[test]
    fn who_comes_into_a_crowd_waits_or_is_turned_away() {
        let (takes, retry_after) = (Duration::from_secs(2), Duration::from_secs(5));
        let mut crowd = strike(FaultKind::Crowd { most: 1, takes, retry_after });
        assert_eq!((crowd.most_at_once(), crowd.hold(0.0)), (Some(1), Some(("crowd", takes))));
        assert!(crowd.instead(&ASKED).is_none());
        crowd.turn_away();
        assert_eq!(crowd.hold(0.0), None);
        let instead = crowd.instead(&ASKED).unwrap();
        assert!(matches!(instead.said, Said::Refusal(Failure::RateLimited { quota: Some("secondary"), .. }, None)));
        assert_eq!(instead.retry_after, Some((retry_after, RetryAfterForm::Seconds)));
    }

    #[test]
    fn a_wide_window_is_held_longer() {
        let heavy = strike(FaultKind::HeavyWindow { per_day: Duration::from_secs(10) });
        assert_eq!(heavy.hold(1.5), Some(("heavy window", Duration::from_secs(15))));
        assert_eq!(
            strike(FaultKind::Slow { by: Duration::from_secs(3) }).hold(9.0),
            Some(("slow", Duration::from_secs(3)))
        );
    }
}
