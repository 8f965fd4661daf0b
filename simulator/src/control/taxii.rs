//! `/_sim/feeds/taxii2/…`: the feeds by TAXII 2.1, unauthenticated.
//!
//! The server is at `taxii2/`, its only API root at `taxii2/root/`. Writing answers 405.
//!
//! # Sources
//! TAXII version 2.1, OASIS Standard: sections 1.6.8 (media types), 3.4-3.6 (filters, pages, errors), 3.3 (headers).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::feeds::{conditional, json as document, now};
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::world::feeds::taxii::{self, Page, Query, TAXII};
use crate::world::feeds::{Feeds, Listing};

const ADDED_FIRST: HeaderName = HeaderName::from_static("x-taxii-date-added-first");
const ADDED_LAST: HeaderName = HeaderName::from_static("x-taxii-date-added-last");

/// Filters there are; `match[…]` may name several values with a comma between them.
const FILTERS: [&str; 7] =
    ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"];

/// The routes, each with and without a slash at its end: clients write either.
pub(super) fn router(sim: Arc<Simulation>) -> Router {
    let routes = [
        "/_sim/feeds/taxii2",
        "/_sim/feeds/taxii2/root",
        "/_sim/feeds/taxii2/root/collections",
        "/_sim/feeds/taxii2/root/collections/{collection}",
        "/_sim/feeds/taxii2/root/collections/{collection}/{what}",
        "/_sim/feeds/taxii2/root/collections/{collection}/{what}/{object}",
        "/_sim/feeds/taxii2/root/collections/{collection}/{what}/{object}/{versions}",
    ];
    let both = routes.into_iter().flat_map(|route| [route.to_owned(), format!("{route}/")]);
    both.fold(Router::new(), |router, route| router.route(&route, get(resource))).with_state(sim)
}

/// A refusal: status, and what is wrong.
type Refusal = (StatusCode, String);

async fn resource(
    State(sim): State<Arc<Simulation>>,
    Path(names): Path<BTreeMap<String, String>>,
    RawQuery(query): RawQuery,
    uri: Uri,
    asked: HeaderMap,
) -> Response {
    let feeds = now(&sim);
    let answer = accepts(&asked).and_then(|()| answer(&feeds, uri.path(), &names, query.as_deref(), &asked));
    answer.unwrap_or_else(|(status, why)| {
        let error = json!({ "title": why, "http_status": status.as_u16().to_string() });
        let mut response = (status, error.to_string()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TAXII));
        response
    })
}

