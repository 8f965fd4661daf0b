//! Document to [`Script`]: the simulator's half by the simulator's reader, the rest here, all complaints together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use simulator::scenario::fields::{Context, Fields};
use simulator::scenario::tables::MOST_ENTRIES;
use simulator::scenario::yaml::{Node, Value, clip};
use simulator::scenario::{
    AttackIndex, Begins, Document, Foreign, Names, Problems, RoutePattern, ScenarioErrors, read_begins, read_document,
    read_route,
};
use simulator::time::Calendar;

use super::tables::{
    CONSENT_FAULT, EXPECTATION, HEADS, PROCESS_FAULT, PROCESS_FAULT_NAMES, SECOND_COPY, TOP, UNWRITABLE_STATE, keys_of,
};
use super::{
    ConsentFault, ConsentFaultKind, Expectation, Kind, Level, ProcessFault, ProcessFaultKind, Script, Severity, What,
};

/// What conformance reads itself.
pub const FOREIGN: Foreign = Foreign { keys: &["level", "twin_of", "expect"], faults: PROCESS_FAULT_NAMES };

/// Reads a scenario file; `id` is its name in reports.
pub(super) fn read_file(path: &Path, id: &str) -> Result<Script, ScenarioErrors> {
    let (document, problems) = Document::open(path, Problems::default())?;
    if let Some(node) = document.root.get("twin_of") {
        check_twin(path, node, &problems);
    }
    read_document_as_script(document, problems, path, id)
}

/// Reads a scenario from text that is at hand, e.g. out of a recording. Nothing beside it is looked at.
pub fn read_text(id: &str, path: &Path, text: &str) -> Result<Script, ScenarioErrors> {
    let (document, problems) = Document::from_bytes(&path.display().to_string(), text.as_bytes(), Problems::default())?;
    read_document_as_script(document, problems, path, id)
}

/// The twin is another file, and it is there.
fn check_twin(path: &Path, node: &Node, problems: &Problems) {
    let Value::Scalar { text, .. } = &node.value else { return };
    let twin = path.with_file_name(text);
    if Some(text.as_str()) == path.file_name().and_then(|name| name.to_str()) {
        problems.add(node.span, "a file cannot be the twin of itself");
    } else if is_file_name(text) && !twin.is_file() {
        let beside = super::files::beside(path);
        let names = beside
            .iter()
            .filter_map(|p| p.file_name()?.to_str())
            .filter(|name| path.file_name() != Some(name.as_ref()));
        let nearest = simulator::scenario::suggest::nearest(text, names);
        problems.add_with(node.span, format!("there is no file \"{}\" beside this one", clip(text)), nearest);
    }
}

fn is_file_name(text: &str) -> bool {
    (text.ends_with(".yaml") || text.ends_with(".yml")) && !text.contains(['/', '\\'])
}

