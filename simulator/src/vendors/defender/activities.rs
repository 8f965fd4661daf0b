//! Activities of every connected app: lists, scans, one activity, feedback.
//!
//! `GET` and `POST /api/v1/activities/`: newest first unless asked otherwise, by when it happened (`date`) or by when it was
//! saved (`created`). With `isScan` pages are large, and `nextQueryFilters` leads on for as long as `hasNext` is true;
//! without it there is no such key, `skip` leads on, and reaches 5,000 activities. Kept 180 days.
//!
//! # Not imitated
//! The separate query of what is older than thirty days; the export as CSV; completion of activity types; the answer to
//! feedback, whose documentation shows another's. The filters `user.orgUnit`, `device.tags`, `fileSelector`,
//! `office365url`, `fileLabels` and `activity.takenAction` are taken and nothing here has such a field. The structured form
//! of `source`.
//!
//! # Sources
//! The API's pages on activities and on the investigation script; demisto/content and microsoft/MCAS for filters that are
//! not documented; <https://github.com/MicrosoftDocs/CloudAppSecurityDocs/issues/418> for the key without a scan.

use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alerts;
use super::apps::LONGEST;
use super::asked::{self, CURSOR, SCAN_MOST};
use super::events::LOG;
use super::filters::{
    CONTENT, Field, Filters, JUST_EQ, Kind, NAMED, ONE_OF, Operator, SET_OR, TIMES, TREE, derived, field,
};
use super::list::{self, Head, MOST, REACH};
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::feed::{self, Feed, Window};
use crate::protocol::pages::{self, AboveMax, Asked, CursorForm, Order, PageSize, Paging, Position};
use crate::time::{DAY, SimTime};
use crate::timeline::{LogId, PageQuery, Record};

/// Defender's logs: one.
pub(super) static FEEDS: [Feed; 1] = [Feed {
    name: LOG,
    window: Window::Filter("date"),
    order: Order::Descending,
    paging: Paging {
        list: LOG,
        cursor_parameter: CURSOR,
        cursor: CursorForm::Sealed,
        size: PageSize { parameter: "limit", default: MOST, max: SCAN_MOST, above: AboveMax::Clamp },
    },
    delay: LONGEST,
    retention: Duration::from_secs(180 * 86_400),
    source: "https://learn.microsoft.com/defender-cloud-apps/api-activities",
}];

static BY_SKIP: Paging = list::paging(LOG);

const LOOKED_INTO: &[Operator] = &[Operator::Contains, Operator::NotContains];
const SEARCHED: &[Operator] = &[Operator::Eq, Operator::StartsWithSingle, Operator::Text];
const ADDRESS: &[Operator] = &[Operator::StartsWith, Operator::Eq, Operator::EndsWith];

