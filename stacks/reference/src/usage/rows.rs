//! What an activity says of somebody's use of an app, and how a user of an app is told. Plain functions.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::settings::Settings;
use crate::bug::{Bug, planted, spoilt};
use crate::normalize::ocsf::{self, Class, Product};
use crate::state::usage::{AppUser, Source, UsedApp};

/// The name of the list in reports.
pub(crate) const APP_USAGE: &str = "app_usage";

const DEFENDER: Product = Product { name: "Microsoft Defender for Cloud Apps", vendor: "Microsoft" };

/// An app that an activity or a report names.
pub(super) struct Found {
    pub(super) app: UsedApp,
    pub(super) user: AppUser,
}

/// The use that an activity is; none for what failed, and for what nobody in particular did.
pub(super) fn of_activity(activity: &Value) -> Option<Found> {
    if activity.pointer("/mainInfo/activityResult/isSuccess") == Some(&Value::Bool(false)) {
        return None;
    }
    let account = &activity["resolvedActorAccount"];
    let uid = text(&account["saasId"]).or_else(|| text(&activity["appId"]))?;
    let number = text(&account["instanceId"]).and_then(|number| number.parse().ok()).unwrap_or_default();
    let number = spoilt(number, Bug::SyncInstanceIgnored, 0);
    let at = Timestamp::from_millisecond(activity["timestamp"].as_i64()?).ok()?;
    let app = UsedApp {
        name: text(&activity["appName"]).unwrap_or_else(|| uid.clone()),
        uid: uid.clone(),
        number,
        source: Source::Activities,
        website: None,
        users: None,
        last_used: Some(at),
    };
    let user = AppUser {
        app: uid,
        number,
        account: text(&account["id"])?,
        name: text(&account["name"]),
        username: text(&activity["user"]["userName"]),
        last_at: Some(at),
    };
    Some(Found { app, user })
}

/// An app of a discovery report.
pub(super) fn discovered(app: &Value) -> Option<UsedApp> {
    let uid = text(&app["appId"])?;
    Some(UsedApp {
        name: text(&app["name"]).unwrap_or_else(|| uid.clone()),
        uid,
        number: 0,
        source: Source::Discovery,
        website: text(&app["domain"]),
        users: app["usersCount"].as_i64(),
        last_used: app["lastUsed"].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
    })
}

/// Whether somebody counts as active: whoever did something within the app's time, its first moment included. Nobody
/// knows it of those whose last activity nobody knows.
pub(super) fn is_active(user: &AppUser, app: &UsedApp, as_of: Timestamp, settings: &Settings) -> Option<bool> {
    let within = settings.active_within(&app.name);
    let border = as_of - spoilt(within, Bug::SyncActiveShort, within / 2);
    let last_at = user.last_at?;
    Some(last_at > border || last_at == border && !planted(Bug::SyncLookbackWindowEdge))
}

/// A user of an app as an OCSF user inventory.
pub(super) fn told(
    instance: &str,
    app: &UsedApp,
    user: &AppUser,
    active: Option<bool>,
    as_of: Timestamp,
    settings: &Settings,
) -> Value {
    let username = user.username.as_deref().map(|address| settings.username(address));
    let fields = json!({
        "user": ocsf::user(Some(&user.account), username.as_deref().or(user.name.as_deref()), user.username.as_deref()),
        "metadata": {"uid": format!("{}|{}|{}", app.uid, app.number, spoilt(&user.account, Bug::SyncToldAgain, &as_of.to_string())), "tenant_uid": instance,
            "log_name": APP_USAGE},
        "unmapped": {
            "usage": {
                "app_uid": app.uid, "app_instance": app.number, "app_name": app.name, "website": app.website,
                "source": app.source.word(), "active": active, "last_activity": user.last_at.map(Timestamp::as_millisecond),
            },
            "created_by": settings.integration_user,
            "role": settings.role,
        },
    });
    ocsf::event(Class::UserInventory, 2, 1, as_of, DEFENDER, fields)
}

/// That there is no such user any more.
pub(super) fn gone(instance: &str, app: &UsedApp, user: &AppUser, as_of: Timestamp, settings: &Settings) -> Value {
    let mut row = told(instance, app, user, None, as_of, settings);
    row["unmapped"]["usage"]["gone"] = json!(true);
    row
}

/// A text, or a number as one; nothing that is empty.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity() -> Value {
        json!({
            "appId": 90_001, "appName": "Miro", "timestamp": 86_400_000, "user": {"userName": "ada@x.example"},
            "mainInfo": {"activityResult": {"isSuccess": true}},
            "resolvedActorAccount": {"id": "7", "name": "Ada", "saasId": "90001", "instanceId": "1"},
        })
    }

    #[test]
    fn an_activity_tells_app_instance_account_and_time() {
        let Found { app, user } = of_activity(&activity()).unwrap();
        assert_eq!((app.uid.as_str(), app.number, app.name.as_str()), ("90001", 1, "Miro"));
        assert_eq!((user.account.as_str(), user.username.as_deref()), ("7", Some("ada@x.example")));
        assert_eq!(user.last_at.unwrap().as_second(), 86_400);
    }

    #[test]
    fn what_failed_or_was_done_by_nobody_is_no_use() {
        let mut failed = activity();
        failed["mainInfo"]["activityResult"]["isSuccess"] = json!(false);
        let mut nobodys = activity();
        nobodys["resolvedActorAccount"] = Value::Null;
        assert!(of_activity(&failed).is_none() && of_activity(&nobodys).is_none());
    }

    #[test]
    fn sixty_days_to_the_millisecond_are_active_and_one_more_is_not() {
        let Found { app, user } = of_activity(&activity()).unwrap();
        let settings = Settings::default();
        let at = user.last_at.unwrap() + settings.active_within("Miro");
        assert_eq!(is_active(&user, &app, at, &settings), Some(true));
        assert_eq!(is_active(&user, &app, at + jiff::SignedDuration::from_millis(1), &settings), Some(false));
        assert_eq!(is_active(&AppUser { last_at: None, ..user }, &app, at, &settings), None);
    }
}
