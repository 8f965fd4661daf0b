//! Directory roles, as far as anybody has one: the administrators of this tenant are global administrators.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::protocol::directory;
use crate::protocol::exchange::Context;

/// Template ids are the same in every tenant: that of the global administrator.
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The roles that are activated.
pub(super) fn all(ctx: &Context<'_>) -> Vec<Value> {
    vec![json!({
        "id": id(ctx),
        "deletedDateTime": null,
        "description": "Can manage all aspects of Microsoft Entra ID and services that use its identities.",
        "displayName": "Global Administrator",
        "roleTemplateId": GLOBAL_ADMINISTRATOR,
    })]
}

/// Object id of the role in this tenant.
pub(in super::super) fn id(ctx: &Context<'_>) -> String {
    ctx.sim.scenario.seed.uuid(&["directory role", &ctx.instance().name, GLOBAL_ADMINISTRATOR])
}

/// Ids of those who hold it.
pub(in super::super) fn holders(ctx: &Context<'_>) -> BTreeSet<String> {
    let users = directory::users(&ctx.sim.world, &ctx.state.timeline, ctx.app);
    users.iter().filter(|u| u.account.admin).map(|u| u.account.user_id.clone()).collect()
}
