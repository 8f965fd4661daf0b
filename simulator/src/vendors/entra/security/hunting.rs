//! `POST /v1.0/security/runHuntingQuery`: the two tables of behaviors, asked in the smallest part of the query language.
//!
//! A query names a table and goes on with `where COLUMN OPERATOR VALUE`, several of them joined by `and`, `project` with
//! columns, and `take` or `limit`, each behind a `|`. A value is a text in quotes, `datetime(…)` or `ago(…)`. Whatever else
//! is asked for is refused by its name. Nothing older than thirty days is found, and no more than 100,000 rows are told.
//!
//! # Sources
//! The CSDL's `runHuntingQuery` (`Query`, `Timespan`, `schema`, `results`); behaviors.md for the tables, how they are joined,
//! `ServiceSource` and `AttackTechniques`. The columns and both limits are recalled. `ActionType`, the entities' roles and
//! what `Description` says are invented.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::behaviors;
use crate::protocol::dialect::Failure;
use crate::protocol::exchange::{Answer, Context, Request};
use crate::protocol::security::SecurityAlert;
use crate::time::{DAY, SimTime};

/// Rows told at most.
const MOST_ROWS: usize = 100_000;
/// How far back there is anything, days.
const KEPT_DAYS: u32 = 30;

/// A column: its name and its type in the answer's schema.
type Column = (&'static str, &'static str);

/// A table: its name, its columns, and the rows of a behavior.
struct Table {
    name: &'static str,
    columns: &'static [Column],
    rows: fn(&Context<'_>, &SecurityAlert) -> Vec<Value>,
}

const STRING: &str = "String";
const TIME: &str = "DateTime";

const TABLES: [Table; 2] = [
    Table {
        name: "BehaviorInfo",
        columns: &[
            ("Timestamp", TIME),
            ("BehaviorId", STRING),
            ("ActionType", STRING),
            ("Description", STRING),
            ("Categories", STRING),
            ("AttackTechniques", STRING),
            ("ServiceSource", STRING),
            ("DetectionSource", STRING),
            ("AccountUpn", STRING),
            ("AccountObjectId", STRING),
            ("StartTime", TIME),
            ("EndTime", TIME),
        ],
        rows: |ctx, behavior| vec![info(ctx, behavior)],
    },
    Table {
        name: "BehaviorEntities",
        columns: &[
            ("Timestamp", TIME),
            ("BehaviorId", STRING),
            ("ActionType", STRING),
            ("Categories", STRING),
            ("ServiceSource", STRING),
            ("DetectionSource", STRING),
            ("EntityType", STRING),
            ("EntityRole", STRING),
            ("RemoteIP", STRING),
            ("AccountName", STRING),
            ("AccountDomain", STRING),
            ("AccountObjectId", STRING),
            ("AccountUpn", STRING),
            ("Application", STRING),
        ],
        rows: entities,
    },
];

/// `runHuntingQuery`.
pub(in super::super) fn run(ctx: &mut Context<'_>, request: &Request) -> Result<Answer, Failure> {
    let sent = super::super::odata::body(request)?;
    // The name is written either way.
    let text = sent.iter().find(|(key, _)| key.eq_ignore_ascii_case("query")).and_then(|(_, value)| value.as_str());
    let text = text.ok_or_else(|| refused("The request body must hold a query."))?;
    if let Some(key) = sent.keys().find(|key| !key.eq_ignore_ascii_case("query")) {
        return Err(refused(&format!("'{key}' is not supported.")));
    }
    let query = Query::read(text, ctx.now)?;
    let since = ctx.now - DAY * KEPT_DAYS;
    let kept = behaviors(ctx).into_iter().filter(|behavior| behavior.made >= since);
    let rows = kept.flat_map(|behavior| (query.table.rows)(ctx, &behavior)).filter(|row| query.fits(row));
    let results: Vec<Value> = rows.take(query.most).map(|row| query.shown(&row)).collect();
    let schema: Vec<Value> = query.columns.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
    Ok(Answer::json(StatusCode::OK, &json!({ "schema": schema, "results": results })))
}

fn refused(why: &str) -> Failure {
    Failure::bad_parameter("Query", why)
}

/// A comparison of a column with a value: every one has to hold.
struct Condition {
    column: &'static str,
    operator: &'static str,
    value: String,
}

/// Longer ones first: `>` is a part of `>=`.
const OPERATORS: [&str; 6] = ["==", "!=", ">=", "<=", ">", "<"];

/// A query that can be answered.
struct Query {
    table: &'static Table,
    conditions: Vec<Condition>,
    columns: Vec<Column>,
    most: usize,
}

impl Query {
    fn read(text: &str, now: SimTime) -> Result<Self, Failure> {
        let mut steps = split(text.trim().trim_end_matches(';'), "|").into_iter().map(str::trim);
        let name = steps.next().unwrap_or_default();
        let table = TABLES.iter().find(|table| table.name == name);
        let table = table.ok_or_else(|| refused(&format!("'{name}' is not a table that can be queried here.")))?;
        let mut query = Self { table, conditions: Vec::new(), columns: table.columns.to_vec(), most: MOST_ROWS };
        for step in steps {
            let (operator, rest) = step.split_once(char::is_whitespace).unwrap_or((step, ""));
            match operator {
                "where" => {
                    for one in split(rest, " and ") {
                        let condition = query.condition(one.trim(), now)?;
                        query.conditions.push(condition);
                    }
                }
                "project" => {
                    query.columns =
                        rest.split(',').map(|column| query.column(column.trim())).collect::<Result<_, _>>()?;
                }
                "take" | "limit" => {
                    let number = rest.trim().parse().map_err(|_| refused(&format!("'{rest}' is not a number.")))?;
                    query.most = query.most.min(number);
                }
                other => return Err(refused(&format!("The operator '{other}' is not supported."))),
            }
        }
        Ok(query)
    }