fn read_document_as_script(
    document: Document,
    problems: Problems,
    path: &Path,
    id: &str,
) -> Result<Script, ScenarioErrors> {
    let names = Names::collect(&document.root, &problems);
    let scenario = read_document(&document, &names, &FOREIGN, &problems);
    let calendar = scenario.as_ref().map_or_else(|| day_1(&document), |s| s.calendar());
    let context = Context { names: &names, calendar, problems: &problems };
    let half = Half::read(&document.root, context);
    document.errors(problems)?;
    let Some((scenario, half)) = scenario.zip(half) else {
        unreachable!("a file without problems has been read to the end")
    };
    Ok(Script {
        id: id.to_owned(),
        path: path.to_owned(),
        hash: Sha256::digest(document.text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect(),
        text: document.text,
        scenario: Arc::new(scenario),
        level: half.level,
        twin_of: half.twin_of,
        expect: half.expect,
        process_faults: half.process_faults,
        consent_faults: half.consent_faults,
    })
}

/// Where the days lie when the simulator's half has errors: on whatever date can be read.
fn day_1(document: &Document) -> Calendar {
    let written = document.root.get("day_1").and_then(|node| match &node.value {
        Value::Scalar { text, .. } => text.parse().ok().filter(|d: &Date| (2000..=2099).contains(&d.year())),
        _ => None,
    });
    Calendar::starting(written.unwrap_or(Date::constant(2026, 3, 2)))
}

/// Conformance's half.
struct Half {
    level: Level,
    twin_of: Option<String>,
    expect: Vec<Expectation>,
    process_faults: Vec<ProcessFault>,
    consent_faults: Vec<ConsentFault>,
}

impl Half {
    fn read(root: &Node, context: Context<'_>) -> Option<Self> {
        if !matches!(root.value, Value::Map(_)) {
            return None;
        }
        let top = Fields::open_part(root, &[TOP], context);
        let level = top.word("level").map(|word| word.value);
        let level = Level::ALL.into_iter().find(|(_, name)| Some(*name) == level).map(|(level, _)| level);
        let twin_of = top.text("twin_of");
        if twin_of.is_some_and(|twin| !is_file_name(twin.value)) {
            top.complain("twin_of", "twin_of is the name of a .yaml file beside this one");
        }
        let faults = root.get("faults").map_or(&[][..], Node::items);
        let faults = &faults[..faults.len().min(MOST_ENTRIES)];
        Some(Self {
            level: level.unwrap_or_default(),
            twin_of: twin_of.map(|twin| twin.value.to_owned()),
            expect: expectations(&top, context),
            process_faults: faults.iter().filter_map(|node| process_fault(node, context)).collect(),
            consent_faults: faults.iter().filter_map(|node| consent_fault(node, context)).collect(),
        })
    }
}

fn expectations(top: &Fields<'_>, context: Context<'_>) -> Vec<Expectation> {
    const SILENCE: &str = "silence is `- { must_not: alert }`";
    let Some(node) = top.node("expect") else {
        context.problems.add(top.span(), format!("a scenario lacks `expect`: what a stack owes; {SILENCE}"));
        return Vec::new();
    };
    match &node.value {
        Value::List(items) if items.is_empty() => {
            context.problems.add(node.span, format!("expect is empty, so every stack would pass; {SILENCE}"));
        }
        Value::Scalar { text, .. } if text.is_empty() => {
            context.problems.add(node.span, format!("expect is empty, so every stack would pass; {SILENCE}"));
        }
        Value::List(items) if items.len() > MOST_ENTRIES => {
            let found = items.len();
            context.problems.add(node.span, format!("expect has {found} entries; at most {MOST_ENTRIES} are read"));
            return Vec::new();
        }
        Value::List(_) | Value::Refused => {}
        _ => context.problems.add(node.span, format!("expect is a list of entries; found {}", node.found())),
    }
    node.items().iter().filter_map(|item| expectation(item, context)).collect()
}

fn expectation(node: &Node, context: Context<'_>) -> Option<Expectation> {
    let fields = Fields::open(node, "an expectation", &[EXPECTATION], &[], context)?;
    let heads: Vec<&str> = HEADS.into_iter().filter(|head| fields.has(head)).collect();
    let head = match heads.as_slice() {
        [head] => *head,
        [] => {
            context.problems.add(fields.span(), "an expectation says one of must, may, must_not");
            return None;
        }
        [_, second, ..] => {
            fields.complain_at_key(
                second,
                format!("an expectation says one of must, may, must_not; found {}", heads.join(" and ")),
            );
            return None;
        }
    };
    let kind = Kind::ALL.into_iter().find(|(_, name)| *name == head).map(|(kind, _)| kind)?;
    let what = fields.word(head).and_then(|word| What::of(word.value));
    if let Some(what) = what {
        check_kind(&fields, kind, head, what);
        check_keys(&fields, kind, what);
    }
    let policy = fields.name("policy").map(|policy| context.names.policies[policy.value].clone());
    let (times, at_most) = (fields.small_number("times"), fields.small_number("at_most"));
    if times.is_some() && at_most.is_some() {
        fields.complain_at_key("at_most", "one of times, at_most says how often; found both");
    }
    if what == Some(What::Alert) && kind == Kind::Must && context.names.policies.is_empty() {
        fields.complain(head, "no policy is in force, so no alert is owed; name one under `policies`");
    }
    if what == Some(What::Usage) && !(fields.has("app") && (fields.has("users") || fields.has("active"))) {
        fields.complain(head, "usage says which `app` has how many `users`, how many of them `active`");
    }
    if what == Some(What::Score) && !(fields.has("control") && fields.has("as")) {
        fields.complain(head, "score says which `control` is told `as` passed or failed");
    }
    if what != Some(What::Alert) && fields.has("target") && fields.has("actor") {
        fields.complain_at_key("actor", "one of target, actor says on whom; found both");
    }
    let severity = fields.word("severity").and_then(|word| Severity::of(word.value));
    Some(Expectation {
        kind,
        policy,
        actor: fields.person("actor").map(|who| who.value),
        attack: fields.name("attack").map(|attack| AttackIndex(attack.value)),
        evidence: fields.steps("evidence").into_iter().map(|id| id.value.to_owned()).collect(),
        severity,
        target: fields.person("target").map(|who| who.value),
        object: fields.text("object").map(|object| object.value.to_owned()),
        app: fields.app("app").map(|app| app.value.0),
        within: fields.duration("within").map(|d| d.value),
        times: times.map(|n| n.value),
        at_most: at_most.map(|n| n.value),
        users: fields.small_number("users").map(|n| n.value),
        active: fields.small_number("active").map(|n| n.value),
        control: fields.text("control").map(|control| control.value.to_owned()),
        passed: fields.word("as").map(|word| word.value == "passed"),
        at: fields.span().at,
        what: what?,
    })
}

/// Some things can only be owed: whoever ingests what need not be is not to blame.
fn check_kind(fields: &Fields<'_>, kind: Kind, head: &str, what: What) {
    if kind != Kind::Must && matches!(what, What::Contain | What::Ingest | What::Usage | What::Score) {
        fields.complain(head, format!("{} can only be owed: write `must: {}`", what.name(), what.name()));
    }
}

fn check_keys(fields: &Fields<'_>, kind: Kind, what: What) {
    let taken = keys_of(what);
    let written = EXPECTATION.iter().filter(|key| key.is_built() && !HEADS.contains(&key.name) && fields.has(key.name));
    for key in written.map(|key| key.name) {
        if !taken.contains(&key) {
            fields.complain_at_key(key, format!("{} takes no `{key}`; it takes {}", what.name(), taken.join(", ")));
        } else if kind == Kind::MustNot && matches!(key, "within" | "times" | "at_most") {
            fields.complain_at_key(key, format!("what must not be must not be once: `{key}` says nothing here"));
        } else if kind == Kind::May && key == "within" {
            fields.complain_at_key(key, "what may be has no deadline: `within` says nothing here");
        }
    }
}

fn process_fault(node: &Node, context: Context<'_>) -> Option<ProcessFault> {
    let Some(Value::Scalar { text, .. }) = node.get("fault").map(|kind| &kind.value) else { return None };
    if !FOREIGN.faults.contains(&text.as_str()) || consent_fault_named(text).is_some() {
        return None;
    }
    let what = format!("fault `{text}`");
    let kind = ProcessFaultKind::ALL.into_iter().find(|kind| kind.name() == text)?;
    match kind {
        ProcessFaultKind::SecondCopy => {
            return at_a_moment(kind, &Fields::open(node, &what, &[SECOND_COPY], &[], context)?, None);
        }
        ProcessFaultKind::UnwritableState => {
            let fields = Fields::open(node, &what, &[UNWRITABLE_STATE], &[], context)?;
            return at_a_moment(kind, &fields, fields.duration("restart_after").map(|d| d.value));
        }
        _ => {}
    }
    let fields = Fields::open(node, &what, &[PROCESS_FAULT], &[], context)?;
    let begins = read_begins(&fields, kind.name(), context);
    let route = match fields.has("route") || !fields.has("at") {
        true => read_route(&fields, kind.name(), context),
        false => None,
    };
    if fields.has("route") && fields.has("at") {
        fields.complain_at_key(
            "route",
            format!("{} at a moment meets no request; `route` goes with nth and page", kind.name()),
        );
    }
    let after = fields.duration("after").map(|d| d.value);
    if kind.kills() && after.is_none() && !fields.has("after") {
        check_token_route(&fields, kind, route.as_ref());
    }
    Some(ProcessFault {
        kind,
        begins: begins?,
        route,
        after,
        restart_after: fields.duration("restart_after").map(|d| d.value),
        times: fields.small_number("times").map_or(1, |n| n.value),
        at: fields.span().at,
    })
}

/// A fault that begins at a moment of the story and meets no request.
fn at_a_moment(kind: ProcessFaultKind, fields: &Fields<'_>, restart_after: Option<Duration>) -> Option<ProcessFault> {
    Some(ProcessFault {
        kind,
        begins: Begins::Time(fields.time("at")?.value),
        route: None,
        after: None,
        restart_after,
        times: 1,
        at: fields.span().at,
    })
}

fn consent_fault_named(word: &str) -> Option<ConsentFaultKind> {
    ConsentFaultKind::ALL.into_iter().find(|kind| kind.name() == word)
}

fn consent_fault(node: &Node, context: Context<'_>) -> Option<ConsentFault> {
    let Some(Value::Scalar { text, .. }) = node.get("fault").map(|kind| &kind.value) else { return None };
    let kind = consent_fault_named(text)?;
    let fields = Fields::open(node, &format!("fault `{text}`"), &[CONSENT_FAULT], &[], context)?;
    let (app, vendor) = fields.app("app")?.value;
    if vendor
        .is_some_and(|vendor| !simulator::vendors::spec(vendor).routes.iter().any(|route| route.name == "authorize"))
    {
        fields.complain("app", format!("{text} happens on the way back from a consent page, and that app has none"));
    }
    Some(ConsentFault { kind, app, at: fields.span().at })
}

/// Killed before its answer, a stack could never learn the single-use token that it was given; and the answer to a
/// delivery is its own.
fn check_token_route(fields: &Fields<'_>, kind: ProcessFaultKind, route: Option<&RoutePattern>) {
    const WHY: &str = "a single-use token whose answer is never sent strands every stack";
    let word = kind.name();
    match route.map(|pattern| pattern.route.as_deref()) {
        Some(Some("webhook")) => fields.complain(
            "route",
            format!(
                "{word} on a webhook's route needs `after`: the answer is the stack's own, and nobody else can hold it back"
            ),
        ),
        Some(Some("token")) => fields.complain("route", format!("{word} on a token route needs `after`: {WHY}")),
        Some(None) => fields.complain(
            "route",
            format!("{word} on all routes of an app meets its token route as well and needs `after`: {WHY}"),
        ),
        _ => {}
    }
}
