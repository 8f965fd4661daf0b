//! The header `Link`, in which Okta names this page and the next.
//!
//! # Sources
//! `sl` and `us`: one header for each relation, the whole query repeated, an opaque `after`.

use axum::http::{HeaderValue, header};

use crate::protocol::exchange::{Answer, Request};
use crate::protocol::form::encode_pairs;
use crate::protocol::pages::{CursorForm, Position};
use crate::time::SimTime;

/// The query parameter that leads on.
pub(super) const AFTER: &str = "after";

/// Its form: the place of the last item. That it can be made by hand, and that it holds for ever, are guesses.
pub(super) const CURSOR: CursorForm = CursorForm::Place { back: "before", read, write };

fn read(text: &str) -> Option<Position> {
    let (at, id) = text.split_once('_')?;
    Some(Position { at: SimTime::from_us(at.parse().ok()?), id: id.into() })
}

/// The cursor behind an item.
pub(super) fn write(position: &Position) -> String {
    format!("{}_{}", position.at.us(), position.id)
}

/// Adds the links to this page and to the one behind `next`.
pub(super) fn with(mut answer: Answer, request: &Request, next: Option<&str>) -> Answer {
    let kept = |name: &str| name != AFTER;
    let link = |origin: &str, cursor: Option<&str>, relation: &str| {
        let own = request.query.iter().filter(|(k, _)| kept(k)).map(|(k, v)| (k.as_str(), v.as_str()));
        let query = encode_pairs(own.chain(cursor.map(|cursor| (AFTER, cursor))));
        let mark = if query.is_empty() { "" } else { "?" };
        HeaderValue::from_str(&format!("<{origin}{}{mark}{query}>; rel=\"{relation}\"", request.path))
    };
    let all = [
        Some(link(&request.origin, request.query(AFTER), "self")),
        next.map(|cursor| link(request.next_origin(), Some(cursor), "next")),
    ];
    for link in all.into_iter().flatten().flatten() {
        answer.headers.append(header::LINK, link);
    }
    answer
}
