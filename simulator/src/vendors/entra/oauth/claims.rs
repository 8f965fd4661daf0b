//! What tokens say.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::client::authentication;
use super::service_principal_id;
use crate::protocol::credentials::{Mint, TokenKind, drawn_text};
use crate::protocol::exchange::Context;
use crate::protocol::signing;
use crate::vendors::entra::objects::sign_in_name;
use crate::world::PersonIndex;

/// Graph, as a resource.
const GRAPH: &str = "https://graph.microsoft.com";
const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Template id of the role that administrators have.
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Makes a code, a refresh token, or an access token for Graph in its own version 1.0.
pub(super) fn mint(mint: &Mint<'_>) -> String {
    match mint.kind {
        TokenKind::Code => format!("0.A{}", mint.text(URL_SAFE, 120)),
        TokenKind::Refresh => format!("1.A{}", mint.text(URL_SAFE, 160)),
        TokenKind::Access => signing::sign(&access(mint)),
        TokenKind::Key => unreachable!("no route of Entra's or Graph's takes a key that was made by hand"),
    }
}

/// What both kinds of access token say, and what only theirs does.
#[derive(Serialize)]
struct Access<'a> {
    aud: &'a str,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: &'a str,
    appidacr: &'a str,
    idp: String,
    idtyp: &'a str,
    #[serde(flatten)]
    holder: Value,
    tid: &'a str,
    uti: String,
    ver: &'a str,
}

fn access<'a>(mint: &'a Mint<'_>) -> Access<'a> {
    let tenant = &mint.instance.organisation_id;
    let issuer = format!("https://sts.windows.net/{tenant}/");
    // A token without an end of its own still has to name one.
    let expires = mint.expires.unwrap_or(mint.issued + Duration::from_secs(365 * 86_400));
    let account = mint.person.and_then(|(_, person)| Some((person, person.accounts.get(&mint.instance.app)?)));
    let holder = match account {
        None => {
            let principal = service_principal_id(mint.seed, mint.instance, mint.client_id);
            json!({ "oid": principal, "sub": principal, "roles": mint.scopes })
        }
        Some((person, account)) => {
            let scopes: Vec<&str> = mint.scopes.iter().map(String::as_str).filter(|s| *s != "offline_access").collect();
            json!({
                "oid": account.user_id,
                "sub": subject(mint.seed, mint.client_id, &account.user_id),
                "scp": scopes.join(" "),
                "name": person.display_name(),
                "upn": account.login,
                "unique_name": account.login,
                "wids": if account.admin { json!([GLOBAL_ADMINISTRATOR]) } else { json!([]) },
            })
        }
    };
    Access {
        aud: GRAPH,
        iss: issuer.clone(),
        iat: mint.issued.s(),
        nbf: mint.issued.s(),
        exp: expires.s(),
        appid: mint.client_id,
        appidacr: authentication(mint.token_kind),
        idp: issuer,
        idtyp: if account.is_some() { "user" } else { "app" },
        holder,
        tid: tenant,
        uti: mint.text(URL_SAFE, 22),
        ver: "1.0",
    }
}

/// The pairwise name of a user: another for every application.
fn subject(seed: crate::seed::Seed, client_id: &str, user_id: &str) -> String {
    drawn_text(seed, &["pairwise subject", client_id, user_id], URL_SAFE, 43)
}

/// An `id_token` in version 2.0, for the application itself.
pub(super) fn id_token(ctx: &Context<'_>, user: PersonIndex, nonce: Option<&str>) -> String {
    let (seed, instance, person) = (ctx.sim.scenario.seed, ctx.instance(), ctx.sim.world.person(user));
    let client_id = &ctx.state.instances[ctx.app.0].tokens.client().client_id;
    let tenant = &instance.organisation_id;
    let (user_id, login) = identity(ctx, user);
    let mut claims = json!({
        "aud": client_id,
        "iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        "iat": ctx.now.s(),
        "nbf": ctx.now.s(),
        "exp": ctx.now.s() + 3_600,
        "email": person.email,
        "name": person.display_name(),
        "oid": user_id,
        "preferred_username": sign_in_name(person, &login, &ctx.sim.world.domain),
        "sub": subject(seed, client_id, &user_id),
        "tid": tenant,
        "uti": drawn_text(seed, &["id token", &user_id, &ctx.now.us().to_string()], URL_SAFE, 22),
        "ver": "2.0",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    signing::sign(&claims)
}

/// Object id and login name of a person in this tenant.
pub(super) fn identity(ctx: &Context<'_>, user: PersonIndex) -> (String, String) {
    let person = ctx.sim.world.person(user);
    person.accounts.get(&ctx.app).map_or_else(Default::default, |a| (a.user_id.clone(), a.login.clone()))
}

/// The pairwise name of a person for the application that is asked for.
pub(super) fn subject_of(ctx: &Context<'_>, user: PersonIndex) -> String {
    let client_id = &ctx.state.instances[ctx.app.0].tokens.client().client_id;
    subject(ctx.sim.scenario.seed, client_id, &identity(ctx, user).0)
}
