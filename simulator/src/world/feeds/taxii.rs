//! TAXII 2.1: a collection for each list, cut into pages.
//!
//! Resources as values; which address asks for which is the control plane's.
//!
//! # Not imitated
//! Adding and deleting objects, and the status of that; several versions of one object; basic authentication.
//!
//! # Sources
//! TAXII version 2.1, OASIS Standard: sections 3.4 (filters), 3.5 (pages), 3.7 (envelope), 4 (discovery and API root), 5
//! (collections, manifest, objects, versions). How many objects a page holds at most is a guess.

use serde_json::{Value, json};

use super::stix::{Added, objects};
use super::{Feeds, LISTINGS, Listing};
use crate::time::SimTime;

/// Media type of every answer.
pub const TAXII: &str = "application/taxii+json;version=2.1";

/// Media type of every object.
pub const STIX: &str = "application/stix+json;version=2.1";

/// Objects on a page at most.
pub const MOST: usize = 100;

/// What is asked of a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only what was added later.
    pub added_after: Option<SimTime>,
    /// So many at most.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub next: Option<String>,
    /// Only objects with one of these ids.
    pub ids: Vec<String>,
    /// Only objects of one of these types.
    pub types: Vec<String>,
}

/// A page: what is on it, and whether there is another.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Objects in the order in which they were added.
    pub objects: Vec<Added>,
    /// Where the next one begins.
    pub next: Option<String>,
}

/// The server: `root` is where its only API root is.
pub fn discovery(root: &str) -> Value {
    json!({ "title": "Example Threat Intelligence", "description": "Addresses of a simulated world", "default": root, "api_roots": [root] })
}

/// The API root.
pub fn api_root() -> Value {
    json!({ "title": "Addresses", "versions": [TAXII], "max_content_length": 1_048_576 })
}

/// Every collection.
pub fn collections(feeds: &Feeds<'_>) -> Value {
    json!({ "collections": LISTINGS.iter().map(|listing| collection(feeds, listing)).collect::<Vec<_>>() })
}

/// One collection.
pub fn collection(feeds: &Feeds<'_>, listing: &Listing) -> Value {
    json!({
        "id": collection_id(feeds, listing),
        "title": listing.title,
        "alias": listing.name,
        "can_read": true,
        "can_write": false,
        "media_types": [STIX],
    })
}

/// The list whose collection has this id, or this alias.
pub fn listing(feeds: &Feeds<'_>, id: &str) -> Option<&'static Listing> {
    LISTINGS.iter().find(|listing| listing.name == id || collection_id(feeds, listing) == id)
}

fn collection_id(feeds: &Feeds<'_>, listing: &Listing) -> String {
    feeds.id(&["taxii", listing.name])
}

/// A page of a list; none where `next` is none that was given out.
pub fn page(feeds: &Feeds<'_>, listing: &Listing, query: &Query) -> Option<Page> {
    let from = match &query.next {
        Some(next) => read_cursor(next)?,
        None => 0,
    };
    let is_asked = |added: &Added| {
        let among =
            |asked: &[String], key: &str| asked.is_empty() || asked.iter().any(|one| added.object[key] == **one);
        query.added_after.is_none_or(|after| added.at > after) && among(&query.ids, "id") && among(&query.types, "type")
    };
    let all: Vec<Added> = objects(feeds, listing).into_iter().filter(is_asked).collect();
    let limit = query.limit.unwrap_or(MOST).min(MOST);
    let until = from.saturating_add(limit);
    let next = (until < all.len()).then(|| cursor(until));
    Some(Page { objects: all.into_iter().skip(from).take(limit).collect(), next })
}

fn cursor(at: usize) -> String {
    format!("at-{at}")
}

fn read_cursor(next: &str) -> Option<usize> {
    next.strip_prefix("at-")?.parse().ok()
}

impl Page {
    /// The objects. A page without any has no such property.
    pub fn envelope(&self) -> Value {
        let objects: Vec<&Value> = self.objects.iter().map(|added| &added.object).collect();
        self.with("objects", json!(objects))
    }

    /// What there is, without the objects.
    pub fn manifest(&self) -> Value {
        let record = |added: &Added| {
            let object = &added.object;
            json!({ "id": object["id"], "date_added": added.at.rfc3339(), "version": object["modified"], "media_type": STIX })
        };
        self.with("objects", self.objects.iter().map(record).collect())
    }

    /// Versions of the objects.
    pub fn versions(&self) -> Value {
        self.with("versions", self.objects.iter().map(|added| added.object["modified"].clone()).collect())
    }

    fn with(&self, key: &str, what: Value) -> Value {
        let mut envelope = json!({ "more": self.next.is_some() });
        if let Some(next) = &self.next {
            envelope["next"] = json!(next);
        }
        if !self.objects.is_empty() {
            envelope[key] = what;
        }
        envelope
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::MALICIOUS;
    use super::super::tests::with_feeds;
    use super::*;

    fn ids(page: &Page) -> Vec<String> {
        page.objects.iter().map(|added| added.object["id"].as_str().unwrap().to_owned()).collect()
    }

    proptest! {
        #[test]
        fn walking_the_pages_gives_every_object_once_in_order(limit in 1_usize..6) {
            with_feeds(|feeds| {
                let all = ids(&page(&feeds, MALICIOUS, &Query::default()).unwrap());
                let (mut walked, mut next) = (Vec::new(), None);
                loop {
                    let query = Query { limit: Some(limit), next, ..Query::default() };
                    let page = page(&feeds, MALICIOUS, &query).unwrap();
                    assert!(page.objects.len() <= limit);
                    walked.extend(ids(&page));
                    next = page.next;
                    if next.is_none() {
                        break;
                    }
                }
                assert_eq!(walked, all);
            });
        }
    }

    #[test]
    fn added_after_leaves_out_what_was_added_at_that_moment() {
        with_feeds(|feeds| {
            let all = page(&feeds, MALICIOUS, &Query::default()).unwrap();
            let after = |at| page(&feeds, MALICIOUS, &Query { added_after: Some(at), ..Query::default() }).unwrap();
            assert_eq!(ids(&after(all.objects[1].at)), ids(&all)[2..]);
            let none = after(all.objects[2].at).envelope();
            assert_eq!(none, json!({ "more": false }));
        });
    }

    #[test]
    fn objects_are_matched_by_id_and_type() {
        with_feeds(|feeds| {
            let only = |query: Query| page(&feeds, MALICIOUS, &query).unwrap().objects.len();
            let id = ids(&page(&feeds, MALICIOUS, &Query::default()).unwrap())[1].clone();
            assert_eq!(only(Query { ids: vec![id], ..Query::default() }), 1);
            assert_eq!(only(Query { types: vec!["indicator".to_owned()], ..Query::default() }), 2);
            assert_eq!(only(Query { types: vec!["malware".to_owned()], ..Query::default() }), 0);
        });
    }

    #[test]
    fn a_cursor_that_was_not_given_out_is_refused() {
        with_feeds(|feeds| {
            assert_eq!(page(&feeds, MALICIOUS, &Query { next: Some("later".to_owned()), ..Query::default() }), None);
        });
    }

    #[test]
    fn a_collection_is_found_by_its_id_and_its_alias() {
        with_feeds(|feeds| {
            for id in [collection_id(&feeds, MALICIOUS), MALICIOUS.name.to_owned()] {
                assert_eq!(listing(&feeds, &id), Some(MALICIOUS));
            }
            assert_eq!(listing(&feeds, "nobodys"), None);
        });
    }
}
