//! Posture: how the controls that the secure score recommends for connected apps stand.
//!
//! A score is made once a day, so it is read once a day, the newest alone, with what each control can bring at most. Told is
//! what is news: a control for the first time, or how it stands otherwise than before.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::{Api, Request, Trouble};
use crate::bug::{Bug, planted};
use crate::clock::Wake;
use crate::connections::{App, Vendor};
use crate::connectors::connection::Rules;
use crate::connectors::under;
use crate::http::Failure;
use crate::normalize::ocsf::{self, Class, Product};
use crate::state::{Kind, StateError};

const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// The score of a day is there some minutes after midnight.
const BEHIND: SignedDuration = SignedDuration::from_mins(20);
const POSTURE: &str = "posture";
const SECURE_SCORE: Product = Product { name: "Microsoft Secure Score", vendor: "Microsoft" };
/// OCSF's number for a control that is passed.
const PASS: u8 = 1;
/// And for one that is not.
const FAIL: u8 = 3;

/// Whether the score says anything of the apps that are connected: Defender for Cloud Apps recommends settings of some.
pub(crate) fn is_told(rules: &Rules) -> bool {
    let has = |vendor| rules.instances.values().any(|connected| *connected == vendor);
    has(Vendor::Defender) && (has(Vendor::Github) || has(Vendor::Workplace))
}

/// Who reads the score of one directory.
pub(crate) struct Posture {
    api: Api,
    app: App,
}

/// A control of a score.
struct Control {
    name: String,
    title: Option<String>,
    status: u8,
    score: f64,
}

impl Posture {
    /// Reads where `api` speaks to.
    pub(crate) fn new(api: Api, app: App) -> Self {
        Self { api, app }
    }

    /// Runs until the stack is to stop, or cannot go on.
    pub(crate) async fn run(self) -> Result<(), StateError> {
        match self.keep_going().await {
            Err(Trouble::State(error)) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    async fn keep_going(&self) -> Result<(), Trouble> {
        let wait = format!("posture:{}", self.api.instance);
        let mut due = self.api.clock().now() + BEHIND;
        while self.api.clock().pause_until(&wait, due).await == Wake::Due {
            match self.read().await {
                Ok(()) => {}
                Err(trouble @ (Trouble::Vendor(_) | Trouble::Nonsense(_) | Trouble::ConsentNeeded)) => {
                    let reason = format!("the secure score is not read: {trouble}");
                    self.api.state.status(&json!({"phase": "degraded", "app": self.api.instance, "reason": reason}))?;
                }
                Err(fatal) => return Err(fatal),
            }
            if planted(Bug::ReadPostureOnce) {
                return Ok(());
            }
            while due <= self.api.clock().now() {
                due += EVERY;
            }
        }
        Ok(())
    }

    async fn read(&self) -> Result<(), Trouble> {
        let scores = self.list("secureScores", "1").await?;
        // A tenant that has none yet has nothing to tell.
        let Some(newest) = scores.first() else { return Ok(()) };
        let profiles = self.list("secureScoreControlProfiles", "999").await?;
        let made = newest["createdDateTime"].as_str().and_then(|text| text.parse().ok());
        let made: Timestamp = made.ok_or_else(|| Failure::Unreadable("a score without a time".to_owned()))?;
        Ok(self.api.state.write(|tx| {
            for control in controls(newest, &profiles) {
                let row = self.told(&control, made);
                if tx.is_news_of_posture(&self.api.instance, &control.name, control.status)? {
                    tx.emit(Kind::Event, &row)?;
                }
            }
            Ok(())
        })?)
    }

    async fn list(&self, list: &str, top: &str) -> Result<Vec<Value>, Trouble> {
        let mut url =
            under(&self.app, &["v1.0", "security", list]).ok_or(Trouble::Nonsense("the app has no address"))?;
        url.query_pairs_mut().append_pair("$top", top);
        let who = format!("posture:{}", self.api.instance);
        self.api
            .ask(&who, &Request::get(url), |answer| match answer.json::<Value>()?["value"].take() {
                Value::Array(items) => Ok(items),
                _ => Err(Failure::Unreadable("no list `value`".to_owned())),
            })
            .await
    }

    fn told(&self, control: &Control, made: Timestamp) -> Value {
        let uid = format!("{}:{}", control.name, made.as_second());
        let fields = json!({
            "metadata": {"uid": uid, "tenant_uid": self.api.instance, "log_name": POSTURE},
            "finding_info": {"uid": uid, "title": control.title.as_deref().unwrap_or(&control.name)},
            "compliance": {"control": control.name, "status_id": control.status},
            "unmapped": {"score": control.score},
        });
        ocsf::event(Class::ComplianceFinding, 1, 1, made, SECURE_SCORE, fields)
    }
}

/// The controls of a score. One is passed when it brings all that it can.
fn controls(score: &Value, profiles: &[Value]) -> Vec<Control> {
    let told = score["controlScores"].as_array().map(Vec::as_slice).unwrap_or_default();
    let most = |name: &str| profiles.iter().find(|profile| profile["id"] == name)?["maxScore"].as_f64();
    let control = |told: &Value| {
        let (name, score) = (told["controlName"].as_str()?, told["score"].as_f64()?);
        Some(Control {
            name: name.to_owned(),
            title: told["description"].as_str().map(str::to_owned),
            status: if score >= most(name)? { PASS } else { FAIL },
            score,
        })
    };
    told.iter().filter_map(control).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_passed_when_it_brings_all_that_it_can() {
        let score = json!({"controlScores": [
            {"controlName": "AdoptSso", "score": 8.0}, {"controlName": "AdoptMfa", "score": 4.5},
            {"controlName": "Unknown", "score": 1.0}]});
        let profiles = [json!({"id": "AdoptSso", "maxScore": 8.0}), json!({"id": "AdoptMfa", "maxScore": 9.0})];
        let told: Vec<(String, u8)> = controls(&score, &profiles).into_iter().map(|c| (c.name, c.status)).collect();
        assert_eq!(told, [("AdoptSso".to_owned(), PASS), ("AdoptMfa".to_owned(), FAIL)]);
    }
}
