//! `faults`: what goes wrong between vendor and stack.

use std::time::Duration;

use super::{deliveries, list_of};
use crate::protocol::feed::{Feed, Window};
use crate::protocol::webhooks::PerTopic;
use crate::scenario::Foreign;
use crate::scenario::fields::{Context, Fields, Spanned};
use crate::scenario::model::{
    Becomes, Begins, ErrorBody, ExpiryForm, Fault, FaultKind, Flaw, ForeignFault, ForgedSignature, Framing, Lasts,
    LinkedTo, Packing, RedirectedTo, RetryAfterForm, RoutePattern, ThrottledBy,
};
use crate::scenario::tables::{
    BUILT_FAULTS, FAULT, FAULTS, FIRST_PAGE, INSTANT_FAULTS, PAGE_FAULTS, RECORD_FAULTS, REFUSES_LARGE_PAGES,
};
use crate::scenario::words::known_word;
use crate::scenario::yaml::{Node, Value, clip};
use crate::vendors;

/// `faults`: those that could be read and are not the caller's, and those that are.
pub(super) fn faults(top: &Fields<'_>, foreign: &Foreign, context: Context<'_>) -> (Vec<Fault>, Vec<ForeignFault>) {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for node in list_of(top, "faults", context) {
        match foreign_fault(node, foreign) {
            Some(fault) => others.push(fault),
            None => ours.extend(fault(node, foreign, context)),
        }
    }
    (ours, others)
}

/// The word under `fault`.
fn kind_of(node: &Node) -> Option<Spanned<&str>> {
    node.get("fault").and_then(|kind| match &kind.value {
        Value::Scalar { text, .. } if !text.is_empty() => Some(Spanned { value: text.as_str(), span: kind.span }),
        _ => None,
    })
}

fn foreign_fault(node: &Node, foreign: &Foreign) -> Option<ForeignFault> {
    let kind = kind_of(node).filter(|kind| foreign.faults.contains(&kind.value))?;
    Some(ForeignFault { kind: kind.value.to_owned(), at: node.span.at })
}

fn fault(node: &Node, foreign: &Foreign, context: Context<'_>) -> Option<Fault> {
    let Some(written) = kind_of(node) else {
        // Says that it is no map, has no `fault`, or has one that is no word.
        let fields = Fields::open(node, "a fault", &[FAULT], &all_parameters(), context)?;
        fields.word("fault");
        return None;
    };
    let kind = known_word_of(written, foreign, context)?;
    let built = BUILT_FAULTS.iter().find(|f| f.name == kind).expect("every built kind has its keys");
    let fields = Fields::open(node, &format!("fault `{kind}`"), &[built.keys, FAULT], &[], context)?;
    let bends_records = RECORD_FAULTS.contains(&kind);
    let route = if bends_records { no_route(&fields, kind) } else { read_route(&fields, kind, context) };
    let begins = if bends_records { record_begins(&fields, kind) } else { read_begins(&fields, kind, context) };
    let instant = INSTANT_FAULTS.contains(&kind);
    let lasts = if bends_records { record_lasts(&fields, begins) } else { read_lasts(&fields, kind, begins, instant) };
    let app = fields.app("app").map(|app| app.value.0);
    let records: Vec<String> = fields.steps("records").into_iter().map(|id| id.value.to_owned()).collect();
    for key in ["app", "records"] {
        if !bends_records && fields.has(key) {
            fields
                .complain_at_key(key, format!("{kind} bends no records; `{key}` is for {}", RECORD_FAULTS.join(", ")));
        }
    }
    if kind == "clock" && fields.has("records") {
        fields.complain_at_key("records", "a clock is an app's and no record's; say whose with `app`");
    }
    if kind == "same_ids" && fields.has("app") {
        fields
            .complain_at_key("app", "it takes several instances to give out one id; say whose records with `records`");
    }
    check_target(&fields, kind, route.as_ref(), context);
    deliveries::check(&fields, kind, route.as_ref(), context);
    let kind = fault_kind(kind, &fields)?;
    Some(Fault { kind, route, begins: begins?, lasts: lasts?, app, records, at: fields.span().at })
}

