//! Lists of addresses that somebody publishes, by TAXII 2.1: which are bad, which are exits of Tor, and from when until when.
//!
//! They are read at the beginning of a poll, before the events that it brings, and from then on only what is new or has
//! changed. What is sent to us in between is weighed by the lists as they were at the last poll.
//!
//! # Sources
//! TAXII 2.1, sections 4 and 5; STIX 2.1, section 4.7 (`valid_from` is included, `valid_until` is not).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::connections::Cidr;
use crate::http::{Failure, Http};

const TAXII: &str = "application/taxii+json;version=2.1";
/// Pages of one collection that are read at a time, at most.
const MOST_PAGES: usize = 1_000;
/// Indicators that their publisher is less sure of are not looked at, per cent.
pub(crate) const LEAST_CONFIDENCE: u64 = 50;
/// What types of indicators are in our words.
const TYPES: [(&str, &str); 2] = [("malicious-activity", "risky"), ("anonymization", "tor")];

/// What is said of a range of addresses, and when that holds.
#[derive(Debug, Clone, PartialEq)]
struct Indicator {
    range: Cidr,
    tags: Vec<&'static str>,
    from: Timestamp,
    until: Option<Timestamp>,
}

/// The lists of one server.
pub(crate) struct Lists {
    discovery: Url,
    known: Mutex<Known>,
    /// When they were last read; held while they are read.
    reading: tokio::sync::Mutex<Option<Timestamp>>,
}

#[derive(Default)]
struct Known {
    /// The addresses of the collections, each with the time after which its next objects were added.
    collections: BTreeMap<Url, Option<String>>,
    /// By id, in their newest version.
    indicators: BTreeMap<String, Indicator>,
}

