//! `/_sim/feeds/…`: what is published about addresses, over HTTP.
//!
//! | path | what |
//! |---|---|
//! | `city.mmdb` `country.mmdb` `asn.mmdb` `anonymous-ip.mmdb` | databases in MaxMind's format |
//! | `tor-exits.txt` | Tor exits, one a line |
//! | `indicators.csv` | addresses that attacks came from |
//! | `stix.json` | all of that as one STIX bundle |
//! | `misp/manifest.json`, `misp/ID.json` | the same as a MISP feed |
//! | `taxii2/` | the same by TAXII ([`super::taxii`]) |
//!
//! They are as they are now: what is listed later is not in them yet, and the anonymiser database is built when the list of
//! Tor exits changes. Every answer has an `ETag` and says when it last changed; who has it already is told so with 304.
//! Requests for feeds are no exchanges with an app: they are neither journalled nor counted, and take no simulated time.
//!
//! # Sources
//! RFC 9110, sections 8.8 (validators) and 13 (conditional requests).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use super::taxii;
use crate::protocol::validators;
use crate::server::http_date;
use crate::simulation::Simulation;
use crate::time::SimTime;
use crate::world::feeds::taxii::STIX;
use crate::world::feeds::{Feeds, LISTINGS, MALICIOUS, TOR_EXITS, misp, plain, stix};
use crate::world::geo;

const MMDB: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";
const JSON: &str = "application/json";

/// What a feed says, and when it last changed.
pub(super) struct Document {
    pub(super) media_type: &'static str,
    pub(super) changed: SimTime,
    pub(super) body: Vec<u8>,
}

type Publish = fn(&Feeds<'_>) -> Document;

/// Feeds that are one document, by their names.
const DOCUMENTS: &[(&str, Publish)] = &[
    ("city.mmdb", |feeds| database(feeds, feeds.since, geo::city)),
    ("country.mmdb", |feeds| database(feeds, feeds.since, geo::country)),
    ("asn.mmdb", |feeds| database(feeds, feeds.since, geo::asn)),
    ("anonymous-ip.mmdb", |feeds| database(feeds, feeds.changed(TOR_EXITS), geo::anonymous_ip)),
    ("tor-exits.txt", |feeds| Document {
        media_type: TEXT,
        changed: feeds.changed(TOR_EXITS),
        body: plain::tor_exits(feeds).into_bytes(),
    }),
    ("indicators.csv", |feeds| Document {
        media_type: CSV,
        changed: feeds.changed(MALICIOUS),
        body: plain::csv(feeds).into_bytes(),
    }),
    ("stix.json", |feeds| json(STIX, latest(feeds), &stix::bundle(feeds))),
    ("misp/manifest.json", |feeds| json(JSON, latest(feeds), &misp::manifest(feeds))),
];

/// The routes.
pub(super) fn router(sim: Arc<Simulation>) -> Router {
    Router::new().route("/_sim/feeds/{*name}", get(document)).with_state(Arc::clone(&sim)).merge(taxii::router(sim))
}

/// Addresses of all feeds, by their names, where the control plane is at `control`.
pub fn addresses(control: SocketAddr) -> Value {
    let names = DOCUMENTS.iter().map(|(name, _)| *name).chain(["taxii2/"]);
    Value::Object(names.map(|name| (name.to_owned(), format!("http://{control}/_sim/feeds/{name}").into())).collect())
}

/// The feeds as they are now.
pub(super) fn now(sim: &Simulation) -> Feeds<'_> {
    Feeds::of(&sim.scenario, &sim.world, sim.clock.now())
}

async fn document(State(sim): State<Arc<Simulation>>, Path(name): Path<String>, asked: HeaderMap) -> Response {
    let feeds = now(&sim);
    let published = DOCUMENTS.iter().find(|(known, _)| *known == name).map(|(_, publish)| publish(&feeds));
    match published.or_else(|| event(&feeds, &name)) {
        Some(document) => conditional(&asked, document).into_response(),
        None => {
            let known: Vec<&str> = DOCUMENTS.iter().map(|(name, _)| *name).collect();
            (StatusCode::NOT_FOUND, format!("no feed `{name}`; there are {}, taxii2/\n", known.join(", ")))
                .into_response()
        }
    }
}

