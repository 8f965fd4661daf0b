//! A clock, a Miro and an Entra (GitHub and Workplace lie beside), just large enough to run the whole stack against, on
//! loopback, in the test's thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::workplace::Hooks;

/// Where a reply holds its headers, if it has any; what is left is in `body`.
pub(super) const HEADERS: &str = "-headers";

/// What a request meets instead of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Refused with this status, and `Retry-After` of that many seconds.
    Status(u16, Option<u32>),
    /// Refused with this status and body, and nothing that tells how long.
    Says(u16, &'static str),
    /// The page is good, but the next is said to lie here.
    Next(&'static str),
    /// Done, but the answer never comes.
    LostAnswer,
    /// The process dies before the request is looked at.
    KillBefore,
    /// The process dies when the request has been done, before the answer.
    KillAfter,
}

#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) now: Timestamp,
    pub(crate) end: Timestamp,
    /// Records and when they can first be read.
    pub(crate) entries: Vec<(Timestamp, Value)>,
    pub(crate) sign_ins: Vec<(Timestamp, Value)>,
    pub(crate) directory_audits: Vec<(Timestamp, Value)>,
    pub(crate) members: Vec<Value>,
    pub(crate) users: BTreeMap<String, Value>,
    /// By route and how often it was asked, from 1; route `*` counts all.
    pub(crate) faults: BTreeMap<(String, u32), Fault>,
    /// Every request: when, method, path with query.
    pub(crate) journal: Vec<(Timestamp, String)>,
    pub(crate) mails: u32,
    /// GitHub's entries and when they can first be read.
    pub(crate) github: Vec<(Timestamp, Value)>,
    /// Whether GitHub's organisation has another name by now.
    pub(crate) renamed: bool,
    /// Logins of GitHub's members, by number.
    pub(crate) logins: BTreeMap<u64, String>,
    pub(crate) hooks: Hooks,
    asked: BTreeMap<String, u32>,
    tokens: BTreeMap<String, Timestamp>,
    refresh: BTreeSet<String>,
    codes: BTreeSet<String>,
    issued: u32,
    held: u64,
    post: Option<(Value, oneshot::Sender<Value>)>,
    pub(crate) base: String,
    pub(crate) report: std::path::PathBuf,
    consented: BTreeSet<String>,
}

#[derive(Clone, Default)]
pub(crate) struct World {
    facts: Arc<Mutex<Facts>>,
    pub(crate) killed: Arc<Notify>,
    pub(crate) ended: Arc<Notify>,
}

pub(super) type Reply = (u16, Value);

