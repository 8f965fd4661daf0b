//! Who uses which app, as it stands at the end.

use crate::observe::Facts;
use crate::observe::usage::{RowApp, UsageRow};
use crate::printable;

/// Rows of (app, person, active, last activity).
pub(super) fn render(facts: &Facts<'_>) -> String {
    let mut rows: Vec<String> = facts.usage.standing().map(|row| line(facts, row)).collect();
    rows.sort();
    rows.join("\n")
}

fn line(facts: &Facts<'_>, row: &UsageRow) -> String {
    let app = match &row.app {
        RowApp::Connected(app) => app.clone(),
        RowApp::Discovered(id) => format!("discovered {id}"),
        RowApp::Unknown(uid) => format!("unknown {uid}"),
    };
    let people: Vec<&str> = row.people.iter().map(String::as_str).collect();
    let active = match row.active {
        Some(true) => "active",
        Some(false) => "inactive",
        None => "-",
    };
    let last = row.last.map_or("-".to_owned(), |last| facts.spell(last));
    let row = format!("{}  {app}  {}  {active}  {last}", row.defender, people.join(" or "));
    printable::line(&row).into_owned()
}
