//! `$expand`: objects that an object leads to, inside it.
//!
//! One relation at a time, with `$select` inside it or not; of a relation to many twenty objects at most.
//!
//! # Not imitated
//! `*`, several relations at once (directory objects take one alone), and `$levels`, `$filter`, `$top` inside.
//!
//! # Sources
//! `graph-docs:concepts/query-parameters.md`. That twenty objects are shown at most is recalled.

use serde_json::Value;

use super::list::{EntitySet, project};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Context, Request};
use crate::vendors::entra::objects::{Kind, Relation, related};
use crate::vendors::entra::sets::DIRECTORY_OBJECTS;

/// Most objects that are shown inside another.
const MOST: usize = 20;

/// What is shown inside every object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expand {
    relation: Relation,
    /// What of it; what is usual if nothing was said.
    select: Option<Vec<String>>,
}

impl Expand {
    /// What the request asks for, if anything.
    pub(super) fn read(request: &Request, set: &EntitySet) -> Result<Option<Self>, Failure> {
        let Some(text) = super::given(request, "$expand").map(str::trim) else { return Ok(None) };
        let unsupported = || Failure::Unsupported { what: format!("$expand={text}") };
        let (name, options) = match text.split_once('(') {
            None => (text, None),
            Some((name, rest)) => (name.trim(), Some(rest.strip_suffix(')').ok_or_else(unsupported)?)),
        };
        let relation = Relation::named(name).filter(|relation| set.expandable.contains(relation));
        let relation = relation.ok_or_else(unsupported)?;
        let select = match options.map(str::trim) {
            None | Some("") => None,
            Some(option) => {
                let names = option.strip_prefix("$select=").ok_or_else(unsupported)?;
                Some(super::list::known_properties(names, &DIRECTORY_OBJECTS)?)
            }
        };
        Ok(Some(Self { relation, select }))
    }

    /// How `@odata.context` says it: `members()`.
    pub(super) fn projection(&self) -> String {
        format!("{}({})", self.relation.name(), self.select.as_ref().map_or_else(String::new, |names| names.join(",")))
    }

    /// Name and value of the property that it becomes in `object`; none where there is no such one.
    pub(super) fn of(&self, ctx: &mut Context<'_>, object: &Value) -> Option<(String, Value)> {
        let found = related(ctx, object, self.relation, &Kind::ALL).into_iter().take(MOST);
        let mut found = found.map(|object| project(object, &DIRECTORY_OBJECTS, self.select.as_deref()));
        let value = if self.relation.is_single() { found.next()? } else { Value::Array(found.collect()) };
        Some((self.relation.name().to_owned(), value))
    }
}
