//! Tree to [`Scenario`]: every entry of the tables, each in its own file.

mod deliveries;
mod faults;
mod files;
mod policies;
mod script;
mod stays;
mod world;

use std::time::Duration;

use jiff::civil::Date;

pub use faults::{read_begins, read_lasts, read_route};

use super::fields::{Context, Fields};
use super::model::{Scenario, StackLife};
use super::names::{self, Names};
use super::problem::Problems;
use super::tables::{MOST_ENTRIES, MOST_STEPS, STACK, TOP};
use super::yaml::{Entry, Node, Value};
use super::{Document, Foreign};
use crate::seed::Seed;
use crate::time::{Calendar, SimTime};
use crate::world::Place;

/// Reads the simulator's half of a document. `None` if anything was complained about, by this reader or before it.
pub fn read_document(document: &Document, names: &Names, foreign: &Foreign, problems: &Problems) -> Option<Scenario> {
    let day_1 = Date::constant(2026, 3, 2);
    let calendar = Calendar::starting(day_1);
    let top = Fields::open(&document.root, "a scenario", &[TOP], foreign.keys, Context { names, calendar, problems })?;
    let day_1 = top.date("day_1").map_or(day_1, |d| d.value);
    let context = Context { names, calendar: Calendar::starting(day_1), problems };
    let home = top.place("home").map(|p| p.value);
    top.text("about");
    source(&top, context);
    let apps = world::apps(&top, context);
    let cast = world::cast(&top, home.unwrap_or_else(default_home), context);
    let networks = world::networks(&top, context);
    let files = files::files(&top, context);
    let attacks = world::attacks(&top, context);
    let policies = policies::policies(&top, context);
    let script = script::script(&top, &apps, &cast, context);
    stays::check(&top, &cast, &script, context);
    let (faults, left_to_caller) = faults::faults(&top, foreign, context);
    let title = top.text("title").map(|title| title.value.trim().to_owned());
    let scenario = Scenario {
        title: title.unwrap_or_default(),
        seed: Seed(top.number("seed").map_or(1, |n| n.value)),
        day_1,
        displaced: Duration::ZERO,
        history_days: top.days("history").map_or(14, |d| d.value),
        people: top.small_number("people").map_or(20, |n| n.value),
        home: home.unwrap_or_else(default_home),
        faults,
        left_to_caller,
        stack: stack(&top, context),
        apps,
        cast,
        networks,
        files,
        attacks,
        policies,
        script,
    };
    problems.is_empty().then_some(scenario)
}

/// Where anybody lives unless said.
fn default_home() -> &'static Place {
    crate::world::place("London").expect("London is a place")
}

/// The entries of a map of entries; complains if it is anything else, or of too many.
fn map_of<'d>(top: &Fields<'d>, key: &str, context: Context<'_>) -> &'d [Entry] {
    let Some(node) = top.node(key) else { return &[] };
    match &node.value {
        Value::Map(entries) if entries.len() > MOST_ENTRIES => {
            too_many(node, key, entries.len(), MOST_ENTRIES, context);
        }
        Value::Map(_) | Value::Refused => {}
        _ => context.problems.add(node.span, format!("{key} is a map from names to entries; found {}", node.found())),
    }
    names::entries(top.root(), key)
}

/// The items of a list of entries; complains if it is anything else, or of too many.
fn list_of<'d>(top: &Fields<'d>, key: &str, context: Context<'_>) -> &'d [Node] {
    let Some(node) = top.node(key) else { return &[] };
    let most = if key == "script" { MOST_STEPS } else { MOST_ENTRIES };
    match &node.value {
        Value::List(items) if items.len() > most => too_many(node, key, items.len(), most, context),
        Value::List(items) => a_line_each(items, context),
        Value::Refused => {}
        _ => context.problems.add(node.span, format!("{key} is a list of entries; found {}", node.found())),
    }
    names::items(top.root(), key)
}

/// Recordings and findings tell entries apart by their lines.
fn a_line_each(items: &[Node], context: Context<'_>) {
    for pair in items.windows(2).filter(|pair| pair[0].span.at.line == pair[1].span.at.line) {
        context.problems.add(pair[1].span, "each entry begins on a line of its own, by which findings name it");
    }
}

fn too_many(node: &Node, key: &str, found: usize, most: usize, context: Context<'_>) {
    context.problems.add(node.span, format!("{key} has {found} entries; at most {most} are read"));
}

fn source(top: &Fields<'_>, context: Context<'_>) {
    for url in top.texts("source") {
        if !url.value.starts_with("https://") && !url.value.starts_with("http://") {
            let found = super::yaml::clip(url.value);
            context.problems.add(url.span, format!("source lists web addresses; found \"{found}\""));
        }
    }
}

/// A time as authors write it: without seconds that are nought.
fn spell(calendar: Calendar, t: SimTime) -> String {
    let spelled = calendar.spell(t);
    spelled.strip_suffix(":00").unwrap_or(&spelled).to_owned()
}

fn stack(top: &Fields<'_>, context: Context<'_>) -> StackLife {
    let day_1 = context.calendar.day_1();
    let fields = top.node("stack").and_then(|node| Fields::open(node, "stack", &[STACK], &[], context));
    let Some(fields) = fields else {
        return StackLife { starts: day_1, ends: None, timezone: "UTC".to_owned() };
    };
    let starts = fields.time("starts").map_or(day_1, |t| t.value);
    let ends = fields.time("ends").map(|t| t.value);
    if starts < day_1 {
        fields.complain("starts", "the stack starts on day 1 at the earliest");
    }
    if ends.is_some_and(|ends| ends <= starts) {
        fields.complain("ends", format!("the end is not after the start ({})", spell(context.calendar, starts)));
    }
    let timezone = fields.text("timezone");
    let is_zone = |zone: &str| {
        zone.len() <= 40
            && zone.split('/').all(|part| {
                part.starts_with(|c: char| c.is_ascii_uppercase())
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))
            })
    };
    if timezone.is_some_and(|zone| !is_zone(zone.value)) {
        fields.complain("timezone", "timezone is an IANA name such as UTC or Europe/Berlin");
    }
    StackLife { starts, ends, timezone: timezone.map_or("UTC", |zone| zone.value).to_owned() }
}