    fn column(&self, name: &str) -> Result<Column, Failure> {
        let known = self.columns.iter().find(|(column, _)| *column == name);
        known.copied().ok_or_else(|| refused(&format!("'{name}' does not refer to any known column.")))
    }

    fn condition(&self, text: &str, now: SimTime) -> Result<Condition, Failure> {
        let unknown = || refused(&format!("The expression '{text}' is not supported."));
        let at = text.find(|c: char| "=!<>".contains(c)).ok_or_else(unknown)?;
        let (column, rest) = text.split_at(at);
        let (column, kind) = self.column(column.trim())?;
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)).ok_or_else(unknown)?;
        let written = rest[operator.len()..].trim();
        let within = |name: &str| written.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim);
        let quoted = ['"', '\''].iter().find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote));
        let value = match kind {
            TIME => {
                let moment = within("datetime").map(|text| text.trim_matches(['"', '\'']));
                let moment = moment.and_then(moment_of).or_else(|| within("ago").and_then(|span| ago(span, now)));
                spelled(moment.ok_or_else(unknown)?)
            }
            _ if ["==", "!="].contains(&operator) => quoted.ok_or_else(unknown)?.to_owned(),
            _ => return Err(unknown()),
        };
        Ok(Condition { column, operator, value })
    }

    fn fits(&self, row: &Value) -> bool {
        self.conditions.iter().all(|condition| {
            let (found, value) = (row[condition.column].as_str().unwrap_or_default(), condition.value.as_str());
            match condition.operator {
                "==" => found == value,
                "!=" => found != value,
                ">=" => found >= value,
                "<=" => found <= value,
                ">" => found > value,
                _ => found < value,
            }
        })
    }

    fn shown(&self, row: &Value) -> Value {
        let shown = self.columns.iter().map(|(name, _)| ((*name).to_owned(), row[*name].clone()));
        Value::Object(shown.collect::<Map<_, _>>())
    }
}

/// Parts of a text between separators that stand in no quotes.
fn split<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let (mut parts, mut from, mut quote) = (Vec::new(), 0, None);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if at >= from && text[at..].starts_with(separator) => {
                parts.push(&text[from..at]);
                from = at + separator.len();
            }
            None => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