impl World {
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap()
    }

    /// Listens in the current runtime; returns the root of all three.
    pub(crate) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        {
            let mut facts = self.facts();
            facts.base.clone_from(&base);
            (facts.post, facts.held) = (None, 0);
            facts.hooks.begin();
        }
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }

    async fn clock(&self, post: Value) -> Value {
        let (sender, receiver) = oneshot::channel();
        if let Some((_, older)) = self.facts().post.replace((post, sender)) {
            let _ = older.send(json!({"replaced": true}));
        }
        self.browse();
        self.release_if_quiet();
        receiver.await.unwrap_or_default()
    }

    pub(super) fn release_if_quiet(&self) {
        let mut facts = self.facts();
        let Some((post, _)) = &facts.post else { return };
        if post["sent"].as_u64() != post["finished"].as_u64().map(|finished| finished + facts.held) {
            return;
        }
        if !facts.hooks.are_dealt_with(post) {
            return;
        }
        let timers = post["timers"].as_array().unwrap().iter();
        let first = timers.map(|t| (t["until"].as_str().unwrap().parse::<Timestamp>().unwrap(), t["name"].clone()));
        let first = first.min_by_key(|(until, name)| (*until, name.to_string()));
        let end = facts.end;
        if let Some(at) = facts.hooks.next(first.as_ref().map_or(end, |(until, _)| *until)) {
            facts.now = facts.now.max(at);
            let (_, sender) = facts.post.take().unwrap();
            let _ = sender.send(json!({"now": facts.now.to_string()}));
            drop(facts);
            tokio::spawn(super::workplace::deliver(self.clone()));
            return;
        }
        let Some((until, name)) = first else { return };
        if until > facts.end {
            self.ended.notify_one();
            return;
        }
        facts.now = facts.now.max(until);
        let (_, sender) = facts.post.take().unwrap();
        let _ = sender.send(json!({"now": facts.now.to_string(), "released": name}));
    }

    /// The administrator's browser: says yes to every consent asked for, once.
    fn browse(&self) {
        let mut facts = self.facts();
        let text = std::fs::read_to_string(&facts.report).unwrap_or_default();
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let Some(link) = line["body"]["authorize_url"].as_str() else { continue };
            let link = url::Url::parse(link).unwrap();
            let query: BTreeMap<_, _> = link.query_pairs().into_owned().collect();
            let code = format!("code-{}", line["seq"]);
            let back = format!("{}?code={code}&state={}", query["redirect_uri"], query["state"]);
            if facts.consented.insert(code.clone()) {
                facts.codes.insert(code);
                tokio::spawn(reqwest::get(back));
            }
        }
    }

    fn route(method: &Method, path: &str) -> &'static str {
        match (method.as_str(), path) {
            (_, "/v1/oauth/token") => "miro.token",
            (_, "/v1/oauth-token") => "miro.token_context",
            (_, "/v2/audit/logs") => "miro.audit_log",
            (_, "/v2/orgs/org/members") => "miro.members",
            (_, "/tid/oauth2/v2.0/token") => "entra.token",
            (_, "/v1.0/users") => "entra.users",
            (_, "/v1.0/auditLogs/signIns") => "entra.sign_ins",
            (_, "/v1.0/auditLogs/directoryAudits") => "entra.directory_audits",
            ("POST", path) if path.starts_with("/app/") => "github.installation_token",
            (_, "/rate_limit") => "github.rate_limit",
            (_, path) if path.ends_with("/audit-log") => "github.audit_log",
            ("DELETE", path) if path.contains("/members/") => "github.remove_member",
            (_, path) if path.contains("/members/") => "github.member",
            (_, path) if path.ends_with("_collaborators") => "github.outside_collaborators",
            (_, path) if path.starts_with("/orgs/contoso/members") => "github.members",
            (_, path) if path.starts_with("/organizations/9/members") => "github.members",
            ("POST", path) if path.ends_with("/subscriptions") => "workplace.subscribe",
            (_, path) if path.ends_with("/subscriptions") => "workplace.subscriptions",
            (_, path) if path.starts_with("/community/") => "workplace.organization_members",
            ("PATCH", _) => "entra.update_user",
            ("GET", _) => "entra.user",
            (_, path) if path.ends_with("revokeSignInSessions") => "entra.revoke_sign_in_sessions",
            (_, path) if path.ends_with("sendMail") => "entra.send_mail",
            _ => "unknown",
        }
    }
}

impl Facts {
    pub(super) fn fault(&mut self, route: &str) -> Option<Fault> {
        let faults = ["*", route].map(|route| {
            let asked = self.asked.entry(route.to_owned()).or_default();
            *asked += 1;
            self.faults.get(&(route.to_owned(), *asked)).copied()
        });
        faults.into_iter().flatten().next()
    }

