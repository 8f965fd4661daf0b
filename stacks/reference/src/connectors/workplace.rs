//! Workplace: security events that are sent to us, and the people of a community.
//!
//! There is no log to ask for: the topic `workplace_security` of an app's subscriptions brings every event, in batches, for
//! at most 36 hours again and again, and never later. A topic has one address, and whoever subscribes next takes its place
//! without a word, so each poll looks whose it is (`GET /{app-id}/subscriptions`); somebody else's is left alone. People are
//! `GET /community/organization_members`, the deactivated in a list of their own; pages end where `next` does.
//!
//! Refusals are told by `error.code`: a used-up budget is a 400 or a 403 and names no time, a dead token is a 400.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{
    Conditional, Connector, Delivery, Holder, Log, Page, PageSize, Push, Source, Users, asked_for, items, under,
};
use crate::api::Request;
use crate::bug::{Bug, spoilt};
use crate::connections::App;
use crate::http::{Answer, BEARER, Failure, Manners};
use crate::normalize::{Malformed, workplace as records};
use crate::secret::Secret;
use crate::state::accounts::UserList;

pub(crate) const CONNECTOR: Connector = Connector {
    manners: GRAPH,
    permissions: None,
    page_size: PageSize { parameter: "limit", most: 100 },
    order: None,
    users: Users {
        list: UserList::Members,
        first: users,
        read: records::member,
        changed_by: CHANGES,
        conditional: Conditional::No,
        departed: None,
    },
    grants: &[],
    logs: &[Log {
        name: records::SECURITY,
        id: None,
        source: Source::Pushed(Push {
            subscriptions,
            holder,
            subscribe,
            key: |app| app.app_secret.as_ref(),
            sent_for: SENT_FOR,
            // The last retry, and a day by which clocks may differ.
            longest_way: SignedDuration::from_hours(36 + 24),
            open,
        }),
        read: records::event,
    }],
    page,
};

/// How Meta's Graph speaks.
pub(super) const GRAPH: Manners = Manners { scheme: BEARER, headers: &[], refusal };

const TOPIC: &str = "workplace_security";
const FIELDS: &str = "admin_activity,passwords,sessions,two_fac";
/// What is not answered is sent again over 36 hours, and then dropped.
const SENT_FOR: SignedDuration = SignedDuration::from_hours(36);
const PAGE_SIZE: &str = "100";
/// How code 1 says that a smaller page would do.
const TOO_MUCH: &str = "reduce the amount of data";
const CHANGES: &[&str] = &[
    "ADMIN_CREATE_ACCOUNT",
    "ADMIN_ACTIVATE_ACCOUNT",
    "ADMIN_DEACTIVATE_ACCOUNT",
    "ADMIN_SET_TO_UNCLAIMED",
    "ADMIN_DELETE_ACCOUNT",
    "EMAIL_CHANGED",
];
/// Set in the address of the list of the deactivated.
const INACTIVE: &str = "inactive";
/// A budget is refilled over an hour; calls made meanwhile count.
const COOL_DOWN: SignedDuration = SignedDuration::from_mins(5);

fn users(app: &App) -> Vec<Url> {
    let list = |inactive: bool| {
        let mut url = under(app, &["community", "organization_members"])?;
        url.query_pairs_mut().append_pair("fields", "id,name,email,administrator").append_pair("limit", PAGE_SIZE);
        if inactive {
            url.query_pairs_mut().append_pair(INACTIVE, "1");
        }
        Some(url)
    };
    [false, true].into_iter().filter_map(list).collect()
}

/// A page of an edge.
pub(crate) fn page(answer: &Answer, asked: &Url) -> Result<Page, Failure> {
    let body: Value = answer.json()?;
    let next = match body["paging"]["next"].as_str().filter(|link| !link.is_empty()) {
        Some(link) => Some(Url::parse(link).map_err(|_| Failure::Unreadable("`next` is no link".to_owned()))?),
        None => None,
    };
    let mut items = items(body, "data")?;
    if asked.path().ends_with("/organization_members") {
        let active = asked_for(asked, INACTIVE).is_none();
        items.iter_mut().filter(|row| row.is_object()).for_each(|row| row["active"] = json!(active));
    }
    Ok(Page { items, next })
}

/// The app's own token: `<id>|<secret>`, in a header, never in an address.
fn of_the_app(app: &App, method: Method, body: Option<Value>) -> Option<Request> {
    let (id, secret) = (app.app_id.as_deref()?, app.app_secret.as_ref()?);
    let url = under(app, &[id, "subscriptions"])?;
    let token = Some(Secret::new(format!("{id}|{}", secret.reveal())));
    Some(Request { method, url: url.into(), body, token, known: None })
}

