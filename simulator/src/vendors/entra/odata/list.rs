//! A collection of entities with everything that a request may ask of it.
//!
//! Directory objects answer `$search`, `$count`, `ne`, `not`, `endsWith` and a filter that is sorted from an index that
//! lags behind writes, and only for who sends `ConsistencyLevel: eventual` (and `$count=true`, except with `$search`).
//! `$count=true` alone is silently ignored. `$skip` is not supported.
//!
//! # Sources
//! `graph-docs:concepts/aad-advanced-queries.md`, `paging.md`. The words for a page size out of bounds:
//! <https://learn.microsoft.com/answers/questions/1129204/>.

use std::cmp::Ordering;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::expand::Expand;
use super::filter::Filter;
use super::search::Search;
use super::{context_url, counts, entity, eventual, given, next_link};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::pages::{self, AboveMax, CursorForm, Page, PageSize, Paging};
use crate::vendors::entra::errors::graph_json;
use crate::vendors::entra::objects::{Kind, Relation, id_of};
use crate::vendors::entra::sets::default_properties;

/// Entities of one type, as data.
#[derive(Debug)]
pub(in super::super) struct EntitySet {
    /// Its name in `@odata.context`, `users`.
    pub(in super::super) name: &'static str,
    /// `microsoft.graph.user`.
    pub(in super::super) type_name: &'static str,
    /// What is printed unless `$select` says otherwise; everything if empty.
    pub(in super::super) default: &'static [&'static str],
    /// What `$select` may name beside.
    pub(in super::super) further: &'static [&'static str],
    /// What `$filter` may name.
    pub(in super::super) filterable: &'static [&'static str],
    /// What `$search` may name.
    pub(in super::super) searchable: &'static [&'static str],
    /// What `$orderby` may name.
    pub(in super::super) sortable: &'static [&'static str],
    /// What `$expand` may name.
    pub(in super::super) expandable: &'static [Relation],
    /// How it is paged.
    pub(in super::super) paging: Paging,
    /// Which queries want the lagging index.
    pub(in super::super) index: Index,
}

/// Which queries want the lagging index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Index {
    /// Directory objects: the advanced ones.
    Lagging,
    /// None: everything that is supported is answered at once.
    Plain,
}

/// A page size of 100 and at most 999, refused in Graph's words.
pub(in super::super) const fn paging(list: &'static str) -> Paging {
    let above = AboveMax::Refuse("Invalid page size specified: '{}'. Must be between 1 and 999 inclusive.");
    Paging {
        list,
        cursor_parameter: super::SKIP_TOKEN,
        cursor: CursorForm::Sealed,
        size: PageSize { parameter: "$top", default: 100, max: 999, above },
    }
}

/// Answers with a page of `entities`, which are whole. `fragment` is what the context calls them, unless projected.
pub(in super::super) fn serve(
    ctx: &mut Context<'_>,
    request: &Request,
    set: &'static EntitySet,
    fragment: &str,
    entities: Vec<Value>,
) -> Result<Answer, Failure> {
    if request.query("$skip").is_some() {
        return Err(Failure::Unsupported { what: "$skip".to_owned() });
    }
    let projection = Projection::read(request, set)?;
    let matching = matching(request, set, entities)?;
    let count = matching.len();
    let Page { items, next, .. } = cut(ctx, request, set, matching)?;

    let mut body = Map::new();
    body.insert("@odata.context".into(), json!(context_url(request, &projection.fragment(fragment))));
    let counted = counts(request) && (eventual(request) || set.index == Index::Plain);
    if counted && request.query(super::SKIP_TOKEN).is_none() {
        body.insert("@odata.count".into(), json!(count));
    }
    if let Some(token) = &next {
        body.insert("@odata.nextLink".into(), json!(next_link(request, token)));
    }
    let value = items.into_iter().map(|item| projection.of(ctx, item, set)).collect();
    body.insert("value".into(), Value::Array(value));
    Ok(graph_json(StatusCode::OK, &Value::Object(body)))
}

/// Answers `…/$count`: a number as plain text.
pub(in super::super) fn serve_count(
    request: &Request,
    set: &'static EntitySet,
    entities: Vec<Value>,
) -> Result<Answer, Failure> {
    if set.index == Index::Lagging && !eventual(request) {
        return Err(Failure::bad_parameter("$count", "$count is not currently supported."));
    }
    let count = matching(request, set, entities)?.len();
    Ok(Answer::bytes(StatusCode::OK, "text/plain", count.to_string()))
}

/// Answers with one entity, which is whole.
pub(in super::super) fn serve_one(
    ctx: &mut Context<'_>,
    request: &Request,
    set: &'static EntitySet,
    fragment: &str,
    whole: Value,
) -> Result<Answer, Failure> {
    let projection = Projection::read(request, set)?;
    let fragment = format!("{}/$entity", projection.fragment(fragment));
    Ok(entity(request, StatusCode::OK, &fragment, projection.of(ctx, whole, set)))
}