    fn token(&mut self, form: &str) -> Reply {
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let good = match form["grant_type"].as_str() {
            "authorization_code" => self.codes.remove(&form["code"]),
            "refresh_token" => self.refresh.remove(&form["refresh_token"]),
            _ => true,
        };
        if !good {
            return (401, json!({"status": 401, "code": "oauthError", "type": "error"}));
        }
        let of = if form["grant_type"] == "client_credentials" { "e" } else { "m" };
        self.issued += 1;
        let (access, refresh) = (format!("{of}-access-{}", self.issued), format!("{of}-refresh-{}", self.issued));
        for old in self.tokens_of(of) {
            self.tokens.remove(&old);
        }
        self.tokens.insert(access.clone(), self.now + jiff::SignedDuration::from_secs(3599));
        self.refresh.insert(refresh.clone());
        (200, json!({"access_token": access, "refresh_token": refresh, "expires_in": 3599}))
    }

    fn tokens_of(&self, of: &str) -> Vec<String> {
        self.tokens.keys().filter(|token| token.starts_with(of)).cloned().collect()
    }

    /// A token for an hour, in place of the one before.
    pub(super) fn issue(&mut self, of: &str) -> (String, Timestamp) {
        self.issued += 1;
        for old in self.tokens_of(of) {
            self.tokens.remove(&old);
        }
        let (access, end) = (format!("{of}-access-{}", self.issued), self.now + jiff::SignedDuration::from_secs(3600));
        self.tokens.insert(access.clone(), end);
        (access, end)
    }

    fn respond(&mut self, route: &str, uri: &Uri, headers: &HeaderMap, body: &str) -> Reply {
        let bearer = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let bearer = bearer.trim_start_matches("Bearer ");
        match route.split_once('.') {
            Some((_, "token")) => return self.token(body),
            Some(("github", "installation_token")) => return self.installation_token(bearer),
            Some(("workplace", route)) => return self.workplace(route, uri, bearer, body),
            _ => {}
        }
        let good = self.tokens.get(bearer).is_some_and(|end| *end > self.now);
        if !good {
            return (401, json!({"code": "tokenInvalid"}));
        }
        let query: BTreeMap<String, String> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        if let Some(route) = route.strip_prefix("github.") {
            return self.github(route, uri, &query);
        }
        let id = uri.path().split('/').nth(3).unwrap_or_default().to_owned();
        match route {
            "miro.token_context" => (200, json!({"scopes": ["auditlogs:read", "organizations:read"]})),
            "miro.members" => (200, json!({"data": self.members})),
            "miro.audit_log" => self.audit_log(&query),
            "entra.users" => (200, json!({"value": self.users.values().collect::<Vec<_>>()})),
            "entra.sign_ins" => self.graph_log(&self.sign_ins, "createdDateTime", uri, &query),
            "entra.directory_audits" => self.graph_log(&self.directory_audits, "activityDateTime", uri, &query),
            "entra.user" => self.users.get(&id).map_or((404, json!({})), |user| (200, user.clone())),
            "entra.update_user" => self.change(&id, "accountEnabled", json!(false)),
            "entra.revoke_sign_in_sessions" => {
                let now = json!(self.now.to_string());
                self.change(&id, "signInSessionsValidFromDateTime", now)
            }
            "entra.send_mail" => {
                self.mails += 1;
                (202, Value::Null)
            }
            _ => (404, json!({})),
        }
    }

    fn change(&mut self, id: &str, field: &str, value: Value) -> Reply {
        let Some(user) = self.users.get_mut(id) else { return (404, json!({})) };
        user[field] = value;
        (204, Value::Null)
    }

    /// Two a page, oldest first, with a cursor that must be encoded.
    fn audit_log(&self, query: &BTreeMap<String, String>) -> Reply {
        let [from, to] = ["createdAfter", "createdBefore"].map(|key| query[key].parse::<Timestamp>().unwrap());
        let at = |entry: &Value| entry["createdAt"].as_str().unwrap().parse::<Timestamp>().unwrap();
        let mut found: Vec<_> = self.entries.iter().filter(|(from, _)| *from <= self.now).map(|(_, e)| e).collect();
        found.retain(|entry| (from..=to).contains(&at(entry)));
        found.sort_by_key(|entry| (at(entry), entry["id"].to_string()));
        let cursor = query.get("cursor").map(String::as_str);
        let start = cursor.map_or(0, |cursor| 1 + found.iter().position(|entry| entry["id"] == cursor).unwrap());
        let page: Vec<_> = found.iter().skip(start).take(2).collect();
        let more = found.len() > start + 2;
        (200, json!({"data": page, "cursor": more.then(|| page[1]["id"].clone())}))
    }