fn event(feeds: &Feeds<'_>, name: &str) -> Option<Document> {
    let id = name.strip_prefix("misp/")?.strip_suffix(".json")?;
    Some(json(JSON, latest(feeds), &misp::event(feeds, id)?))
}

fn latest(feeds: &Feeds<'_>) -> SimTime {
    LISTINGS.iter().map(|listing| feeds.changed(listing)).max().unwrap_or(feeds.since)
}

fn database(feeds: &Feeds<'_>, changed: SimTime, write: fn(&crate::world::World, SimTime) -> Vec<u8>) -> Document {
    Document { media_type: MMDB, changed, body: write(feeds.world, changed) }
}

pub(super) fn json(media_type: &'static str, changed: SimTime, body: &Value) -> Document {
    Document { media_type, changed, body: body.to_string().into_bytes() }
}

/// The document, or 304 for who has it: by its tag, and where none is given by the time of its last change.
pub(super) fn conditional(asked: &HeaderMap, document: Document) -> Response {
    let tag = validators::tag(&document.body);
    let has_it = validators::is_known(asked, &tag).unwrap_or_else(|| {
        let since = asked.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
        since.and_then(parse_date).is_some_and(|since| document.changed <= since)
    });
    let mut response = Response::new(if has_it { Body::empty() } else { Body::from(document.body) });
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type));
    }
    for (name, value) in [(header::ETAG, tag), (header::LAST_MODIFIED, http_date(document.changed))] {
        response.headers_mut().insert(name, HeaderValue::try_from(value).expect("digits, letters and a quote"));
    }
    response
}

