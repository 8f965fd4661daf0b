//! Graph: `sendMail`. Letters are kept, never delivered.
//!
//! The sender is a user or the organisation's service mailbox.
//!
//! # Not imitated
//! Attachments, copies, `saveToSentItems`; reading mail.
//!
//! # Sources
//! `graph-docs:api-reference` user-sendmail.

use axum::http::StatusCode;
use serde::Deserialize;

use super::users;
use crate::protocol::dialect::Failure;
use crate::protocol::directory;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::mailbox::Letter;
use crate::world::World;

/// The mailbox that notifications are sent from.
pub(super) fn service_mailbox(world: &World) -> String {
    format!("secops@{}", world.domain)
}

#[derive(Deserialize)]
struct Order {
    message: Message,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: Body,
    #[serde(default)]
    to_recipients: Vec<Recipient>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: EmailAddress,
}

#[derive(Deserialize)]
struct EmailAddress {
    address: String,
}

/// `POST /v1.0/users/{id or user principal name}/sendMail`. The journal names the first recipient as the one notified.
pub(super) fn send(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sender = request.param("id").to_owned();
    let from = if sender.eq_ignore_ascii_case(&service_mailbox(&ctx.sim.world)) {
        sender.clone()
    } else {
        let user = users::find(ctx, &sender)?;
        user["userPrincipalName"].as_str().unwrap_or_default().to_owned()
    };
    let order: Order = serde_json::from_slice(&request.body)
        .map_err(|_| Failure::bad_parameter("message", "Unable to read JSON request payload."))?;
    let to: Vec<String> = order.message.to_recipients.into_iter().map(|r| r.email_address.address).collect();
    let Some(first) = to.first() else {
        return Err(Failure::bad_parameter("toRecipients", "At least one recipient is not valid."));
    };
    let recipient = directory::user_by(&ctx.sim.world, &ctx.state.timeline, ctx.app, |person, account| {
        person.email.eq_ignore_ascii_case(first) || account.login.eq_ignore_ascii_case(first)
    });
    let notified = recipient.map_or_else(|| first.clone(), |user| user.person.key.clone());
    directory::note(ctx, "notify", &notified);
    if ctx.is_real() {
        let letter =
            Letter { at: ctx.now, from, to, subject: order.message.subject, content: order.message.body.content };
        ctx.instance_state().mailbox.put(letter);
    }
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