impl Lists {
    /// The lists of the server at `discovery`.
    pub(crate) fn at(discovery: Url) -> Self {
        Self { discovery, known: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// Reads what is new, once at each moment. What cannot be read now is read the next time.
    pub(crate) async fn read(&self, http: &Http) {
        let (now, mut reading) = (http.clock().now(), self.reading.lock().await);
        if reading.is_some_and(|read| read == now) {
            return;
        }
        match self.read_new(http).await {
            Ok(()) => *reading = Some(now),
            Err(failure) => tracing::warn!(%failure, "the lists of addresses are as they were"),
        }
    }

    /// What they say of an address at a moment; nothing before they were read.
    pub(crate) fn tags(&self, ip: IpAddr, at: Timestamp) -> Option<Vec<&'static str>> {
        let known = self.known();
        let holds = |one: &&Indicator| one.from <= at && one.until.is_none_or(|until| at < until);
        let about = known.indicators.values().filter(|one| one.range.contains(ip)).filter(holds);
        (!known.collections.is_empty()).then(|| about.flat_map(|one| one.tags.clone()).collect())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nobody panics while holding the lists")
    }

    async fn read_new(&self, http: &Http) -> Result<(), Failure> {
        if self.known().collections.is_empty() {
            let collections = self.discover(http).await?;
            self.known().collections = collections.into_iter().map(|url| (url, None)).collect();
        }
        let collections = self.known().collections.clone();
        for (collection, mut after) in collections {
            let mut next: Option<String> = None;
            for _ in 0..MOST_PAGES {
                let mut url = joined(&collection, "objects/")?;
                for (name, value) in [("added_after", after.as_deref()), ("next", next.as_deref())] {
                    if let Some(value) = value {
                        url.query_pairs_mut().append_pair(name, value);
                    }
                }
                let (page, last) = ask(http, &url).await?;
                let objects = page["objects"].as_array().into_iter().flatten();
                let read = objects.filter_map(|object| Some((object["id"].as_str()?.to_owned(), indicator(object)?)));
                self.known().indicators.extend(read);
                next = page["next"].as_str().filter(|_| page["more"] == true).map(str::to_owned);
                // The time is that of the whole walk: the pages behind were asked for with the old one.
                if next.is_none() {
                    after = last.or(after);
                    break;
                }
            }
            self.known().collections.insert(collection, after);
        }
        Ok(())
    }

    /// The collections of the server's own root that can be read.
    async fn discover(&self, http: &Http) -> Result<Vec<Url>, Failure> {
        let (server, _) = ask(http, &self.discovery).await?;
        let root = server["default"].as_str().or_else(|| server["api_roots"][0].as_str()).unwrap_or_default();
        let collections = joined(&joined(&self.discovery, root)?, "collections/")?;
        let (told, _) = ask(http, &collections).await?;
        let readable = told["collections"].as_array().into_iter().flatten().filter(|one| one["can_read"] == true);
        let ids = readable.filter_map(|one| one["id"].as_str());
        ids.map(|id| joined(&collections, &format!("{id}/"))).collect()
    }
}

fn joined(url: &Url, path: &str) -> Result<Url, Failure> {
    url.join(path).map_err(|_| Failure::Unreadable("no address".to_owned()))
}

/// An answer, and when the last object on it was added.
async fn ask(http: &Http, url: &Url) -> Result<(Value, Option<String>), Failure> {
    let request = http.request(reqwest::Method::GET, url.as_str()).header("accept", TAXII);
    let answer = http.look_up(request).await?;
    Ok((answer.json()?, answer.header("x-taxii-date-added-last").map(str::to_owned)))
}

/// An indicator that speaks of addresses and that its publisher is sure enough of.
fn indicator(object: &Value) -> Option<Indicator> {
    let types: Vec<&str> = object["indicator_types"].as_array()?.iter().filter_map(Value::as_str).collect();
    let tags = TYPES.into_iter().filter(|(word, _)| types.contains(word)).map(|(_, tag)| tag).collect();
    let sure = object["confidence"].as_u64().is_none_or(|confidence| confidence >= LEAST_CONFIDENCE);
    let time = |key: &str| object[key].as_str().and_then(|text| text.parse().ok());
    let range = range(object["pattern"].as_str()?)?;
    (sure && object["revoked"] != true).then_some(Indicator {
        range,
        tags,
        from: time("valid_from")?,
        until: time("valid_until"),
    })
}

/// The addresses of a pattern that has one comparison.
fn range(pattern: &str) -> Option<Cidr> {
    let one = pattern.strip_prefix("[ipv4-addr:value ").or_else(|| pattern.strip_prefix("[ipv6-addr:value "))?;
    let (comparison, value) = one.strip_suffix("']")?.split_once(" '")?;
    match comparison {
        "ISSUBSET" => Cidr::try_from(value.to_owned()).ok(),
        "=" => value.parse::<IpAddr>().ok().map(Cidr::single),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pattern_of_one_comparison_is_a_range() {
        #[rustfmt::skip]
        let cases = [
            ("[ipv4-addr:value = '203.0.113.7']",           "203.0.113.7",    true),
            ("[ipv4-addr:value = '203.0.113.7']",           "203.0.113.8",    false),
            ("[ipv4-addr:value ISSUBSET '203.0.113.0/28']", "203.0.113.8",    true),
            ("[ipv6-addr:value = '2001:db8::1']",           "2001:db8::1",    true),
            ("[ipv6-addr:value = '2001:db8::1']",           "2001:db8::2",    false),
        ];
        for (pattern, ip, inside) in cases {
            assert_eq!(range(pattern).unwrap().contains(ip.parse().unwrap()), inside, "{pattern}: {ip}");
        }
        for other in ["[domain-name:value = 'a.example']", "[ipv4-addr:value = '203.0.113.7' OR x]", ""] {
            assert!(range(other).is_none(), "{other}");
        }
    }

    #[test]
    fn an_indicator_holds_from_its_first_moment_until_just_before_its_last() {
        let object = json!({"pattern": "[ipv4-addr:value = '203.0.113.7']", "indicator_types": ["malicious-activity"],
            "confidence": 90, "valid_from": "2026-03-02T09:00:00Z", "valid_until": "2026-03-02T12:00:00Z"});
        let lists = Lists::at(Url::parse("http://127.0.0.1/taxii2/").unwrap());
        let tags = |at: &str| lists.tags("203.0.113.7".parse().unwrap(), at.parse().unwrap());
        assert_eq!(tags("2026-03-02T10:00:00Z"), None, "nothing was read");
        lists.known().collections.insert(Url::parse("http://127.0.0.1/taxii2/root/collections/a/").unwrap(), None);
        lists.known().indicators.insert("indicator--1".to_owned(), indicator(&object).unwrap());
        let cases = [("08:59:59", false), ("09:00:00", true), ("11:59:59", true), ("12:00:00", false)];
        for (at, holds) in cases {
            let expected = if holds { vec!["risky"] } else { Vec::new() };
            assert_eq!(tags(&format!("2026-03-02T{at}Z")), Some(expected), "{at}");
        }
    }

    #[test]
    fn what_is_doubtful_or_taken_back_is_no_indicator() {
        let object = |key: &str, value: Value| {
            let mut object = json!({"pattern": "[ipv4-addr:value = '203.0.113.7']", "indicator_types": ["anonymization"],
                "confidence": 50, "valid_from": "2026-03-02T09:00:00Z"});
            object[key] = value;
            indicator(&object)
        };
        assert_eq!(object("confidence", json!(50)).unwrap().tags, ["tor"]);
        assert!(object("confidence", json!(49)).is_none() && object("revoked", json!(true)).is_none());
    }
}
