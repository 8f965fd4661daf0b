//! User agents, by kind of client and operating system: never the whole text, which changes with every version.
//!
//! A phone that asks for the desktop's page says that it is the desktop of its maker; so what one maker builds counts as
//! one system.

use simulator::scenario::{Using, Vendor, Verb};

use super::Seen;

/// What a user agent tells of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    /// `firefox`, or the name of a program that is no browser.
    pub(super) family: &'static str,
    /// Whether it is a program that is no browser.
    pub(super) scripted: bool,
    /// `windows`; none if it does not say.
    pub(super) system: Option<&'static str>,
}

/// Programs that are no browsers, by what their names begin with.
const PROGRAMS: [&str; 6] = ["python-requests", "curl", "Go-http-client", "okhttp", "axios", "HeadlessChrome"];
/// Browsers by their mark, those first that also bear the mark of a later one.
const BROWSERS: [&str; 5] = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"];
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "windows"),
    ("iPhone", "apple"),
    ("iPad", "apple"),
    ("Macintosh", "apple"),
    ("CrOS", "chrome"),
    ("Android", "linux"),
    ("Linux", "linux"),
];

/// The client that a user agent tells of, if it tells of one.
pub(super) fn client(agent: &str) -> Option<Client> {
    let system = SYSTEMS.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, system)| *system);
    if let Some(program) = PROGRAMS.iter().find(|name| agent.contains(*name)) {
        return Some(Client { family: program, scripted: true, system });
    }
    let browser = BROWSERS.iter().find(|mark| agent.contains(*mark))?;
    Some(Client { family: browser, scripted: false, system })
}

/// What a request was held by, where the app's log shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// A session of a browser.
    Session(String),
    /// The actor's token.
    Token,
}

/// What held a request. Okta shows it of everything, GitHub of all that is not done with git, where neither session nor
/// browser are.
pub(super) fn held(seen: &Seen) -> Option<Held> {
    let shows = match seen.vendor {
        Vendor::Github => !matches!(seen.activity.verb, Verb::Clone | Verb::Edit),
        vendor => vendor == Vendor::Okta,
    };
    match seen.activity.using {
        _ if !shows || !seen.succeeded() => None,
        Using::Token => Some(Held::Token),
        Using::GrantedApp(_) => None,
        _ => seen.activity.session.as_deref().map(|id| Held::Session(id.to_owned())),
    }
}