/// A kind that is built; near misses are looked for among the caller's kinds too.
fn known_word_of(written: Spanned<&str>, foreign: &Foreign, context: Context<'_>) -> Option<&'static str> {
    let near = crate::scenario::suggest::nearest(written.value, foreign.faults.iter().copied());
    let ours = FAULTS.words.iter().chain(FAULTS.planned);
    if let (Some(near), None) = (near, crate::scenario::suggest::nearest(written.value, ours.copied())) {
        context.problems.add_with(written.span, format!("unknown fault \"{}\"", clip(written.value)), Some(near));
        return None;
    }
    known_word(&FAULTS, written, context.problems).map(|word| word.value)
}

fn all_parameters() -> Vec<&'static str> {
    BUILT_FAULTS.iter().flat_map(|fault| fault.keys).map(|key| key.name).collect()
}

fn fault_kind(kind: &str, fields: &Fields<'_>) -> Option<FaultKind> {
    let duration = |key: &str| fields.duration(key).map(|d| d.value);
    Some(match kind {
        "error" => {
            let (body, retry_after, status) = (error_body(fields), duration("retry_after"), fields.number("status"));
            let status = u16::try_from(status?.value).expect("the table's most is 599");
            FaultKind::Error { status, body, retry_after }
        }
        "throttle" => FaultKind::Throttle {
            form: retry_after_form(fields),
            retry_after: duration("retry_after").unwrap_or(Duration::from_secs(60)),
            limit: match fields.word("limit").map(|w| w.value) {
                Some("secondary") => ThrottledBy::Secondary,
                _ => ThrottledBy::Usual,
            },
        },
        "hang" => FaultKind::Hang,
        "slow" => FaultKind::Slow { by: duration("by")? },
        "lose_answer" => FaultKind::LoseAnswer,
        "reset" => FaultKind::Reset,
        "idle_close" => FaultKind::IdleClose { after: duration("after").unwrap_or(Duration::from_secs(5)) },
        "no_effect" => FaultKind::NoEffect,
        "expire_token" => FaultKind::ExpireToken,
        "revoke_grant" => FaultKind::RevokeGrant,
        "repeat_cursor" => FaultKind::RepeatCursor,
        "empty_page" => FaultKind::EmptyPage,
        "late" => FaultKind::Late { by: duration("by")? },
        "redeliver" => FaultKind::Redeliver { after: duration("after")? },
        "cycle_cursor" => FaultKind::CycleCursor,
        "expire_cursor" => FaultKind::ExpireCursor,
        "empty_cursor" => FaultKind::EmptyCursor,
        "foreign_next_link" => FaultKind::ForeignNextLink {
            to: match fields.word("to").map(|w| w.value) {
                Some("clear_text") => LinkedTo::ClearText,
                _ => LinkedTo::OtherHost,
            },
        },
        "new_records" => FaultKind::NewRecords { count: fields.small_number("count").map_or(3, |n| n.value) },
        "odd_expiry" => FaultKind::OddExpiry { form: expiry_form(fields) },
        "cut_body" => FaultKind::CutBody {
            percent: fields.small_number("percent").map_or(60, |n| n.value),
            framing: match fields.word("framing").map(|w| w.value) {
                Some("chunked") => Framing::Chunked,
                _ => Framing::ContentLength,
            },
        },
        "drip" => FaultKind::Drip { over: duration("over")? },
        "alter_record" => {
            let (field, becomes) = (field(fields), becomes(fields));
            FaultKind::AlterRecord { field: field?, becomes: becomes? }
        }
        "clock" => FaultKind::Clock { by_us: fields.shift("by")?.value },
        "lose_delivery" => FaultKind::LoseDelivery,
        "forge" => FaultKind::Forge { signature: forged_signature(fields) },
        "replay" => FaultKind::Replay { after: duration("after")? },
        "duplicate" => FaultKind::Duplicate,
        "reorder" => FaultKind::Reorder,
        "newest_signature" => FaultKind::NewestSignature,
        "unsubscribe" => FaultKind::Unsubscribe,
        "reverse_events" => FaultKind::ReverseEvents,
        "repeat_event" => FaultKind::RepeatEvent,
        "spoil_event" => FaultKind::SpoilEvent,
        "foreign_subscription" => FaultKind::ForeignSubscription,
        "large_page" => FaultKind::LargePage { most: fields.small_number("most")?.value },
        "redirect" => {
            let to = match fields.word("to").map(|w| w.value) {
                Some("itself") => RedirectedTo::Itself,
                _ => RedirectedTo::OtherHost,
            };
            FaultKind::Redirect { to, status: redirect_status(fields)? }
        }
        "gzip" => FaultKind::Gzip { form: packing(fields) },
        "heavy_window" => FaultKind::HeavyWindow { per_day: duration("per_day")? },
        "same_ids" => FaultKind::SameIds,
        "bad_certificate" => {
            let word = fields.word("flaw").map_or("self_signed", |w| w.value);
            let flaw = Flaw::ALL.into_iter().find(|(_, known)| *known == word);
            FaultKind::BadCertificate { flaw: flaw.map(|(flaw, _)| flaw)? }
        }
        "crowd" => FaultKind::Crowd {
            most: fields.small_number("most")?.value,
            takes: duration("takes")?,
            retry_after: duration("retry_after").unwrap_or(Duration::from_secs(5)),
        },
        other => unreachable!("`{other}` is in the table of built kinds and is read nowhere"),
    })
}

