//! SCIM 2.0 (RFC 7643, RFC 7644), as data and a few functions over plain JSON.
//!
//! A vendor declares a [`Surface`]: its resource types with their [`Schema`]s, its filter grammar, its pages, what its
//! ServiceProviderConfig claims. Rooms then need two things of their own: a function that renders a user or group as a
//! JSON object, and one that turns a [`Change`] into deeds. Everything between is here:
//!
//! | file | does |
//! |---|---|
//! | [`schema`] | attributes as values; checks and coerces what a client sends |
//! | [`filter`] | reads and evaluates filters and paths |
//! | [`patch`] | PATCH: operations applied to a resource |
//! | [`write`] | POST and PUT: a body becomes a resource; what changed |
//! | [`list`] | pages, order, `attributes` and `excludedAttributes` |
//! | [`discovery`] | ServiceProviderConfig, ResourceTypes, Schemas |
//! | [`error`] | refusals as SCIM error objects |
//!
//! Lenient where real servers have to be: names and operation words in any case, `"False"` for a boolean, unknown
//! attributes are ignored. Not here: bulk, ETags, `/Me`, passwords; `/.search` is answered
//! with 501.

pub mod discovery;
pub mod error;
pub mod filter;
pub mod list;
pub mod patch;
pub mod schema;
#[cfg(test)]
mod tests;
pub mod write;

pub use error::{Refusal, render};
pub use schema::{Attribute, Schema};
pub use write::{Change, changes};

use filter::{Join, Operator};

/// What a vendor serves under SCIM.
#[derive(Debug)]
pub struct Surface {
    /// Where it lies on the vendor's host: `/api/v1/scim`.
    pub base: &'static str,
    /// What there is to read and write.
    pub resource_types: &'static [&'static ResourceType],
    /// Which filters are understood.
    pub filters: Filters,
    /// How many resources a page has.
    pub pages: Pages,
    /// What the ServiceProviderConfig says.
    pub provider: Provider,
    /// Content type of every answer.
    pub content_type: &'static str,
    /// Whether an operation of a PATCH must name a path.
    pub patch_path: PatchPath,
    /// Where this is documented.
    pub source: &'static str,
}

/// A kind of resource.
#[derive(Debug)]
pub struct ResourceType {
    /// `User`.
    pub name: &'static str,
    /// `/Users`, below [`Surface::base`].
    pub endpoint: &'static str,
    /// For people.
    pub description: &'static str,
    /// The core schema.
    pub schema: &'static Schema,
    /// What vendors add to it, under keys of its own.
    pub extensions: &'static [&'static Schema],
}

/// Which filters a vendor understands; every other is refused with `invalidFilter`.
#[derive(Debug)]
pub struct Filters {
    /// Operators.
    pub operators: &'static [Operator],
    /// What joins comparisons.
    pub joins: &'static [Join],
    /// Attributes that may be filtered by, in their canonical spelling; all if empty.
    pub attributes: &'static [&'static str],
    /// Whether a text may stand without quotes.
    pub texts: Texts,
}

/// Whether a text in a filter may stand without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// As RFC 7644 wants it.
    Quoted,
    /// `members[value eq 34587645]` is understood too.
    QuotedOrBare,
}

/// How many resources a page has.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    /// Without `count`.
    pub default: usize,
    /// The most, whatever `count` says.
    pub max: usize,
}

/// Whether an operation of a PATCH must name a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchPath {
    /// It must.
    Required,
    /// Without one its value is an object of attributes (RFC 7644 3.5.2.1).
    Optional,
}

/// What a ServiceProviderConfig says beside what follows from the rest of a surface. Bulk, ETags and password changes
/// are not supported by anybody here.
#[derive(Debug)]
pub struct Provider {
    /// Page of the vendor's documentation.
    pub documentation: &'static str,
    /// `filter.maxResults` as printed; what a page really holds is [`Pages::max`].
    pub filter_max_results: u32,
    /// Name, type and description of the one authentication scheme.
    pub scheme: (&'static str, &'static str, &'static str),
}

impl Surface {
    /// Whether a path lies under this surface: then refusals are SCIM error objects.
    pub fn owns(&self, path: &str) -> bool {
        path.strip_prefix(self.base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl ResourceType {
    /// The schema with this URN, core or extension, whatever its case.
    pub fn schema(&self, urn: &str) -> Option<&'static Schema> {
        std::iter::once(&self.schema).chain(self.extensions).find(|s| s.id.eq_ignore_ascii_case(urn)).copied()
    }
}
