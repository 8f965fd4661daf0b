//! Whom to tell when the synchronisation is in trouble, and how: a mail through the directory, from its service mailbox.

use reqwest::Method;
use serde_json::{Value, json};

use super::settings::Settings;
use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::connections::App;
use crate::connectors::under;
use crate::state::StateError;

/// People to tell, if there are any and a directory that sends mail.
#[derive(Clone)]
pub(crate) struct Contacts(Option<Mailbox>);

#[derive(Clone)]
struct Mailbox {
    api: Api,
    url: String,
    to: Vec<String>,
}

impl Contacts {
    /// The contacts of `settings`, told through `directory`.
    pub(crate) fn new(directory: Option<(&Api, &App)>, settings: &Settings) -> Self {
        let mailbox = directory.filter(|_| !settings.contacts.is_empty()).and_then(|(api, app)| {
            let url = under(app, &["v1.0", "users", app.mail_from.as_deref()?, "sendMail"])?;
            Some(Mailbox { api: api.clone(), url: url.into(), to: settings.contacts.clone() })
        });
        Self(mailbox)
    }

    /// Tells them. A mail that cannot be sent stops nothing: the report says the same.
    pub(super) async fn tell(&self, app: &str, reason: &str) -> Result<(), Trouble> {
        let Some(mailbox) = self.0.as_ref().filter(|_| !planted(Bug::SyncContactsUntold)) else { return Ok(()) };
        let body = Some(mail(&mailbox.to, app, reason));
        let letter = Request { method: Method::POST, url: mailbox.url.clone(), body, ..Request::default() };
        match mailbox.api.ask(&format!("usage:mail:{app}"), &letter, |_| Ok(())).await {
            Err(fatal @ (Trouble::State(StateError::Database(_) | StateError::File(_)) | Trouble::Stopping)) => {
                Err(fatal)
            }
            Err(trouble) => {
                tracing::warn!(app, %trouble, "the contacts could not be told");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

fn mail(to: &[String], app: &str, reason: &str) -> Value {
    let to: Vec<Value> = to.iter().map(|address| json!({"emailAddress": {"address": address}})).collect();
    json!({
        "message": {
            "subject": format!("The synchronisation of app usage with {app} needs you"),
            "body": {"contentType": "Text", "content": format!("{app}: {reason}.")},
            "toRecipients": to,
        },
        "saveToSentItems": true,
    })
}