fn error_body(fields: &Fields<'_>) -> ErrorBody {
    match fields.word("body").map(|w| w.value) {
        Some("html") => ErrorBody::Html,
        Some("empty") => ErrorBody::Empty,
        Some("error_in_200") => ErrorBody::ErrorIn200,
        _ => ErrorBody::Vendor,
    }
}

fn expiry_form(fields: &Fields<'_>) -> ExpiryForm {
    match fields.word("form").map(|w| w.value) {
        Some("zero") => ExpiryForm::Zero,
        Some("text") => ExpiryForm::Text,
        Some("negative") => ExpiryForm::Negative,
        _ => ExpiryForm::Missing,
    }
}

fn forged_signature(fields: &Fields<'_>) -> ForgedSignature {
    match fields.word("signature").map(|w| w.value) {
        Some("wrong") => ForgedSignature::Wrong,
        Some("other_tenant") => ForgedSignature::OtherTenant,
        Some("other_body") => ForgedSignature::OtherBody,
        _ => ForgedSignature::None,
    }
}

/// The largest text that a record is filled with, bytes.
const MOST_FILLER: usize = 4_000_000;

fn becomes(fields: &Fields<'_>) -> Option<Becomes> {
    let text = fields.text("becomes")?.value;
    let wrong = |expected: &str| {
        fields.complain("becomes", format!("{expected}; found \"{}\"", clip(text)));
        None
    };
    match fields.word("as").map(|w| w.value) {
        Some("number") => match text.parse() {
            Ok(number) => Some(Becomes::Number(number)),
            Err(_) => wrong("as a number it becomes a whole one of at most 64 bits"),
        },
        Some("filler") => match text.parse() {
            Ok(bytes) if (1..=MOST_FILLER).contains(&bytes) => Some(Becomes::Filler(bytes)),
            _ => wrong("as filler it becomes a number of bytes from 1 to 4000000"),
        },
        Some(_) => Some(Becomes::Text(text.to_owned())),
        None => Some(match text {
            "missing" => Becomes::Missing,
            "nothing" => Becomes::Nothing,
            "retyped" => Becomes::Retyped,
            text => Becomes::Text(text.to_owned()),
        }),
    }
}

fn packing(fields: &Fields<'_>) -> Packing {
    match fields.word("form").map(|w| w.value) {
        Some("members") => Packing::Members,
        Some("cut") => Packing::Cut,
        Some("bomb") => Packing::Bomb,
        _ => Packing::Whole,
    }
}

