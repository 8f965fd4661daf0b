//! What a user agent says of browser and device.

use serde_json::{Value, json};

use crate::scenario::Using;
use crate::timeline::Activity;

/// Mark in the text, family. Browsers pretend to be one another, so the most particular comes first.
const BROWSERS: [(&str, &str); 5] = [
    ("Edg/", "MICROSOFT_EDGE"),
    ("Firefox/", "FIREFOX"),
    ("Chrome/", "CHROME"),
    ("Version/", "SAFARI"),
    ("python-requests/", "PYTHON_REQUESTS"),
];

/// Mark in the text, name, family, kind of device.
const SYSTEMS: [(&str, &str, &str, &str); 5] = [
    ("iPhone", "iOS", "iOS", "MOBILE"),
    ("Android", "Android", "Android", "MOBILE"),
    ("Windows", "Windows 10", "Windows", "DESKTOP"),
    ("Macintosh", "OS X", "Mac OS", "DESKTOP"),
    ("Linux", "Linux", "Linux", "DESKTOP"),
];

const NATIVE_CLIENT: &str = "000000000000000000000000";
const ROBOT: &str = "0000002b0000000000000000";

/// `userAgent` of a record.
pub(super) fn told(activity: &Activity) -> Value {
    let text = &*activity.user_agent;
    let browser = BROWSERS.iter().find(|(mark, _)| text.contains(mark));
    let version = browser.and_then(|(mark, _)| text.split_once(mark)?.1.split_whitespace().next());
    let mut numbers = version.unwrap_or_default().split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let system = SYSTEMS.iter().find(|(mark, ..)| text.contains(mark));
    let family = browser.map_or("UNKNOWN", |(_, family)| family);
    let is_robot = matches!(activity.using, Using::Token | Using::GrantedApp(_));
    let tags: &[&str] = match activity.using {
        _ if is_robot => &[ROBOT],
        Using::Phone => &[NATIVE_CLIENT],
        _ => &[],
    };
    json!({
        "family": family,
        "name": family,
        "browser": family,
        "version": version,
        "major": major,
        "minor": minor,
        "nativeBrowser": activity.using == Using::Phone,
        "deviceType": system.map_or("OTHER", |row| row.3),
        "os": system.map(|row| row.2),
        "operatingSystem": { "name": system.map(|row| row.1), "family": system.map(|row| row.2), "version": Value::Null },
        "type": if is_robot { "Robot" } else { "Browser" },
        "typeName": if is_robot { "ROBOT" } else { "BROWSER" },
        "tags": tags,
    })
}
