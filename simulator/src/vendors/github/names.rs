//! How GitHub calls things: logins, numbers, node ids, addresses.
//!
//! # Sources
//! The description's schemas `simple-user` and `organization-simple` for the addresses of a user and an organisation.
//! That a node id is the base64 of `[0, id]` in MessagePack behind the letters of its type is what current ones decode to
//! (guess). An enterprise is called after its organisation (ours).

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::protocol::exchange::{Context, Request};
use crate::seed::Seed;
use crate::timeline::Aspect;
use crate::world::{Account, Instance, Person, PersonIndex, World};

/// Where Enterprise Server, and whoever is told to think so, serves the API.
pub(super) const SERVER_PREFIX: &str = "/api/v3";

/// What an instance is to GitHub: an organisation of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Customer {
    /// The organisation's number.
    pub(super) id: u64,
    /// Its login at the beginning of the story.
    pub(super) login: String,
    /// The enterprise's slug.
    pub(super) enterprise: String,
    /// Its number.
    pub(super) enterprise_id: u64,
}

impl Customer {
    /// Of an instance. A second instance carries its own name in its login.
    pub(super) fn of(world: &World, instance: &Instance) -> Self {
        let name = world.organisation.to_lowercase();
        let login = match instance.name.as_str() {
            "github" => name,
            own => format!("{name}-{}", own.replace('_', "-")),
        };
        let id = number(&instance.organisation_id);
        Self { id, enterprise: format!("{login}-enterprise"), login, enterprise_id: id % 90_000 + 10_000 }
    }

    /// Of the instance that is asked.
    pub(super) fn here(ctx: &Context<'_>) -> Self {
        Self::of(&ctx.sim.world, ctx.instance())
    }
}

/// The organisation's login as it is now: the script may have renamed it (`event` `org.rename`, the new name its object).
pub(super) fn current_login(ctx: &Context<'_>) -> String {
    let renamed = ctx.state.timeline.changed(ctx.app, &Aspect::Event("org.rename".to_owned()));
    renamed.filter(|name| !name.is_empty()).map_or_else(|| Customer::here(ctx).login, str::to_owned)
}

/// The number in an id that the world keeps as text.
pub(super) fn number(id: &str) -> u64 {
    id.parse().unwrap_or_default()
}

/// A number of eight digits for a thing that has a name.
pub(super) fn thing_id(seed: Seed, instance: &Instance, kind: &str, name: &str) -> u64 {
    100_000_000 + seed.number(&["github", kind, &instance.name, name]) % 800_000_000
}

/// `U_kgDOAJ…`: the letters of a type, and its number.
pub(super) fn node_id(letters: &str, id: u64) -> String {
    let id = u32::try_from(id).unwrap_or(u32::MAX).to_be_bytes();
    let packed = [0x92, 0x00, 0xce, id[0], id[1], id[2], id[3]];
    format!("{letters}_{}", BASE64_URL_SAFE_NO_PAD.encode(packed))
}

/// Where the client found the API: scheme, host and prefix. Every API address given out begins with it.
pub(super) fn api(request: &Request) -> String {
    format!("{}{}", request.origin, prefix(request))
}

/// What stands before every path of the API, as the client used it.
pub(super) fn prefix(request: &Request) -> &'static str {
    if request.path.starts_with(SERVER_PREFIX) { SERVER_PREFIX } else { "" }
}

/// `2026-03-02T09:00:00Z`: times outside the audit log.
pub(super) fn iso(at: crate::time::SimTime) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An account of the world as GitHub's `simple-user`. Complete: strict clients fail on the first field that is missing.
pub(super) fn simple_user(request: &Request, account: &Account) -> Value {
    user(request, &account.login, number(&account.user_id), "User")
}

/// Where addresses begin: those of the API, and those of pages.
pub(super) struct Host {
    pub(super) api: Cow<'static, str>,
    pub(super) web: Cow<'static, str>,
}

impl Host {
    /// GitHub's own, where nobody has asked.
    pub(super) const GITHUB: Self =
        Self { api: Cow::Borrowed("https://api.github.com"), web: Cow::Borrowed("https://github.com") };
}

/// Any actor as `simple-user`.
pub(super) fn user(request: &Request, login: &str, id: u64, kind: &str) -> Value {
    user_at(&Host { api: api(request).into(), web: request.origin.clone().into() }, login, id, kind)
}

/// The same, under another host.
pub(super) fn user_at(host: &Host, login: &str, id: u64, kind: &str) -> Value {
    let Host { api, web } = host;
    let own = format!("{api}/users/{login}");
    json!({
        "login": login,
        "id": id,
        "node_id": node_id(if kind == "User" { "U" } else { "O" }, id),
        "avatar_url": format!("{web}/avatars/u/{id}?v=4"),
        "gravatar_id": "",
        "url": own,
        "html_url": format!("{web}/{login}"),
        "followers_url": format!("{own}/followers"),
        "following_url": format!("{own}/following{{/other_user}}"),
        "gists_url": format!("{own}/gists{{/gist_id}}"),
        "starred_url": format!("{own}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{own}/subscriptions"),
        "organizations_url": format!("{own}/orgs"),
        "repos_url": format!("{own}/repos"),
        "events_url": format!("{own}/events{{/privacy}}"),
        "received_events_url": format!("{own}/received_events"),
        "type": kind,
        "user_view_type": "public",
        "site_admin": false,
    })
}

/// The organisation as `organization-simple`.
pub(super) fn organisation(ctx: &Context<'_>, request: &Request) -> Value {
    let (customer, login) = (Customer::here(ctx), current_login(ctx));
    let own = format!("{}/orgs/{login}", api(request));
    json!({
        "login": login,
        "id": customer.id,
        "node_id": node_id("O", customer.id),
        "url": own,
        "repos_url": format!("{own}/repos"),
        "events_url": format!("{own}/events"),
        "hooks_url": format!("{own}/hooks"),
        "issues_url": format!("{own}/issues"),
        "members_url": format!("{own}/members{{/member}}"),
        "public_members_url": format!("{own}/public_members{{/member}}"),
        "avatar_url": format!("{}/avatars/u/{}?v=4", request.origin, customer.id),
        "description": format!("{} on GitHub", ctx.sim.world.organisation),
    })
}

/// Who is called `login` here, however it is written.
pub(super) fn account_called<'a>(
    world: &'a World,
    instance: &Instance,
    login: &str,
) -> Option<(PersonIndex, &'a Person, &'a Account)> {
    world.people.iter().enumerate().find_map(|(index, person)| {
        let account = person.accounts.get(&instance.app)?;
        account.login.eq_ignore_ascii_case(login).then_some((PersonIndex(index), person, account))
    })
}