/// 304 and its like are no redirections.
fn redirect_status(fields: &Fields<'_>) -> Option<u16> {
    let written = fields.number("status").map_or(302, |status| status.value);
    if ![301, 302, 303, 307, 308].contains(&written) {
        fields.complain("status", format!("a redirection has the status 301, 302, 303, 307 or 308; found {written}"));
    }
    u16::try_from(written).ok()
}

/// A path of names, with dots between them.
fn field(fields: &Fields<'_>) -> Option<Vec<String>> {
    let text = fields.text("field")?;
    let path: Vec<String> = text.value.split('.').map(str::to_owned).collect();
    if path.iter().any(String::is_empty) {
        let found = clip(text.value);
        fields.complain("field", format!("field is a path of names such as `context.ip`; found \"{found}\""));
        return None;
    }
    Some(path)
}

/// What only some routes and vendors can be struck with.
fn check_target(fields: &Fields<'_>, kind: &str, route: Option<&RoutePattern>, context: Context<'_>) {
    let Some(pattern) = route else { return };
    let (app, vendor) = &context.names.apps[pattern.app.0];
    if kind == "foreign_next_link" && vendor.is_some_and(|vendor| !vendors::spec(vendor).links_pages) {
        let message = format!("{app} gives cursors and no links: its next page cannot lie on another host");
        fields.complain("route", message);
    }
    let spec = vendor.map(vendors::spec);
    let route = spec.and_then(|spec| spec.routes.iter().find(|r| pattern.route.as_deref() == Some(r.name)));
    let logs = spec.map(|spec| spec.feeds).unwrap_or_default();
    if kind == "new_records" && route.is_some_and(|r| !logs.iter().any(|log| r.feed == Some(log.name))) {
        let logs: Vec<&str> = logs.iter().map(|log| log.name).collect();
        fields.complain("route", format!("new_records arrive in a log; those of {app} are {}", logs.join(", ")));
    }
    if kind == "throttle"
        && fields.word("limit").is_some_and(|limit| limit.value == "secondary")
        && spec.is_some_and(|spec| spec.limits.secondary.is_none())
    {
        fields.complain("limit", format!("{app} has no limit beside those that its headers tell of"));
    }
    if kind == "bad_certificate" && pattern.route.is_some() {
        fields.complain("route", format!("a certificate is shown before any route is asked for; write {app}"));
    }
    let parameters = |log: &&Feed| matches!(log.window, Window::Parameters { .. });
    if kind == "heavy_window"
        && !route.is_some_and(|r| logs.iter().filter(parameters).any(|log| r.feed == Some(log.name)))
    {
        let logs: Vec<&str> = logs.iter().filter(parameters).map(|log| log.name).collect();
        let why = match logs.is_empty() {
            true => format!("no log of {app} has parameters that name a window"),
            false => format!("heavy_window strikes logs whose parameters name a window; of {app}: {}", logs.join(", ")),
        };
        fields.complain("route", why);
    }
    if kind == "foreign_subscription"
        && spec.is_some_and(|spec| !spec.webhooks.is_some_and(|webhooks| webhooks.per_topic == PerTopic::One))
    {
        fields.complain("route", format!("{app} has no topic with one address, so nobody's place can be taken"));
    }
    if kind == "large_page" && vendor.is_some_and(|vendor| !REFUSES_LARGE_PAGES.contains(&vendor)) {
        fields.complain("route", format!("{app} refuses no page for its size: it serves fewer records"));
    }
    if kind == "large_page" && route.is_none_or(|r| r.feed.is_none()) {
        fields.complain("route", "large_page strikes one list; write its route");
    }
    if kind == "odd_expiry" && pattern.route.as_deref() != Some("token") {
        fields.complain("route", format!("odd_expiry strikes token answers; write {app}.token"));
    }
}