/// What `$filter` and `$search` let through, in the order that `$orderby` asks for, else that of the ids.
fn matching(request: &Request, set: &EntitySet, mut entities: Vec<Value>) -> Result<Vec<Value>, Failure> {
    let filter = given(request, "$filter").map(|text| Filter::parse(text, set.filterable)).transpose()?;
    let search = given(request, "$search").map(|text| Search::parse(text, set.searchable)).transpose();
    let order = Order::read(request, set)?;
    if set.index == Index::Lagging {
        let advanced = filter.as_ref().and_then(Filter::advanced);
        let by_deletion = order.as_ref().is_some_and(|order| order.property == "deletedDateTime");
        let sorted = ((filter.is_some() && order.is_some()) || by_deletion).then_some("$filter with $orderby");
        if given(request, "$search").is_some() && !eventual(request) {
            return Err(Failure::Unsupported { what: "$search without ConsistencyLevel".to_owned() });
        }
        if let Some(what) = advanced.or(sorted)
            && !(eventual(request) && counts(request))
        {
            return Err(Failure::Unsupported { what: what.to_owned() });
        }
    }
    let search = search?;
    entities.retain(|e| filter.as_ref().is_none_or(|f| f.matches(e)) && search.as_ref().is_none_or(|s| s.matches(e)));
    if let Some(order) = order {
        entities.sort_by(|a, b| order.compare(a, b));
    }
    Ok(entities)
}

/// The page that the request's skip token asks for. An item that is gone meanwhile leaves its place behind.
fn cut(
    ctx: &mut Context<'_>,
    request: &Request,
    set: &'static EntitySet,
    entities: Vec<Value>,
) -> Result<Page<Value>, Failure> {
    pages::of_all(ctx, request, &set.paging, entities, |entity| id_of(entity).to_owned())
}

/// `$orderby`.
struct Order {
    property: &'static str,
    direction: pages::Order,
}

impl Order {
    fn read(request: &Request, set: &EntitySet) -> Result<Option<Self>, Failure> {
        let Some(text) = given(request, "$orderby") else { return Ok(None) };
        let unsupported = || Failure::Unsupported { what: format!("$orderby={text}") };
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(unsupported)?;
        let known = set.sortable.iter().find(|p| p.eq_ignore_ascii_case(name)).ok_or_else(unsupported)?;
        let direction = match (words.next(), words.next()) {
            (None | Some("asc"), None) => pages::Order::Ascending,
            (Some("desc"), None) => pages::Order::Descending,
            _ => return Err(unsupported()),
        };
        Ok(Some(Self { property: known, direction }))
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let key = |v: &Value| v[self.property].as_str().unwrap_or_default().to_lowercase();
        let order = key(a).cmp(&key(b));
        let order = if self.direction == pages::Order::Descending { order.reverse() } else { order };
        order.then_with(|| id_of(a).cmp(id_of(b)))
    }
}

/// What of an entity is printed.
struct Projection {
    /// The properties that `$select` names, in its order; none if it is not there.
    select: Option<Vec<String>>,
    expand: Option<Expand>,
}

impl Projection {
    fn read(request: &Request, set: &EntitySet) -> Result<Self, Failure> {
        let select = given(request, "$select").filter(|text| text.trim() != "*");
        let select = select.map(|text| known_properties(text, set)).transpose()?;
        Ok(Self { select, expand: Expand::read(request, set)? })
    }

    /// How `@odata.context` says it: `users(id,manager())`.
    fn fragment(&self, fragment: &str) -> String {
        let names = self.select.iter().flatten().cloned().chain(self.expand.iter().map(Expand::projection));
        let names: Vec<String> = names.collect();
        if names.is_empty() { fragment.to_owned() } else { format!("{fragment}({})", names.join(",")) }
    }

    fn of(&self, ctx: &mut Context<'_>, whole: Value, set: &EntitySet) -> Value {
        let expanded = self.expand.as_ref().and_then(|expand| expand.of(ctx, &whole));
        let mut printed = project(whole, set, self.select.as_deref());
        if let Some((name, value)) = expanded {
            printed[name] = value;
        }
        printed
    }
}

/// Properties of a set, separated by commas, as the set writes them.
pub(super) fn known_properties(text: &str, set: &EntitySet) -> Result<Vec<String>, Failure> {
    let known = |name: &str| set.default.iter().chain(set.further).find(|k| k.eq_ignore_ascii_case(name));
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| {
        let why = format!("Could not find a property named '{name}' on type '{}'.", set.type_name);
        known(name).map(|k| (*k).to_owned()).ok_or_else(|| Failure::bad_parameter("$select", why))
    });
    names.collect()
}

/// An entity as it is printed. In collections of mixed types every one says what it is, and lacks what its type lacks.
pub(super) fn project(mut entity: Value, set: &EntitySet, selected: Option<&[String]>) -> Value {
    let kind = Kind::of(&entity);
    let mixed = kind.filter(|kind| kind.type_name() != set.type_name);
    let own = mixed.map_or(set.default, default_properties);
    let names: Vec<String> = match selected {
        Some(names) => names.to_vec(),
        None if own.is_empty() => {
            entity.as_object().into_iter().flat_map(|all| all.keys().cloned()).filter(|k| k != "@odata.type").collect()
        }
        None => own.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut printed = Map::new();
    if mixed.is_some() {
        printed.insert("@odata.type".into(), entity["@odata.type"].take());
    }
    for name in names {
        if mixed.is_none() || entity.get(&name).is_some() {
            let value = entity[&name].take();
            printed.insert(name, value);
        }
    }
    printed.into()
}