/// What activities can be filtered by.
#[rustfmt::skip]
static FIELDS: [Field; 35] = [
    field("service",                  Kind::Number, ONE_OF,      "/appId"),
    field("instance",                 Kind::Number, ONE_OF,      "/instanceId"),
    field("user.orgUnit",             Kind::Text,   TREE,        "/user/orgUnit"),
    field("actionType",               Kind::Text,   CONTENT,     "/mainInfo/rawOperationName"),
    field("activity.eventActionType", Kind::Text,   ONE_OF,      "/eventTypeValue"),
    field("activity.eventType",       Kind::Text,   ONE_OF,      "/eventTypeName"),
    field("activity.actionType",      Kind::Text,   ONE_OF,      "/mainInfo/rawOperationName"),
    field("activity.id",              Kind::Text,   JUST_EQ,     "/_id"),
    derived("activity.impersonated",  Kind::Flag,   JUST_EQ,     |item| classified(item, "impersonated")),
    derived("activity.type",          Kind::Flag,   JUST_EQ,     |item| classified(item, "admin")),
    field("activity.takenAction",     Kind::Text,   ONE_OF,      "/takenAction"),
    field("activity.alertId",         Kind::Text,   JUST_EQ,     "/alertIds"),
    field("policy",                   Kind::Text,   SET_OR,      "/policyIds"),
    field("device.type",              Kind::Text,   ONE_OF,      "/userAgent/deviceType"),
    field("device.tags",              Kind::Text,   ONE_OF,      "/device/tags"),
    field("userAgent.userAgent",      Kind::Text,   LOOKED_INTO, "/device/userAgent"),
    field("userAgent.tags",           Kind::Text,   ONE_OF,      "/userAgent/tags"),
    field("location.country",         Kind::Text,   SET_OR,      "/location/countryCode"),
    field("location.organizations",   Kind::Text,   CONTENT,     "/location/organizationSearchable"),
    field("ip.address",               Kind::Text,   NAMED,       "/device/clientIP"),
    field("ip.category",              Kind::Number, ONE_OF,      "/location/category"),
    field("ip.tags",                  Kind::Text,   ONE_OF,      "/location/ipTags"),
    field("fileSelector",             Kind::Text,   ONE_OF,      "/fileSelector"),
    field("office365url",             Kind::Text,   ADDRESS,     "/office365url"),
    field("fileLabels",               Kind::Text,   ONE_OF,      "/fileLabels"),
    field("source",                   Kind::Text,   ONE_OF,      "/source"),
    derived("fileId",                 Kind::Text,   JUST_EQ,     |item| of_objects(item, "/id")),
    derived("activityObject",         Kind::Text,   ONE_OF,      |item| [of_objects(item, "/id"), of_objects(item, "/name")].concat()),
    derived("entity",                 Kind::Entity, NAMED,       |item| at(item, &["/entityData/0/id", "/entityData/1/id"])),
    derived("text",                   Kind::Text,   SEARCHED,    |item| [at(item, &["/description"]), of_objects(item, "/name")].concat()),
    derived("user.username",          Kind::Text,   NAMED,       user_name),
    field("user.tags",                Kind::Text,   NAMED,       "/user/userTags"),
    derived("user.domain",            Kind::Text,   SET_OR,      |item| user_name(item).iter().filter_map(|n| Some(json!(n.as_str()?.split_once('@')?.1))).collect()),
    field("date",                     Kind::Time,   TIMES,       "/timestamp"),
    field("created",                  Kind::Time,   TIMES,       "/created"),
];

fn at(item: &Value, pointers: &[&str]) -> Vec<Value> {
    pointers.iter().filter_map(|pointer| item.pointer(pointer).cloned()).collect()
}

fn user_name(item: &Value) -> Vec<Value> {
    at(item, &["/user/userName", "/failedUserData/userName"])
}

fn classified(item: &Value, word: &str) -> Vec<Value> {
    let words = item["classifications"].as_array().map(Vec::as_slice).unwrap_or_default();
    vec![json!(words.iter().any(|w| w == word))]
}

fn of_objects(item: &Value, pointer: &str) -> Vec<Value> {
    let objects = item.pointer("/mainInfo/eventObjects").and_then(Value::as_array);
    objects.into_iter().flatten().filter_map(|object| object.pointer(pointer).cloned()).collect()
}

/// `GET` and `POST /api/v1/activities/`.
pub(super) fn list(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let filters = Filters::of(request, &FIELDS, ctx.now)?;
    let order = asked::direction(request, FEEDS[0].order)?;
    if asked::scans(request) { scan(ctx, request, &filters, order) } else { page(ctx, request, &filters, order) }
}