fn retry_after_form(fields: &Fields<'_>) -> RetryAfterForm {
    match fields.word("form").map(|w| w.value) {
        Some("seconds") => RetryAfterForm::Seconds,
        Some("http_date") => RetryAfterForm::HttpDate,
        Some("fraction") => RetryAfterForm::Fraction,
        Some("zero") => RetryAfterForm::Zero,
        Some("none") => RetryAfterForm::None,
        None if fields.has("retry_after") => RetryAfterForm::Seconds,
        _ => RetryAfterForm::Vendor,
    }
}

/// Reads `route`: `APP.ROUTE` or `APP`. Complains if it is missing or nobody serves it.
pub fn read_route(fields: &Fields<'_>, kind: &str, context: Context<'_>) -> Option<RoutePattern> {
    if !fields.has("route") {
        context.problems.add(fields.span(), format!("fault `{kind}` lacks `route`: the requests it meets"));
        return None;
    }
    let text = fields.text("route")?;
    let (name, route) = match text.value.split_once('.') {
        Some((name, route)) => (name, Some(route)),
        None => (text.value, None),
    };
    if name == "sink" {
        context.problems.add(text.span, "route `sink` is not built yet; built: APP.ROUTE and APP");
        return None;
    }
    let (app, vendor) = context.names.app(Spanned { value: name, span: text.span }, context.problems)?.value;
    if let (Some(route), Some(vendor)) = (route, vendor) {
        let spec = vendors::spec(vendor);
        let deliveries = spec.webhooks.map(|webhooks| webhooks.route);
        let routes = || spec.routes.iter().map(|r| r.name).chain(deliveries);
        if !routes().any(|known| known == route) {
            let known: Vec<String> = routes().map(|known| format!("{name}.{known}")).collect();
            context.problems.unknown(text.span, "route", text.value, known.iter().map(String::as_str));
            return None;
        }
    }
    Some(RoutePattern { app, route: route.map(str::to_owned) })
}

fn no_route(fields: &Fields<'_>, kind: &str) -> Option<RoutePattern> {
    if fields.has("route") {
        fields.complain_at_key("route", format!("{kind} bends records and meets no request; say whose with `app`"));
    }
    None
}

/// Reads which of `nth`, `page`, `at` says when a fault begins; exactly one has to.
///
/// With `times` or `N..M`, `nth` covers every request that is met; with `for` it is the first alone.
pub fn read_begins(fields: &Fields<'_>, kind: &str, context: Context<'_>) -> Option<Begins> {
    let written: Vec<&str> = ["nth", "page", "at"].into_iter().filter(|key| fields.has(key)).collect();
    if let ["nth" | "page" | "at", second, ..] = written.as_slice() {
        fields.complain_at_key(
            second,
            format!("exactly one of nth, page, at says when a fault begins; found {}", written.join(" and ")),
        );
        return None;
    }
    if PAGE_FAULTS.contains(&kind) && !fields.has("route") {
        return None;
    }
    let first_page = FIRST_PAGE.iter().find(|(name, _)| *name == kind).map(|(_, page)| *page);
    match (first_page, written.first().copied()) {
        (Some(first), Some(key @ ("nth" | "at"))) => {
            let why = format!("{kind} begins with a page (from {first}): another request may be one it cannot strike");
            fields.complain_at_key(key, why);
            return None;
        }
        (_, Some(key @ ("nth" | "page"))) if kind == "empty_cursor" => {
            let why = "empty_cursor strikes last pages, and which request asks for one is the client's to say";
            fields.complain_at_key(key, format!("{why}; write `at` and `for`"));
            return None;
        }
        _ => {}
    }
    match written.first().copied() {
        Some("nth") => nth(fields),
        Some("page") => page(fields, kind, first_page.unwrap_or(1), context),
        Some(_) => fields.time("at").map(|at| Begins::Time(at.value)),
        None => {
            context
                .problems
                .add(fields.span(), format!("fault `{kind}` does not say when it begins: one of nth, page, at"));
            None
        }
    }
}

