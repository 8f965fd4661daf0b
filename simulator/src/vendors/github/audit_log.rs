//! GitHub: the audit log of the organisation and of its enterprise.
//!
//! `GET /orgs/{org}/audit-log` and `GET /enterprises/{enterprise}/audit-log`, newest first, thirty entries, at most a
//! hundred. The cursor is base64 of `<time>|<document id>`, the time in milliseconds in exponent form: whoever knows the
//! form can make one, with an empty id to begin with a time. Links name the organisation by its number. Without `created`
//! the last three months are shown. Entries are kept 180 days, git events seven. On Enterprise Server pages are numbered.
//!
//! # Sources
//! Operations `orgs/get-audit-log` and `enterprise-admin/get-audit-log`; docs-ent for order, window, paging and retention;
//! docs-ent and <https://github.com/google/go-github/issues/1848> for links: always both `after` and `before`, one of them
//! empty, no `last`; no `next` on the last page and no header for a single one (that the first page has no `first` is a
//! guess). demisto's collector for forged cursors. That a page size above a hundred is clamped, how an empty id reads in
//! descending order (exclusive) and what a bad cursor meets are guesses.
//!
//! # Not imitated
//! `page` on GitHub's own machines, which is in the description and does not page there
//! (<https://github.com/google/go-github/issues/1848>). GraphQL's audit log. Streams.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::actions;
use super::events;
use super::lists;
use super::names::{self, Customer};
use super::phrase::Phrase;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Feed, Span, Window};
use crate::protocol::links::{Lines, LinkHeader, Relation};
use crate::protocol::pages::{AboveMax, CursorForm, Order, Page, PageSize, Paging, Position};
use crate::scenario::VendorProfile;
use crate::time::SimTime;
use crate::timeline::{Aspect, Record};

const SIZE: PageSize = PageSize { parameter: "per_page", default: 30, max: 100, above: AboveMax::Clamp };
const RETENTION: Duration = Duration::from_secs(180 * 86_400);
const GIT_RETENTION: Duration = Duration::from_secs(7 * 86_400);
const UNASKED: Duration = Duration::from_secs(90 * 86_400);

/// The log, as GitHub's own machines and as a customer's page it.
pub(super) static FEEDS: [Feed; 2] = [
    feed(CursorForm::Place { back: "before", read: read_cursor, write: write_cursor }, "after"),
    feed(CursorForm::Number, "page"),
];

const fn feed(cursor: CursorForm, cursor_parameter: &'static str) -> Feed {
    Feed {
        name: events::LOG,
        window: Window::Filter("created"),
        order: Order::Descending,
        paging: Paging { list: events::LOG, cursor_parameter, cursor, size: SIZE },
        delay: Duration::from_secs(120),
        retention: RETENTION,
        source: "spec: orgs/get-audit-log",
    }
}

static LINKS: LinkHeader = LinkHeader {
    relations: &[Relation::Next, Relation::First, Relation::Prev],
    forward: "after",
    back: Some("before"),
    first: "",
    lines: Lines::One,
};

/// `GET /orgs/{org}/audit-log`.
pub(super) fn of_organisation(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let path = format!("/organizations/{}/audit-log", Customer::here(ctx).id);
    list(ctx, request, &path)
}

/// `GET /enterprises/{enterprise}/audit-log`.
pub(super) fn of_enterprise(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let path = format!("/enterprises/{}/audit-log", Customer::here(ctx).enterprise_id);
    list(ctx, request, &path)
}

