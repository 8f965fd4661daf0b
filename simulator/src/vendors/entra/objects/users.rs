//! Users.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};

use crate::protocol::directory::{self, User};
use crate::protocol::exchange::Context;
use crate::scenario::PersonKind;
use crate::time::SimTime;
use crate::world::{Person, PersonIndex};

/// `2026-03-02T09:00:00Z`.
pub(in super::super) fn instant(at: SimTime) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The person whose object id or user principal name this is, if they are in the directory now.
pub(in super::super) fn find_person<'a>(ctx: &Context<'a>, id: &str) -> Option<User<'a>> {
    let (world, timeline, domain) = (&ctx.sim.world, &ctx.state.timeline, &ctx.sim.world.domain);
    let user = |index: PersonIndex| directory::user(world, timeline, ctx.app, index);
    let by_id = world.person_by_account(ctx.app, &id.to_lowercase()).and_then(user);
    let named = |u: &User<'_>| {
        u.login().eq_ignore_ascii_case(id) || sign_in_name(u.person, &u.login(), domain).eq_ignore_ascii_case(id)
    };
    by_id.or_else(|| world.person_indices().filter_map(user).find(named))
}

/// The user principal name. A guest's is made from the address at home: `ada_partners.example#EXT#@contoso.example`.
pub(in super::super) fn sign_in_name<'a>(person: &Person, login: &'a str, domain: &str) -> Cow<'a, str> {
    match person.kind {
        PersonKind::Guest => format!("{}#EXT#@{domain}", login.replace('@', "_")).into(),
        _ => login.into(),
    }
}

/// Everybody whom the world knows and the directory ever had: those who were deleted too, not yet those to be hired.
pub(super) fn of_world(ctx: &Context<'_>) -> Vec<Value> {
    let world = &ctx.sim.world;
    let users = world.person_indices().filter_map(|index| {
        let person = world.person(index);
        let account = person.accounts.get(&ctx.app)?;
        let status = ctx.state.timeline.account(index, ctx.app);
        (status.exists || status.deleted_at.is_some()).then_some(User { index, person, account, status })
    });
    users.map(|user| object(ctx, &user)).collect()
}

fn object(ctx: &Context<'_>, user: &User<'_>) -> Value {
    let (world, person, status) = (&ctx.sim.world, user.person, &user.status);
    let beginning = ctx.sim.scenario.history_start() - Duration::from_secs(365 * 86_400);
    let created = status.created_at.unwrap_or(beginning);
    let valid_from = status.sessions_valid_from.unwrap_or(created);
    let login = user.login();
    let guest = person.kind == PersonKind::Guest;
    let name = sign_in_name(person, &login, &world.domain);
    // The name of a deleted user makes way for another: the id without dashes goes before it \[recalled\].
    let deleted_name = || format!("{}{name}", user.account.user_id.replace('-', ""));
    json!({
        "businessPhones": [],
        "displayName": user.name(),
        "givenName": person.given_name,
        "jobTitle": person.job,
        "mail": status.email.as_ref().unwrap_or(&person.email),
        "mobilePhone": null,
        "officeLocation": person.home.name,
        "preferredLanguage": null,
        "surname": person.family_name,
        "userPrincipalName": if status.deleted_at.is_some() { deleted_name() } else { name.to_string() },
        "id": user.account.user_id,
        "accountEnabled": status.enabled,
        "city": person.home.name,
        "companyName": if guest { Value::Null } else { json!(world.organisation) },
        "country": person.home.country_name,
        "createdDateTime": instant(created),
        "creationType": if guest { json!("Invitation") } else { Value::Null },
        "deletedDateTime": status.deleted_at.map(instant),
        "department": if guest { Value::Null } else { json!(person.department_name()) },
        "employeeId": null,
        "externalUserState": if guest { json!("Accepted") } else { Value::Null },
        "mailNickname": login.split('@').next(),
        "onPremisesSyncEnabled": null,
        "otherMails": [],
        "proxyAddresses": [format!("SMTP:{login}")],
        "signInSessionsValidFromDateTime": instant(valid_from),
        "usageLocation": person.home.country,
        "userType": if guest { "Guest" } else { "Member" },
    })
}
