//! The header `Link`: where other pages are.
//!
//! Every parameter that came is kept and everything is percent-encoded: octokit takes `:word` in an address for a variable.
//!
//! # Sources
//! docs-ent and <https://github.com/google/go-github/issues/1848> for the audit log: the organisation by its number, always
//! both `after` and `before`, one of them empty, no `last`; no `next` on the last page and no header for a single one. That
//! the first page has no `first` is a guess. "Using pagination in the REST API" for the others.

use axum::http::header;

use super::names;
use crate::protocol::exchange::{Answer, Request};
use crate::protocol::form::encode_pairs;
use crate::protocol::pages::Page;

/// A relation and the parameters that lead there.
type Link<'a> = (&'a str, Vec<(&'a str, String)>);

/// Adds the links of a list whose pages are numbered.
pub(super) fn numbered<T>(answer: Answer, request: &Request, page: &Page<T>) -> Answer {
    let to = |relation, number: String| (relation, vec![("page", number)]);
    let mut links: Vec<Link<'_>> = Vec::new();
    links.extend(page.prev.iter().map(|n| to("prev", n.clone())));
    links.extend(page.next.iter().map(|n| to("next", n.clone())));
    if page.next.is_some() {
        links.extend(page.pages.map(|last| to("last", last.to_string())));
    }
    if page.prev.is_some() {
        links.push(to("first", "1".to_owned()));
    }
    let own = request.path.strip_prefix(names::SERVER_PREFIX).unwrap_or(&request.path);
    with(answer, request, own, &["page"], &links)
}

/// Adds the links of the audit log, which stands at `path` for them.
pub(super) fn both_ways<T>(answer: Answer, request: &Request, path: &str, page: &Page<T>) -> Answer {
    let to = |relation, after: &str, before: &str| {
        (relation, vec![("after", after.to_owned()), ("before", before.to_owned())])
    };
    let mut links: Vec<Link<'_>> = Vec::new();
    links.extend(page.next.iter().map(|cursor| to("next", cursor, "")));
    if let Some(cursor) = &page.prev {
        links.extend([to("first", "", ""), to("prev", "", cursor)]);
    }
    with(answer, request, path, &["after", "before"], &links)
}

/// Adds the link of a list that is walked by an opaque `cursor`.
pub(super) fn onward<T>(answer: Answer, request: &Request, page: &Page<T>) -> Answer {
    let links: Vec<Link<'_>> = page.next.iter().map(|cursor| ("next", vec![("cursor", cursor.clone())])).collect();
    let own = request.path.strip_prefix(names::SERVER_PREFIX).unwrap_or(&request.path);
    with(answer, request, own, &["cursor"], &links)
}

fn with(answer: Answer, request: &Request, path: &str, replaced: &[&str], links: &[Link<'_>]) -> Answer {
    if links.is_empty() {
        return answer;
    }
    let kept = request.query.iter().filter(|(k, _)| !replaced.contains(&k.as_str()));
    let kept: Vec<(&str, &str)> = kept.map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let one = |(relation, parameters): &Link<'_>| {
        let own = parameters.iter().map(|(k, v)| (*k, v.as_str()));
        let query = encode_pairs(kept.iter().copied().chain(own));
        let origin = if *relation == "next" { request.next_origin() } else { &request.origin };
        format!("<{}{path}?{query}>; rel=\"{relation}\"", names::api_at(origin, request))
    };
    let links: Vec<String> = links.iter().map(one).collect();
    answer.with(header::LINK, &links.join(", "))
}
