//! The header `Link` (RFC 8288), in which a list names its other pages.

use axum::http::{HeaderValue, header};

use super::exchange::{Answer, Request};
use super::form::encode_pairs;
use super::pages::Page;

/// How a list names its other pages in the header.
#[derive(Debug)]
pub struct LinkHeader {
    /// Which it names, in their order.
    pub relations: &'static [Relation],
    /// The query parameter that leads on.
    pub forward: &'static str,
    /// The one that leads back, if it is another. Then every link has both, one of them empty.
    pub back: Option<&'static str>,
    /// What leads to the first page.
    pub first: &'static str,
    /// How several links stand in an answer.
    pub lines: Lines,
}

/// What another page is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Itself,
    /// The one behind it.
    Next,
    /// The one in front of it.
    Prev,
    /// The first, where there is one in front.
    First,
    /// The last, where there is one behind and somebody has counted.
    Last,
}

/// How several links stand in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// In one header, between commas.
    One,
    /// Each in a header of its own.
    Each,
}

impl Relation {
    const fn word(self) -> &'static str {
        match self {
            Self::Itself => "self",
            Self::Next => "next",
            Self::Prev => "prev",
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

impl LinkHeader {
    /// Adds the links of a page, which stands where it was asked for.
    pub fn add<T>(&self, answer: Answer, request: &Request, page: &Page<T>) -> Answer {
        self.add_at(answer, request, &request.path, page)
    }

    /// The same of a page that its links put at another `path`.
    pub fn add_at<T>(&self, mut answer: Answer, request: &Request, path: &str, page: &Page<T>) -> Answer {
        let links = self.relations.iter().filter_map(|relation| {
            let query = self.query(*relation, request, page)?;
            let origin = if *relation == Relation::Next { request.next_origin() } else { &request.origin };
            let mark = if query.is_empty() { "" } else { "?" };
            Some(format!("<{origin}{path}{mark}{query}>; rel=\"{}\"", relation.word()))
        });
        let mut lines: Vec<String> = links.collect();
        if self.lines == Lines::One && !lines.is_empty() {
            lines = vec![lines.join(", ")];
        }
        for line in lines.iter().filter_map(|line| HeaderValue::from_str(line).ok()) {
            answer.headers.append(header::LINK, line);
        }
        answer
    }

    /// The query that leads to a page, if there is such a page.
    fn query<T>(&self, relation: Relation, request: &Request, page: &Page<T>) -> Option<String> {
        let (leads, to) = match relation {
            Relation::Itself => return Some(encode_pairs(request.query.iter().map(|(k, v)| (k.as_str(), v.as_str())))),
            Relation::Next => (self.forward, page.next.clone()?),
            Relation::Prev => (self.back.unwrap_or(self.forward), page.prev.clone()?),
            Relation::First => page.prev.as_ref().map(|_| (self.forward, self.first.to_owned()))?,
            Relation::Last => page.next.as_ref().and(page.pages).map(|last| (self.forward, last.to_string()))?,
        };
        let places = || std::iter::once(self.forward).chain(self.back);
        let kept = request.query.iter().filter(|(k, _)| places().all(|place| place != k));
        let own = places().map(|place| (place, if place == leads { to.as_str() } else { "" }));
        Some(encode_pairs(kept.map(|(k, v)| (k.as_str(), v.as_str())).chain(own)))
    }
}