fn list(ctx: &mut Context<'_>, request: &Request, path: &str) -> Result<Answer, Failure> {
    let phrase = Phrase::read(request.query("phrase"))?;
    let order = match request.query("order") {
        None | Some("" | "desc") => Order::Descending,
        Some("asc") => Order::Ascending,
        Some(_) => return Err(Failure::bad_parameter("order", "must be asc or desc")),
    };
    let include = match request.query("include") {
        None | Some("" | "web") => Include::Web,
        Some("git") => Include::Git,
        Some("all") => Include::All,
        Some(_) => return Err(Failure::bad_parameter("include", "must be web, git or all")),
    };
    let span = if phrase.dated {
        phrase.span
    } else {
        Span { from: std::ops::Bound::Included(ctx.now - UNASKED), ..Span::ALL }
    };
    let git_since = ctx.now - GIT_RETENTION;
    let keep = |record: &Record| {
        include.takes(record, git_since)
            && (!phrase.looks_at_fields()
                || phrase.matches(&serde_json::from_slice(&record.body).expect("records are rendered as JSON")))
    };
    let server = ctx.sim.scenario.apps[ctx.app.0].profile == VendorProfile::Server;
    let page = feed::serve(ctx, request, &FEEDS[usize::from(server)], span, order, Some(&keep))?;
    let disclosed = ctx.state.timeline.changed(ctx.app, &Aspect::Setting("source_ip_disclosure".to_owned()));
    let body = joined(&page.items, disclosed != Some("disabled"));
    let answer = Answer::bytes(StatusCode::OK, "application/json; charset=utf-8", body);
    let answer = answer.with(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link, Location, Retry-After");
    Ok(match server {
        // How many pages there are nobody has counted.
        true => lists::NUMBERED.add(answer, request, &Page { pages: None, ..page }),
        false => LINKS.add_at(answer, request, &format!("{}{path}", names::prefix(request)), &page),
    })
}

/// Which entries are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Include {
    Web,
    Git,
    All,
}

impl Include {
    fn takes(self, record: &Record, git_since: SimTime) -> bool {
        match actions::is_git(record.activity.verb) {
            true => self != Self::Web && record.persisted >= git_since,
            false => self != Self::Git,
        }
    }
}

/// A bare array of the rendered entries; without the actors' addresses where the organisation does not disclose them.
fn joined(records: &[Arc<Record>], with_addresses: bool) -> Bytes {
    feed::array(
        records.iter().map(|record| if with_addresses { record.body.clone() } else { without_address(&record.body) }),
    )
}

fn without_address(entry: &Bytes) -> Bytes {
    let mut entry: Value = serde_json::from_slice(entry).expect("records are rendered as JSON");
    entry.as_object_mut().expect("an entry is an object").shift_remove("actor_ip");
    entry.to_string().into()
}

/// `1.772442000123e+12|aB3…`, in base64.
pub(super) fn write_cursor(position: &Position) -> String {
    let ms = position.at.ms();
    let digits = ms.to_string();
    let (first, rest) = digits.split_at(1);
    BASE64_STANDARD.encode(format!("{first}.{rest}e+{:02}|{}", rest.len(), position.id))
}

/// Reads a cursor, forged ones included: any number of milliseconds in any notation. An empty id stands before every entry of
/// that millisecond. A client that decodes its links once too often turns the `+` of base64 into a space.
pub(super) fn read_cursor(text: &str) -> Option<Position> {
    let decoded = BASE64_STANDARD.decode(text.replace(' ', "+")).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (time, id) = decoded.split_once('|')?;
    let ms: f64 = time.parse().ok()?;
    if !(0.0..1e15).contains(&ms) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 1e15, where every whole number is a double")]
    Some(Position { at: SimTime::from_ms(ms.round() as i64), id: id.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_like_the_documented_ones() {
        let position = Position { at: SimTime::from_ms(1_795_310_410_840), id: "aB3dE5fG7hI9jK1lM3nO5p".into() };
        let text = write_cursor(&position);
        assert_eq!(text, "MS43OTUzMTA0MTA4NDBlKzEyfGFCM2RFNWZHN2hJOWpLMWxNM25PNXA=");
        assert_eq!(read_cursor(&text), Some(position));
    }

    #[test]
    fn a_forged_cursor_names_a_time_alone() {
        for time in ["1795310410840.0|", "1.79531041084e+12|", "1795310410840|"] {
            let forged = BASE64_STANDARD.encode(time);
            let position = Position { at: SimTime::from_ms(1_795_310_410_840), id: "".into() };
            assert_eq!(read_cursor(&forged), Some(position), "{time}");
        }
        assert_eq!(read_cursor("bm90IGEgY3Vyc29y"), None);
        assert_eq!(read_cursor("%"), None);
    }
}