fn scan(ctx: &mut Context<'_>, request: &Request, filters: &Filters, order: Order) -> Result<Answer, Failure> {
    if asked::text(request, "sortField").is_some_and(|field| field != "date") {
        return Err(Failure::bad_parameter("sortField", "must be date in a scan"));
    }
    let looked_at = looked_at(ctx, filters);
    let matches = |record: &Record| filters.is_empty() || filters.matches(&looked_at(record));
    let total = found(ctx, filters, order, SortBy::Date);
    let page = feed::serve(ctx, request, &FEEDS[0], filters.span("date"), order, Some(&matches))?;
    let head = Head {
        has_next: page.next.is_some(),
        next_query_filters: page.next.as_deref().map(|cursor| asked::next_query_filters(request, cursor)),
        total: total.len().min(REACH),
        max: SCAN_MOST,
        more_than_total: total.len() > REACH,
    };
    Ok(Answer::bytes(StatusCode::OK, "application/json", feed::joined(&head, "data", &page.items)))
}

fn page(ctx: &mut Context<'_>, request: &Request, filters: &Filters, order: Order) -> Result<Answer, Failure> {
    let by = match asked::text(request, "sortField") {
        None | Some("date") => SortBy::Date,
        Some("created") => SortBy::Created,
        Some(_) => return Err(Failure::bad_parameter("sortField", "must be date or created")),
    };
    let size = list::SIZE.read(asked::text(request, "limit"), ctx.sim.scenario.apps[ctx.app.0].page_size)?;
    let mut records = found(ctx, filters, order, by);
    let (total, more_than_total) = (records.len().min(REACH), records.len() > REACH);
    records.truncate(REACH);
    let span = filters.span("date");
    let instant = |bound| match bound {
        Bound::Included(t) | Bound::Excluded(t) => Some(t),
        Bound::Unbounded => None,
    };
    let asked = Asked { log: Some(LOG), window: (instant(span.from), instant(span.until)), order: Some(order) };
    let position = |record: &Arc<Record>| Position { at: record.persisted, id: Arc::clone(&record.event_id) };
    let page = pages::cut(ctx, request, &BY_SKIP, &asked, records, size, position)?;
    let head = Head { has_next: page.next.is_some(), next_query_filters: None, total, max: MOST, more_than_total };
    Ok(Answer::bytes(StatusCode::OK, "application/json", feed::joined(&head, "data", &page.items)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SortBy {
    /// When it happened.
    Date,
    /// When it was saved.
    Created,
}

/// What filters of times look at: a walk through a whole log asks for nothing else, and reads each record for it.
#[derive(Deserialize, Serialize)]
struct Times {
    #[serde(default)]
    timestamp: Value,
    #[serde(default)]
    created: Value,
}

/// A record as filters look at it: with the alerts and policies that cite it, where these are asked for.
fn looked_at(ctx: &Context<'_>, filters: &Filters) -> impl Fn(&Record) -> Value + use<> {
    let citing = filters.ask(&["activity.alertId", "policy"]).then(|| alerts::citing(ctx));
    let just_times = filters.ask_only(&["date", "created"]);
    move |record| {
        if just_times {
            let times: Times = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
            return json!(times);
        }
        let mut item: Value = serde_json::from_slice(&record.body).expect("records are rendered as JSON");
        if let Some(citing) = &citing {
            let (alerts, policies) = citing(&record.event_id);
            item["alertIds"] = json!(alerts);
            item["policyIds"] = json!(policies);
        }
        item
    }
}

/// The wanted activities that are shown now, in order: as many as `skip` reaches, and one more if there is more.
fn found(ctx: &Context<'_>, filters: &Filters, order: Order, by: SortBy) -> Vec<Arc<Record>> {
    let retention = ctx.sim.scenario.apps[ctx.app.0].retention.unwrap_or(FEEDS[0].retention);
    let oldest = ctx.now - retention;
    let looked_at = looked_at(ctx, filters);
    let wanted = |record: &Arc<Record>| {
        record.persisted >= oldest && (filters.is_empty() || filters.matches(&looked_at(record)))
    };
    match by {
        SortBy::Date => by_date(ctx, filters, order, oldest, &wanted),
        SortBy::Created => by_created(ctx, filters, order, oldest, &wanted),
    }
}

type Wanted<'a> = &'a dyn Fn(&Arc<Record>) -> bool;

fn log(ctx: &Context<'_>) -> LogId {
    LogId { app: ctx.app, feed: LOG }
}

fn by_date(
    ctx: &Context<'_>,
    filters: &Filters,
    order: Order,
    oldest: SimTime,
    wanted: Wanted<'_>,
) -> Vec<Arc<Record>> {
    const CHUNK: usize = 500;
    let (date, created) = (filters.span("date"), filters.span("created"));
    let saved_from = match created.from {
        Bound::Included(from) => from - ctx.state.timeline.longest_delay(),
        _ => oldest,
    };
    let from = match date.from {
        Bound::Included(from) => from.max(saved_from).max(oldest),
        _ => saved_from.max(oldest),
    };
    let mut query = PageQuery {
        from: Bound::Included(from),
        until: date.until,
        newest_first: order == Order::Descending,
        after: None,
        limit: CHUNK,
        visible_at: ctx.now,
    };
    let mut found = Vec::new();
    loop {
        let chunk = ctx.state.timeline.page(log(ctx), &query);
        let ended = chunk.len() < CHUNK;
        query.after = chunk.last().map(|record| (record.persisted, Arc::clone(&record.event_id)));
        found.extend(chunk.into_iter().filter(wanted));
        if ended || found.len() > REACH {
            found.truncate(REACH + 1);
            return found;
        }
    }
}

/// Day by day in the order of being saved, so that no more than a day is held that nobody wants.
fn by_created(
    ctx: &Context<'_>,
    filters: &Filters,
    order: Order,
    oldest: SimTime,
    wanted: Wanted<'_>,
) -> Vec<Arc<Record>> {
    let span = filters.span("created");
    let begins = ctx.sim.scenario.history_start().max(oldest);
    let first = match span.from {
        Bound::Included(from) => from.max(begins),
        _ => begins,
    };
    let last = match span.until {
        Bound::Included(until) => until.min(ctx.now),
        _ => ctx.now,
    };
    let edges: Vec<SimTime> =
        std::iter::successors(Some(first), |t| Some(*t + DAY)).take_while(|t| *t <= last).collect();
    let day = |from: SimTime| {
        // What becomes available at the very edge belongs to the day that begins there.
        let (after, until) = (from - Duration::from_micros(1), (from + DAY - Duration::from_micros(1)).min(last));
        ctx.state.timeline.arrivals(log(ctx), after, until)
    };
    let mut found: Vec<Arc<Record>> = Vec::new();
    let mut take = |records: Vec<Arc<Record>>| {
        found.extend(records.into_iter().filter(wanted));
        found.len() <= REACH
    };
    if order == Order::Ascending {
        let _ = edges.iter().all(|from| take(day(*from)));
    } else {
        let _ = edges.iter().rev().all(|from| take(day(*from).into_iter().rev().collect()));
    }
    found.truncate(REACH + 1);
    found
}

/// `GET /api/v1/activities/{id}/`: the bare record.
pub(super) fn one(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let record = existing(ctx, request)?;
    Ok(Answer::bytes(StatusCode::OK, "application/json", record.body.clone()))
}

/// `POST /api/v1/activities/{id}/feedback/`.
pub(super) fn feedback(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    existing(ctx, request)?;
    let value = asked::text(request, "feedback").or_else(|| asked::text(request, "feedbackValue"));
    value.ok_or_else(|| Failure::bad_parameter("feedback", "is required"))?;
    Ok(Answer::json(StatusCode::OK, &json!({})))
}

fn existing(ctx: &mut Context<'_>, request: &Request) -> Result<Arc<Record>, Failure> {
    let id = request.param("id");
    feed::find(ctx, &FEEDS[0], id).ok_or_else(|| Failure::not_found("activity", id))
}
