//! `conformance list`: id, level, title, vendors and policies of scenarios, without running them.

use std::collections::BTreeSet;

use super::Script;
use crate::printable;

/// A plain table, one line a scenario.
pub fn table(scripts: &[Script]) -> String {
    let head = ["ID", "LEVEL", "VENDORS", "POLICIES", "TITLE"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(scripts.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2), width(3)];
    let mut table = String::new();
    for row in &rows {
        for (cell, width) in row.iter().zip(widths) {
            table.push_str(&format!("{cell:<width$}  "));
        }
        table.push_str(&row[4]);
        table.push('\n');
    }
    table
}

fn row(script: &Script) -> [String; 5] {
    let vendors: BTreeSet<&str> = script.scenario.apps.iter().map(|app| app.vendor.name()).collect();
    let policies: Vec<&str> = script.scenario.policies.iter().map(|policy| policy.name.as_str()).collect();
    let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    [
        script.id.clone(),
        script.level.name().to_owned(),
        or_dash(vendors.into_iter().collect::<Vec<_>>().join(",")),
        or_dash(printable::line(&policies.join(",")).into_owned()),
        printable::line(&script.scenario.title.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned(),
    ]
}