/// Times of one length, which compare as they are written.
fn spelled(at: SimTime) -> String {
    at.civil().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// A date, or a time with or without its zone.
fn moment_of(text: &str) -> Option<SimTime> {
    let zoned = format!("{text}Z");
    let whole = format!("{text}T00:00:00Z");
    [text, &zoned, &whole].into_iter().find_map(SimTime::parse_rfc3339)
}

/// So many days, hours or minutes before now.
fn ago(span: &str, now: SimTime) -> Option<SimTime> {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let (number, seconds) = units.into_iter().find_map(|(unit, seconds)| Some((span.strip_suffix(unit)?, seconds)))?;
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    Some(now - std::time::Duration::from_secs(seconds))
}

fn info(ctx: &Context<'_>, behavior: &SecurityAlert) -> Value {
    let person = ctx.sim.world.person(behavior.person);
    let times = behavior.evidence.iter().map(|record| record.activity.occurred);
    let edge = |time: Option<SimTime>| spelled(time.unwrap_or(behavior.made));
    let mut row = common(behavior);
    row["Description"] = json!(behavior.description);
    row["AttackTechniques"] = json!("[\"Valid Accounts (T1078)\"]");
    row["AccountUpn"] = json!(person.email);
    row["AccountObjectId"] = json!(person.directory_id);
    row["StartTime"] = json!(edge(times.clone().min()));
    row["EndTime"] = json!(edge(times.max()));
    row
}

/// What both tables say of a behavior.
fn common(behavior: &SecurityAlert) -> Value {
    json!({
        "Timestamp": spelled(behavior.made),
        "BehaviorId": behavior.id,
        "ActionType": behavior.title.split(' ').map(capitalized).collect::<String>(),
        "Categories": json!([behavior.category]).to_string(),
        "ServiceSource": "Microsoft Cloud App Security",
        "DetectionSource": "Cloud App Security",
    })
}

fn capitalized(word: &str) -> String {
    word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

/// Who, from where, in which apps.
fn entities(ctx: &Context<'_>, behavior: &SecurityAlert) -> Vec<Value> {
    let person = ctx.sim.world.person(behavior.person);
    let entity = |kind: &str, role: &str, more: &[(&str, &str)]| {
        let mut row = common(behavior);
        row["EntityType"] = json!(kind);
        row["EntityRole"] = json!(role);
        for (column, value) in more {
            row[*column] = json!(value);
        }
        row
    };
    let (account, domain) = person.email.split_once('@').unwrap_or((&person.email, ""));
    let user = [
        ("AccountName", account),
        ("AccountDomain", domain),
        ("AccountObjectId", &*person.directory_id),
        ("AccountUpn", &*person.email),
    ];
    let mut all = vec![entity("User", "Impacted", &user)];
    let mut addresses: Vec<String> =
        behavior.evidence.iter().filter_map(|record| Some(record.activity.address?.to_string())).collect();
    addresses.dedup();
    all.extend(addresses.iter().map(|address| entity("Ip", "Related", &[("RemoteIP", address)])));
    all.extend(behavior.apps.iter().map(|app| entity("CloudApplication", "Related", &[("Application", &app.name)])));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_refused_by_its_name() {
        let now = SimTime::parse_rfc3339("2026-03-02T12:00:00Z").unwrap();
        #[rustfmt::skip]
        let cases = [
            ("BehaviorInfo | where ActionType == \"a | b and c\" and Timestamp > ago(1d) | project BehaviorId | take 5", None),
            ("BehaviorEntities\n| where Timestamp >= datetime(2026-03-01) | limit 10;", None),
            ("DeviceInfo",                                      Some("'DeviceInfo' is not a table")),
            ("BehaviorInfo | join BehaviorEntities on BehaviorId", Some("operator 'join'")),
            ("BehaviorInfo | where Nobody == \"x\"",            Some("'Nobody' does not refer")),
            ("BehaviorInfo | project BehaviorId | where ActionType == \"x\"", Some("'ActionType' does not refer")),
            ("BehaviorInfo | where ActionType has \"x\"",       Some("expression 'ActionType has \"x\"'")),
            ("BehaviorInfo | where ActionType > \"x\"",         Some("expression")),
            ("BehaviorInfo | where Timestamp > \"yesterday\"",  Some("expression")),
            ("BehaviorInfo | where Timestamp > ago(99999999999d)", None),
            ("BehaviorInfo | where Timestamp > ago(7\u{434})", Some("expression")),
            ("BehaviorInfo | where Timestamp > ago()",          Some("expression")),
            ("BehaviorInfo | take many",                        Some("'many' is not a number")),
        ];
        for (text, refused) in cases {
            match (Query::read(text, now), refused) {
                (Ok(_), None) => {}
                (Err(Failure::BadParameter { why, .. }), Some(part)) => assert!(why.contains(part), "{text}: {why}"),
                (found, _) => panic!("{text}: {}", found.is_ok()),
            }
        }
    }
}