fn subscriptions(app: &App) -> Option<Request> {
    of_the_app(app, Method::GET, None)
}

fn holder(answer: &Answer, callback: &str) -> Result<Holder, Failure> {
    let subscriptions = items(answer.json()?, "data")?;
    let held = subscriptions.iter().find(|s| s["object"] == TOPIC && s["active"] != false);
    Ok(match held {
        None => Holder::Nobody,
        Some(held) if held["callback_url"] == callback => Holder::Us,
        Some(_) => Holder::SomebodyElse,
    })
}

fn subscribe(app: &App, callback: &str, verify: &Secret) -> Option<Request> {
    let form = json!({"object": TOPIC, "callback_url": callback, "verify_token": verify.reveal(), "fields": FIELDS,
        "include_values": "true"});
    of_the_app(app, Method::POST, Some(form))
}

/// Every change of every entry of this community; others are somebody else's. A delivery that holds nothing for us is
/// accepted all the same: refused, it would come again for 36 hours.
fn open(app: &App, body: &Value) -> Result<Delivery, Malformed> {
    if body["object"] != TOPIC {
        return Err(Malformed { field: "object" });
    }
    let entries = body["entry"].as_array().ok_or(Malformed { field: "entry" })?;
    let times = entries.iter().filter_map(|entry| Timestamp::from_second(entry["time"].as_i64()?).ok());
    let made_at = times.max().ok_or(Malformed { field: "time" })?;
    let ours = |entry: &&Value| app.organization_id.as_deref().is_none_or(|id| entry["id"] == id);
    let changes = entries.iter().filter(ours).flat_map(|entry| {
        let changes = entry["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        changes.iter().map(|change| {
            json!({"community": entry["id"], "time": entry["time"], "field": change["field"], "value": change["value"]})
        })
    });
    Ok(Delivery { made_at, records: changes.take(spoilt(usize::MAX, Bug::HookBatchFirstOnly, 1)).collect() })
}

/// Graph's codes: what passes, what a new token mends, and for how long to stay away.
fn refusal(answer: &Answer) -> Option<Failure> {
    if answer.status < 400 {
        return None;
    }
    let error = &answer.said()["error"];
    match error["code"].as_i64()? {
        102 | 190 => Some(Failure::Unauthorized),
        1 if error["message"].as_str().is_some_and(|said| said.contains(TOO_MUCH)) => Some(Failure::TooMuch),
        4 | 17 | 32 | 341 | 613 | 80_000..=80_014 => Some(Failure::Throttled { wait: Some(regained(answer)) }),
        1 | 2 | 960 => Some(Failure::Server { status: answer.status, wait: None }),
        _ if error["is_transient"] == true => Some(Failure::Server { status: answer.status, wait: None }),
        _ => None,
    }
}

/// When calls are answered again, as far as Meta estimates it.
fn regained(answer: &Answer) -> SignedDuration {
    let usage: Value =
        answer.header("x-business-use-case-usage").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let uses = usage.as_object().into_iter().flat_map(|apps| apps.values()).filter_map(Value::as_array).flatten();
    let minutes = uses.filter_map(|of| of["estimated_time_to_regain_access"].as_i64()).max();
    minutes.filter(|minutes| *minutes > 0).map_or(COOL_DOWN, SignedDuration::from_mins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        let app = json!({"vendor": "workplace", "base_url": "http://127.0.0.1:1", "organization_id": "900",
            "app_id": "7", "app_secret": "shh"});
        serde_json::from_value(app).unwrap()
    }

    #[test]
    fn every_change_of_every_entry_is_taken_and_of_this_community_alone() {
        let change = |event: &str| json!({"field": "sessions", "value": {"event": event}});
        let body = json!({"object": TOPIC, "entry": [
            {"id": "900", "time": 10, "changes": [change("a"), change("b")]},
            {"id": "901", "time": 12, "changes": [change("c")]},
            {"id": "900", "time": 11, "changes": [change("d")]},
        ]});
        let delivery = open(&app(), &body).unwrap();
        let events: Vec<_> = delivery.records.iter().map(|record| record["value"]["event"].clone()).collect();
        assert_eq!(events, ["a", "b", "d"]);
        assert_eq!(delivery.made_at.as_second(), 12, "what is signed together was put together");
    }

    #[test]
    fn the_apps_secret_is_in_no_address() {
        for request in [subscriptions(&app()), subscribe(&app(), "http://127.0.0.1:2/hooks", &Secret::new("v"))] {
            assert_eq!(request.unwrap().url, "http://127.0.0.1:1/7/subscriptions");
        }
    }
}
