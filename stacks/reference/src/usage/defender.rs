//! Defender for Cloud Apps, as far as it tells who uses what.
//!
//! | call | what for |
//! |---|---|
//! | `POST /api/v1/activities/` with `isScan` | what people did in connected apps, with the time |
//! | `GET /api/discovery/streams/`, `POST /api/v1/discovery/discovered_apps/` | apps that are merely seen in traffic |
//! | `POST /api/v1/entities/` | the people to ask the latter for, one by one: there is no list of an app's users |
//!
//! A scan is what is safe against activities that arrive meanwhile, and reaches beyond the 5,000 of `skip`. Its filters go
//! with every page: those that an answer gives for the next one, and ours where it gives none of that name, since a page
//! without filters is everything. Every path ends in a slash; without it a POST is redirected and loses its body.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::connections::{Access, App};
use crate::http::{Answer, BEARER, Failure, Manners};

/// How it speaks to a token that a person made in the portal.
static BY_HAND: Manners = Manners { scheme: "Token", headers: &[], refusal };
/// How it speaks to what the directory gave out.
static BY_DIRECTORY: Manners = Manners { scheme: BEARER, headers: &[], refusal };

/// Most activities of a page of a scan.
const SCAN: u32 = 5_000;
/// Most items of any other page.
const PAGE: usize = 100;
/// A throttled answer names no time; a minute is what the limit counts by.
const THROTTLED: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// How far back discovery is asked, in days: the most that it remembers.
const TIMEFRAME: &str = "90";
/// The kind of entity that is a person; the other is an account.
const PERSON: u8 = 2;

/// How an instance wants to be spoken to.
pub(crate) fn manners(app: &App) -> &'static Manners {
    if app.access() == Access::Ready { &BY_HAND } else { &BY_DIRECTORY }
}

fn refusal(answer: &Answer) -> Option<Failure> {
    let silent = answer.status == 429 && answer.header("retry-after").is_none();
    silent.then_some(Failure::Throttled { wait: Some(THROTTLED) })
}

/// One instance's API.
pub(super) struct Defender {
    pub(super) api: Api,
    base: String,
    who: String,
}

impl Defender {
    /// The instance that `api` speaks for.
    pub(super) fn new(api: Api, app: &App) -> Self {
        let who = format!("usage:{}", api.instance);
        Self { api, base: app.base_url.trim_end_matches('/').to_owned(), who }
    }

    /// Hands every activity that meets `filters` to `take`, page by page, the oldest first.
    pub(super) async fn scan(
        &self,
        filters: &Map<String, Value>,
        mut take: impl FnMut(&[Value]) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        if planted(Bug::PageOffsetShift) {
            let body = json!({"filters": filters, "sortField": "date", "sortDirection": "desc"});
            return take(&self.list("api/v1/activities", body).await?);
        }
        let mut now = filters.clone();
        loop {
            let body = json!({
                "filters": now, "isScan": true, "sortField": "date", "sortDirection": "asc", "limit": SCAN,
            });
            let page = self.post("api/v1/activities", body).await?;
            take(items(&page)?)?;
            if page["hasNext"] != true {
                return Ok(());
            }
            let next = following(filters, &page)?;
            if next == now {
                return Err(Trouble::Nonsense("the pages go in a circle"));
            }
            now = next;
        }
    }

    /// The id of the report on everything.
    pub(super) async fn global_view(&self) -> Result<String, Trouble> {
        let answer = self.ask(Request::get(format!("{}/api/discovery/streams/", self.base))).await?;
        // Documented as one stream, and seen as a list of them.
        let streams = answer["streams"].as_array().cloned().unwrap_or_else(|| vec![answer]);
        let global = streams.iter().find(|stream| stream["displayName"] == "Global View").or(streams.first());
        let id = global.and_then(|stream| stream["_id"].as_str());
        Ok(id.ok_or(Trouble::Nonsense("there is no discovery report"))?.to_owned())
    }

    /// Every app of a report, or those that somebody used.
    pub(super) async fn discovered(&self, stream: &str, user: Option<&str>) -> Result<Vec<Value>, Trouble> {
        let filters = user.map_or_else(|| json!({}), |user| json!({"user.entity": {"eq": [user]}}));
        let body = json!({"streamId": stream, "timeframe": TIMEFRAME, "filters": filters, "sortField": "name"});
        self.list("api/v1/discovery/discovered_apps", body).await
    }

    /// Everybody.
    pub(super) async fn people(&self) -> Result<Vec<Value>, Trouble> {
        let filters = json!({"type": {"eq": PERSON}});
        self.list("api/v1/entities", json!({"filters": filters, "sortField": "username"})).await
    }

    /// Every item of a list that is paged by `skip`, with the same filters on every page.
    async fn list(&self, path: &str, mut body: Value) -> Result<Vec<Value>, Trouble> {
        let mut all = Vec::new();
        loop {
            (body["skip"], body["limit"]) = (json!(all.len()), json!(PAGE));
            let page = self.post(path, body.clone()).await?;
            let items = items(&page)?;
            all.extend_from_slice(items);
            if page["hasNext"] != true || items.is_empty() {
                return Ok(all);
            }
        }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, Trouble> {
        let url = format!("{}/{path}/", self.base);
        self.ask(Request { method: Method::POST, url, body: Some(body), ..Request::default() }).await
    }

    /// Sends a request, and again after a refusal that passes. None of them changes anything.
    async fn ask(&self, request: Request) -> Result<Value, Trouble> {
        let mut attempt = 1;
        loop {
            let answer = self.api.once(&self.who, &request).await;
            match answer.and_then(|answer| Ok(answer.json::<Value>()?)) {
                Err(Trouble::Vendor(failure)) => self.api.wait(&self.who, failure, attempt).await?,
                other => return other,
            }
            attempt += 1;
        }
    }
}

fn items(page: &Value) -> Result<&[Value], Trouble> {
    let items = page["data"].as_array().ok_or_else(|| Failure::Unreadable("no list `data`".to_owned()))?;
    Ok(items)
}

/// The filters of the page that follows.
fn following(ours: &Map<String, Value>, page: &Value) -> Result<Map<String, Value>, Trouble> {
    let next = page["nextQueryFilters"].as_object().filter(|next| !next.is_empty());
    let mut next = next.cloned().ok_or(Trouble::Nonsense("more is said to follow, and not where"))?;
    if planted(Bug::PageFiltersLost) {
        let has_ours = ours.keys().any(|name| next.contains_key(name));
        return Ok(if has_ours { Map::new() } else { next });
    }
    for (name, filter) in ours {
        next.entry(name).or_insert_with(|| filter.clone());
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_go_with_every_page() {
        let ours = json!({"date": {"gte": 5}}).as_object().cloned().unwrap();
        #[rustfmt::skip]
        let cases = [
            ("given",       json!({"date": {"gte": 5}, "at": 1}), Some(json!({"date": {"gte": 5}, "at": 1}))),
            ("moved",       json!({"date": {"gte": 9}}),          Some(json!({"date": {"gte": 9}}))),
            ("left out",    json!({"at": 1}),                     Some(json!({"at": 1, "date": {"gte": 5}}))),
            ("empty",       json!({}),                            None),
            ("not there",   json!(null),                          None),
        ];
        for (name, next, expected) in cases {
            let found = following(&ours, &json!({"nextQueryFilters": next})).ok();
            assert_eq!(found.map(Value::Object), expected, "{name}");
        }
    }
}
