//! A webhook beside a log that is asked for: it says that there is something to read, and the log says what.
//!
//! Nothing of what it brings is kept, so one that is lost, forged or made twice costs a poll at most, and many cost one.
//! Whether hints are asked for is a matter of habit.
//!
//! GitHub: a hook of the organisation (`POST /orgs/{org}/hooks`), signed with a secret of ours.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::connection::Connection;
use super::under;
use crate::api::{Request, Trouble};
use crate::clock::Wake;
use crate::connections::{App, Vendor};
use crate::habits::Hints;
use crate::http::{Answer, Failure};
use crate::secret::Secret;

/// How long after a poll the next one may be had by a hint: whoever is at work leaves many, and one poll reads what all of them
/// are about.
const PACE: SignedDuration = SignedDuration::from_mins(15);

/// With what the hints for an instance are signed: nobody without the app's own secret can guess it, and a restart expects
/// the same. None where there are no hints.
pub(super) fn key(instance: &str, app: &App) -> Option<Secret> {
    let own = app.client_secret.as_ref().or(app.access_token.as_ref());
    let own = own.or(app.github_app.as_ref().map(|app| &app.private_key)).filter(|_| app.vendor == Vendor::Github)?;
    let mut digest = Sha256::new();
    for part in ["webhook hint", instance, own.reveal()] {
        digest.update(part);
        digest.update([0]);
    }
    Some(Secret::new(digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}

fn hooks(app: &App) -> Option<Request> {
    Some(Request::get(under(app, &["orgs", app.organization.as_deref()?, "hooks"])?))
}

fn stands(answer: &Answer, callback: &str) -> Result<bool, Failure> {
    let hooks: Vec<Value> = answer.json()?;
    Ok(hooks.iter().any(|hook| hook["config"]["url"] == callback && hook["active"] != false))
}

fn hook(callback: &str, key: &Secret) -> Value {
    let config = json!({"url": callback, "content_type": "json", "secret": key.reveal()});
    json!({"name": "web", "active": true, "events": ["*"], "config": config})
}

impl Connection {
    /// Until there is something to read that somebody says so of; hints are heeded some time after the last poll, at
    /// `polled_at`.
    pub(super) async fn told(&self, polled_at: Timestamp) -> Wake {
        let (instance, rules) = (&self.api.instance, &self.intake.rules);
        rules.awaited(instance).await;
        match rules.habits.hints {
            Hints::Webhook => self.api.clock().pause_until(&format!("hint:{instance}"), polled_at + PACE).await,
            Hints::None => Wake::Due,
        }
    }

    /// Sees to it that hints come, where they are wanted. Without them all goes on at its own pace.
    pub(super) async fn ask_for_hints(&self) -> Result<(), Trouble> {
        let instance = &self.api.instance;
        let rules = &self.intake.rules;
        let wanted = rules.callback(instance).zip(key(instance, &self.app)).zip(hooks(&self.app));
        let Some(((callback, key), ask)) = wanted.filter(|_| rules.habits.hints == Hints::Webhook) else {
            return Ok(());
        };
        let asked = async {
            if self.api.ask(instance, &ask, |answer| stands(answer, &callback)).await? {
                return Ok(());
            }
            let made = Request { method: Method::POST, body: Some(hook(&callback, &key)), ..ask.clone() };
            self.api.once(instance, &made).await.map(drop)
        };
        match asked.await {
            Ok(()) | Err(Trouble::Vendor(_) | Trouble::Nonsense(_) | Trouble::NotYet) => Ok(()),
            fatal => fatal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_signed_with_what_an_instance_alone_knows_and_at_github_alone() {
        let app = |vendor: &str, secret: &str| -> App {
            let app = json!({"vendor": vendor, "base_url": "http://127.0.0.1:1", "client_secret": secret});
            serde_json::from_value(app).unwrap()
        };
        let of = |instance, vendor, secret| key(instance, &app(vendor, secret)).map(|key| key.reveal().to_owned());
        let ours = of("github", "github", "shh");
        assert!(ours.is_some() && ours == of("github", "github", "shh"));
        assert_ne!(ours, of("github_labs", "github", "shh"));
        assert_ne!(ours, of("github", "github", "other"));
        assert_eq!(of("miro", "miro", "shh"), None);
    }
}