fn nth(fields: &Fields<'_>) -> Option<Begins> {
    let text = fields.text("nth")?;
    let number = |text: &str| {
        text.parse::<u32>().ok().filter(|n| text.bytes().all(|b| b.is_ascii_digit()) && (1..=1_000_000).contains(n))
    };
    let range = match text.value.split_once("..") {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(text.value).map(|n| (n, n)),
    };
    let Some((first, last)) = range.filter(|(first, last)| first <= last) else {
        fields.complain("nth", format!("nth is a request's number from 1, or N..M; found \"{}\"", clip(text.value)));
        return None;
    };
    let ranged = text.value.contains("..");
    if let Some(key) = ["times", "for"].into_iter().find(|key| ranged && fields.has(key)) {
        fields.complain_at_key(key, format!("nth {first}..{last} says how long it lasts; `{key}` would say it again"));
    }
    let times = if ranged || !fields.has("times") { 1 } else { fields.small_number("times")?.value };
    Some(Begins::Nth(first, last.max(first.saturating_add(times - 1))))
}

fn page(fields: &Fields<'_>, kind: &str, first: u32, context: Context<'_>) -> Option<Begins> {
    let page = fields.small_number("page")?;
    if page.value < first {
        fields.complain("page", format!("{kind} strikes page {first} at the earliest; found {}", page.value));
    }
    let text = fields.text("route")?.value;
    let (name, route) = text.split_once('.').unwrap_or((text, ""));
    if route.is_empty() {
        fields.complain("route", format!("`page` counts the pages of one route; write {name}.ROUTE"));
    }
    let app = context.names.apps.iter().position(|(app, _)| app == name)?;
    let routes = context.names.apps[app].1.map(|vendor| vendors::spec(vendor).routes).unwrap_or_default();
    let webhooks = context.names.apps[app].1.and_then(|vendor| vendors::spec(vendor).webhooks);
    let has_none = routes.iter().any(|r| r.name == route && r.feed.is_none());
    if has_none || webhooks.is_some_and(|webhooks| webhooks.route == route) {
        fields
            .complain("route", format!("`page` counts the pages of a list, and {name}.{route} has none; write `nth`"));
    }
    if !context.names.paged[app] {
        let message =
            format!("`page` needs a page_size of {name}: without one a client may ask for everything on page 1");
        context.problems.add(page.span, message);
    }
    Some(Begins::Page(page.value))
}

/// Reads how long a fault lasts: `times` or `for`, one request if neither is written.
pub fn read_lasts(fields: &Fields<'_>, kind: &str, begins: Option<Begins>, instant: bool) -> Option<Lasts> {
    if fields.has("times") && fields.has("for") {
        fields.complain_at_key("for", "one of times, for says how long a fault lasts; found both");
        return None;
    }
    if fields.has("for") {
        return fields.duration("for").map(|d| Lasts::For(d.value));
    }
    match begins? {
        Begins::Time(_) if !fields.has("times") && !instant => {
            fields.complain("at", format!("fault `{kind}` with `at` lacks `for` (or `times`): how long it lasts"));
            None
        }
        Begins::Nth(first, last) => Some(Lasts::Requests(last - first + 1)),
        _ if fields.has("times") => fields.small_number("times").map(|n| Lasts::Requests(n.value)),
        _ => Some(Lasts::Requests(1)),
    }
}

fn record_begins(fields: &Fields<'_>, kind: &str) -> Option<Begins> {
    for key in ["nth", "page", "times"] {
        if fields.has(key) {
            fields
                .complain_at_key(key, format!("{kind} meets no request, so `{key}` says nothing; it takes at and for"));
        }
    }
    if fields.has("at") { fields.time("at").map(|at| Begins::Time(at.value)) } else { Some(Begins::Always) }
}

fn record_lasts(fields: &Fields<'_>, begins: Option<Begins>) -> Option<Lasts> {
    match (begins?, fields.has("for")) {
        (Begins::Always, true) => {
            fields.complain_at_key("for", "`for` counts from `at`, which is missing");
            None
        }
        (_, true) => fields.duration("for").map(|d| Lasts::For(d.value)),
        (Begins::Always, false) => Some(Lasts::Always),
        (_, false) => {
            fields.complain("at", "`at` lacks `for`: how long it lasts");
            None
        }
    }
}