    /// Two a page, newest first.
    fn graph_log(&self, log: &[(Timestamp, Value)], time: &str, uri: &Uri, query: &BTreeMap<String, String>) -> Reply {
        let words: Vec<_> = query["$filter"].split(' ').collect();
        let [from, to] = [words[2], words[6]].map(|word| word.parse::<Timestamp>().unwrap());
        let at = |entry: &Value| entry[time].as_str().unwrap().parse::<Timestamp>().unwrap();
        let mut found: Vec<_> = log.iter().filter(|(from, _)| *from <= self.now).map(|(_, e)| e).collect();
        found.retain(|entry| (from..=to).contains(&at(entry)));
        found.sort_by_key(|entry| std::cmp::Reverse(at(entry)));
        let start: usize = query.get("$skiptoken").map_or(0, |token| token.parse().unwrap());
        let page: Vec<_> = found.iter().skip(start).take(2).collect();
        let next = (found.len() > start + 2).then(|| {
            let before = uri.query().unwrap().split("&$skiptoken").next().unwrap().to_owned();
            format!("{}{}?{before}&$skiptoken={}", self.base, uri.path(), start + 2)
        });
        (200, json!({"value": page, "@odata.nextLink": next}))
    }
}

async fn answer(State(world): State<World>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    if uri.path() == "/_sim/clock" {
        let told = match method == Method::POST {
            true => world.clock(serde_json::from_str(&body).unwrap()).await,
            false => json!({"now": world.facts().now.to_string()}),
        };
        return axum::Json(told).into_response();
    }
    let route = World::route(&method, uri.path());
    let fault = {
        let mut facts = world.facts();
        let now = facts.now;
        facts.journal.push((now, format!("{method} {route} {uri}")));
        facts.fault(route)
    };
    if let Some(Fault::Status(status, retry_after)) = fault {
        let retry_after = retry_after.map(|seconds| ("retry-after", seconds.to_string()));
        return (StatusCode::from_u16(status).unwrap(), axum::response::AppendHeaders(retry_after)).into_response();
    }
    if let Some(Fault::Says(status, body)) = fault {
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    if fault == Some(Fault::KillBefore) {
        world.killed.notify_one();
        std::future::pending::<()>().await;
    }
    let (status, mut reply) = world.facts().respond(route, &uri, &headers, &body);
    if let Some(Fault::Next(next)) = fault {
        reply[if route.starts_with("miro") { "cursor" } else { "@odata.nextLink" }] = json!(next);
    }
    if fault == Some(Fault::KillAfter) {
        world.killed.notify_one();
        std::future::pending::<()>().await;
    }
    if fault == Some(Fault::LostAnswer) {
        world.facts().held += 1;
        let _released = Held(world.clone());
        world.release_if_quiet();
        std::future::pending::<()>().await;
    }
    let status = StatusCode::from_u16(status).unwrap();
    // What belongs in headers is put there.
    let header = |key: &str| reply[HEADERS][key].as_str().map(|value| (key.to_owned(), value.to_owned()));
    let headers: Vec<_> = ["link", "location", "etag"].into_iter().filter_map(header).collect();
    if reply[HEADERS].is_object() {
        return (status, axum::response::AppendHeaders(headers), axum::Json(reply["body"].take())).into_response();
    }
    if reply.is_null() { status.into_response() } else { (status, axum::Json(reply)).into_response() }
}

/// Counts down when the client has hung up.
struct Held(World);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.facts().held -= 1;
        self.0.release_if_quiet();
    }
}