fn answer(
    feeds: &Feeds<'_>,
    path: &str,
    names: &BTreeMap<String, String>,
    query: Option<&str>,
    asked: &HeaderMap,
) -> Result<Response, Refusal> {
    let plain = |body: Value| conditional(asked, document(TAXII, feeds.since, &body));
    let Some(collection) = names.get("collection") else {
        return Ok(plain(match path.trim_end_matches('/') {
            path if path.ends_with("/taxii2") => {
                let host = asked.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
                taxii::discovery(&format!("http://{host}/_sim/feeds/taxii2/root/"))
            }
            path if path.ends_with("/root") => taxii::api_root(),
            _ => taxii::collections(feeds),
        }));
    };
    let nothing = |what: &str| (StatusCode::NOT_FOUND, format!("there is no {what}"));
    let listing = taxii::listing(feeds, collection).ok_or_else(|| nothing("such collection"))?;
    let Some(what) = names.get("what") else { return Ok(plain(taxii::collection(feeds, listing))) };
    let mut query = read_query(query.unwrap_or_default())?;
    let object = names.get("object").cloned();
    query.ids.extend(object.clone());
    let page = page(feeds, listing, &query)?;
    let form = match (what.as_str(), &object, names.get("versions").map(String::as_str)) {
        ("objects", None, None) => Page::envelope,
        ("objects", Some(_), None) => Page::envelope,
        ("objects", Some(_), Some("versions")) => Page::versions,
        ("manifest", None, None) => Page::manifest,
        _ => return Err(nothing("such resource")),
    };
    if object.is_some() && page.objects.is_empty() && query.added_after.is_none() {
        return Err(nothing("such object"));
    }
    let mut response = conditional(asked, document(TAXII, feeds.changed(listing), &form(&page)));
    for (name, added) in [(ADDED_FIRST, page.objects.first()), (ADDED_LAST, page.objects.last())] {
        if let Some(added) = added {
            let value = HeaderValue::try_from(added.at.rfc3339()).expect("a time is plain text");
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

fn page(feeds: &Feeds<'_>, listing: &Listing, query: &Query) -> Result<Page, Refusal> {
    taxii::page(feeds, listing, query).ok_or((StatusCode::BAD_REQUEST, "`next` is none that was given out".to_owned()))
}

/// Whoever asks for nothing, for anything, or for this version of TAXII is answered.
fn accepts(asked: &HeaderMap) -> Result<(), Refusal> {
    let accept = asked.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let fits = |one: &str| {
        let mut parts = one.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let version = parts.find_map(|part| part.strip_prefix("version="));
        matches!(kind, "*/*" | "application/*")
            || kind == "application/taxii+json" && version.is_none_or(|v| v == "2.1")
    };
    let why = || (StatusCode::NOT_ACCEPTABLE, format!("`{accept}` is not {TAXII}"));
    if accept.split(',').any(|one| fits(one.trim())) { Ok(()) } else { Err(why()) }
}

fn read_query(text: &str) -> Result<Query, Refusal> {
    let wrong = |why: String| (StatusCode::BAD_REQUEST, why);
    let mut query = Query::default();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let (name, value) = (decode(name), decode(value));
        let values = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match name.as_str() {
            "added_after" => {
                let after = SimTime::parse_rfc3339(&value);
                query.added_after = Some(after.ok_or_else(|| wrong(format!("`{value}` is no RFC 3339 time")))?);
            }
            "limit" => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                query.limit = Some(limit.ok_or_else(|| wrong(format!("`limit` is a positive number, not `{value}`")))?);
            }
            "next" => query.next = Some(value),
            "match[id]" => query.ids = values(),
            "match[type]" => query.types = values(),
            // There is one version of every object, and all are of STIX 2.1.
            "match[version]" | "match[spec_version]" => {}
            _ => return Err(wrong(format!("no filter `{name}`; there are {}", FILTERS.join(", ")))),
        }
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_version_of_taxii_is_accepted_and_no_other() {
        #[rustfmt::skip]
        let cases = [
            ("application/taxii+json;version=2.1",      true),
            ("application/taxii+json; version=2.1",     true),
            ("application/taxii+json",                  true),
            ("text/html, */*;q=0.1",                    true),
            ("application/taxii+json;version=2.0",      false),
            ("application/vnd.oasis.taxii+json",        false),
            ("application/json",                        false),
        ];
        for (accept, expected) in cases {
            let asked = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts(&asked).is_ok(), expected, "{accept}");
        }
        assert!(accepts(&HeaderMap::new()).is_ok());
    }

    #[test]
    fn filters_are_read_as_they_are_written_and_others_refused() {
        let query =
            read_query("added_after=2026-02-16T00%3A00%3A00.000Z&limit=2&match%5Btype%5D=indicator,identity").unwrap();
        assert_eq!(query.added_after, SimTime::parse_rfc3339("2026-02-16T00:00:00Z"));
        assert_eq!((query.limit, query.types), (Some(2), vec!["indicator".to_owned(), "identity".to_owned()]));
        #[rustfmt::skip]
        let wrong = [
            ("limit=0",               "positive number"),
            ("limit=many",            "positive number"),
            ("added_after=yesterday", "RFC 3339"),
            ("addedafter=x",          "no filter `addedafter`"),
        ];
        for (query, part) in wrong {
            let (status, why) = read_query(query).unwrap_err();
            assert!(status == StatusCode::BAD_REQUEST && why.contains(part), "{query}: {why}");
        }
    }
}