/// RFC 9110's date, in the form that is not obsolete.
fn parse_date(text: &str) -> Option<SimTime> {
    let date = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    SimTime::parse_rfc3339(&date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock::ClockMode;

    fn document() -> Document {
        Document {
            media_type: TEXT,
            changed: SimTime::parse_rfc3339("2026-02-16T00:00:01Z").unwrap(),
            body: b"192.0.2.7\n".to_vec(),
        }
    }

    fn status(header: header::HeaderName, value: &str) -> u16 {
        let asked = HeaderMap::from_iter([(header, HeaderValue::from_str(value).unwrap())]);
        conditional(&asked, document()).status().as_u16()
    }

    #[test]
    fn who_has_it_is_told_so() {
        let first = conditional(&HeaderMap::new(), document());
        let header = |name: header::HeaderName| first.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((first.status(), header(header::CONTENT_TYPE).as_str()), (StatusCode::OK, TEXT));
        assert_eq!(header(header::LAST_MODIFIED), "Mon, 16 Feb 2026 00:00:01 GMT");
        let tag = header(header::ETAG);
        #[rustfmt::skip]
        let cases = [
            (header::IF_NONE_MATCH, tag.clone(), 304),
            (header::IF_NONE_MATCH, format!("\"other\", W/{tag}"), 304),
            (header::IF_NONE_MATCH, "*".to_owned(), 304),
            (header::IF_NONE_MATCH, "\"other\"".to_owned(), 200),
            (header::IF_MODIFIED_SINCE, "Mon, 16 Feb 2026 00:00:01 GMT".to_owned(), 304),
            (header::IF_MODIFIED_SINCE, "Mon, 16 Feb 2026 00:00:00 GMT".to_owned(), 200),
            (header::IF_MODIFIED_SINCE, "yesterday".to_owned(), 200),
        ];
        for (name, value, expected) in cases {
            assert_eq!(status(name.clone(), &value), expected, "{name}: {value}");
        }
    }

    #[test]
    fn the_tag_decides_where_both_are_given() {
        let asked = HeaderMap::from_iter([
            (header::IF_NONE_MATCH, HeaderValue::from_static("\"other\"")),
            (header::IF_MODIFIED_SINCE, HeaderValue::from_static("Mon, 16 Feb 2026 00:00:01 GMT")),
        ]);
        assert_eq!(conditional(&asked, document()).status(), StatusCode::OK);
    }

    /// What the control plane answers: status, media type, body.
    async fn get(path: &str) -> (u16, String, String) {
        let sim = Simulation::new(crate::world::feeds::tests::scenario(), ClockMode::Virtual).unwrap();
        let request = Request::get(path).header(header::HOST, "127.0.0.1:7777").body(Body::empty()).unwrap();
        let response = router(sim).oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap();
        let media_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
        (status, media_type.unwrap_or_default(), String::from_utf8_lossy(&body).into_owned())
    }

    async fn taxii(path: &str) -> Value {
        let (status, media_type, body) = get(&format!("/_sim/feeds/taxii2/{path}")).await;
        assert_eq!((status, media_type.as_str()), (200, "application/taxii+json;version=2.1"), "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    #[tokio::test]
    async fn every_feed_that_is_told_of_can_be_had() {
        let all = addresses("127.0.0.1:7777".parse().unwrap());
        assert_eq!(all.as_object().unwrap().len(), DOCUMENTS.len() + 1);
        for address in all.as_object().unwrap().values() {
            let path = address.as_str().unwrap().strip_prefix("http://127.0.0.1:7777").unwrap();
            let (status, _, body) = get(path).await;
            assert!(status == 200 && !body.is_empty(), "{path}: {status}");
        }
        assert_eq!(get("/_sim/feeds/nothing.txt").await.0, 404);
    }

    #[tokio::test]
    async fn a_taxii_client_finds_its_way_from_discovery_to_the_last_page() {
        let root = "http://127.0.0.1:7777/_sim/feeds/taxii2/root/";
        assert_eq!(taxii("").await["default"], root);
        assert_eq!(taxii("root/").await["versions"][0], "application/taxii+json;version=2.1");
        let collections = taxii("root/collections/").await;
        let id = collections["collections"][0]["id"].as_str().unwrap();
        let first = taxii(&format!("root/collections/{id}/objects/?limit=2")).await;
        assert_eq!((first["more"].as_bool(), first["objects"].as_array().unwrap().len()), (Some(true), 2));
        let next = first["next"].as_str().unwrap();
        let last = taxii(&format!("root/collections/{id}/objects/?limit=2&next={next}")).await;
        assert_eq!((last["more"].as_bool(), last["objects"].as_array().unwrap().len()), (Some(false), 1));
        let object = last["objects"][0]["id"].as_str().unwrap();
        let one = taxii(&format!("root/collections/{id}/objects/{object}/")).await;
        assert_eq!(one["objects"], last["objects"]);
        let manifest = taxii(&format!("root/collections/{id}/manifest/")).await;
        assert_eq!(manifest["objects"][2]["id"], object);
    }

    #[tokio::test]
    async fn what_taxii_does_not_have_is_refused_in_its_own_form() {
        for (path, expected) in [
            ("root/collections/nobodys/", 404),
            ("root/collections/tor-exits/nothing/", 404),
            ("root/collections/tor-exits/objects/indicator--none/", 404),
            ("root/collections/tor-exits/objects/?limit=0", 400),
            ("root/collections/tor-exits/objects/?next=later", 400),
        ] {
            let (status, media_type, body) = get(&format!("/_sim/feeds/taxii2/{path}")).await;
            let error: Value = serde_json::from_str(&body).unwrap_or_default();
            assert_eq!(
                (status, error["http_status"].as_str()),
                (expected, Some(expected.to_string().as_str())),
                "{path}"
            );
            assert_eq!(media_type, "application/taxii+json;version=2.1");
        }
    }
}
