//! Graph: `signInActivity`, when a user last signed in. A property of users that only `$select` and `$filter` bring forth.
//!
//! It is read off the sign-in log, thirty days back: attempts and successes. It wants a permission beside that for users,
//! shortens the pages, and is not given for a user who is asked for by name.
//!
//! # Not imitated
//! The licence that it wants; sign-ins longer ago than the log goes back; sign-ins without a person, whose times are null.
//!
//! # Sources
//! `graph-docs:api-reference` user-list and resources/signinactivity; the permission:
//! <https://github.com/microsoftgraph/microsoft-graph-docs/issues/12772>; the refusal by name:
//! <https://learn.microsoft.com/answers/questions/1311910/>. That pages go down to 120 is recalled.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{SIGN_INS, seven_digits};
use super::objects::id_of;
use super::odata::given;
use super::odata::list::{EntitySet, Index, paging};
use super::sets::USERS;
use super::sign_in_log;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Context, Request};
use crate::protocol::pages::{AboveMax, PageSize, Paging};
use crate::scenario::Outcome;
use crate::timeline::{LogId, PageQuery, Record};
use crate::world::PersonIndex;

/// The property.
const NAME: &str = "signInActivity";

/// The permission that it wants beside those for users.
const PERMISSION: &str = "AuditLog.Read.All";

/// Records that are looked at together.
const CHUNK: usize = 1_000;

const PAGE: u32 = 120;

/// Users with their sign-in activity.
static ACTIVE_USERS: EntitySet = EntitySet {
    name: USERS.name,
    type_name: USERS.type_name,
    default: USERS.default,
    further: &[NAME, "accountEnabled", "createdDateTime", "department", "deletedDateTime", "mailNickname", "userType"],
    filterable: &["signInActivity/lastSignInDateTime", "signInActivity/lastSuccessfulSignInDateTime"],
    searchable: &[],
    sortable: &[],
    expandable: USERS.expandable,
    paging: Paging {
        size: PageSize { parameter: "$top", default: 100, max: PAGE, above: AboveMax::Clamp },
        ..paging(USERS.name)
    },
    index: Index::Plain,
};

/// The set that a request for users is about; with sign-in activity, `users` have it then.
pub(super) fn set_for(
    ctx: &mut Context<'_>,
    request: &Request,
    users: &mut [Value],
) -> Result<&'static EntitySet, Failure> {
    if !is_asked_for(request) {
        return Ok(&USERS);
    }
    request.caller().require(&[PERMISSION])?;
    add(ctx, users);
    Ok(&ACTIVE_USERS)
}

/// Whether a request is about sign-in activity.
fn is_asked_for(request: &Request) -> bool {
    let selected = given(request, "$select").unwrap_or_default();
    let selected = selected.split(',').any(|name| name.trim().eq_ignore_ascii_case(NAME));
    selected || given(request, "$filter").is_some_and(|filter| filter.contains(NAME))
}

/// A single user must be asked for by object id.
pub(super) fn check_key(request: &Request, user: &Value) -> Result<(), Failure> {
    if is_asked_for(request) && !request.param("id").eq_ignore_ascii_case(id_of(user)) {
        let why = "Get By Key only supports UserId and the key has to be a valid Guid";
        return Err(Failure::bad_parameter("id", why));
    }
    Ok(())
}

/// The last attempt and the last success.
#[derive(Default)]
struct Last {
    attempt: Option<Arc<Record>>,
    success: Option<Arc<Record>>,
}

fn add(ctx: &mut Context<'_>, users: &mut [Value]) {
    let people: Vec<Option<PersonIndex>> =
        users.iter().map(|user| ctx.sim.world.person_by_account(ctx.app, id_of(user))).collect();
    let mut last: BTreeMap<PersonIndex, Last> =
        people.iter().flatten().map(|person| (*person, Last::default())).collect();
    fill(ctx, &mut last);
    for (user, person) in users.iter_mut().zip(people) {
        let found = person.and_then(|person| last.get(&person)).filter(|last| last.attempt.is_some());
        user[NAME] = found.map_or(Value::Null, |last| {
            let time = |record: &Option<Arc<Record>>| record.as_ref().map(|r| seven_digits(r.persisted));
            let id = |record: &Option<Arc<Record>>| record.as_ref().map(|r| r.event_id.to_string());
            json!({
                "lastSignInDateTime": time(&last.attempt),
                "lastSignInRequestId": id(&last.attempt),
                "lastNonInteractiveSignInDateTime": null,
                "lastNonInteractiveSignInRequestId": null,
                "lastSuccessfulSignInDateTime": time(&last.success),
                "lastSuccessfulSignInRequestId": id(&last.success),
            })
        });
    }
}

/// Looks back until everything is found.
fn fill(ctx: &Context<'_>, last: &mut BTreeMap<PersonIndex, Last>) {
    let log = LogId { app: ctx.app, feed: SIGN_INS };
    let mut after = None;
    let mut open = 2 * last.len();
    while open > 0 {
        let query = PageQuery {
            from: Bound::Included(ctx.now - sign_in_log::FEED.retention),
            until: Bound::Unbounded,
            newest_first: true,
            after: after.take(),
            limit: CHUNK,
            visible_at: ctx.now,
        };
        let records = ctx.state.timeline.page(log, &query);
        for record in &records {
            let Some(known) = last.get_mut(&record.activity.actor) else { continue };
            let success = record.activity.outcome == Outcome::Success;
            for place in [Some(&mut known.attempt), success.then_some(&mut known.success)].into_iter().flatten() {
                if place.is_none() {
                    *place = Some(Arc::clone(record));
                    open -= 1;
                }
            }
        }
        let Some(oldest) = records.last().filter(|_| records.len() == CHUNK) else { return };
        after = Some((oldest.persisted, Arc::clone(&oldest.event_id)));
    }
}
