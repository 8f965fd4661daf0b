//! `apps`, `cast`, `networks`, `attacks`.

use std::collections::BTreeMap;

use super::map_of;
use crate::scenario::fields::{Context, Fields, Spanned};
use crate::scenario::model::{
    App, AppIndex, AttackSpec, CastMember, Credentials, LISTED, Listed, Login, MdaMode, NetworkSpec, NetworkTag,
    PersonKind, SignIn, Vendor, VendorProfile,
};
use crate::scenario::tables::{APP, NETWORK, PERSON, VENDORS};
use crate::scenario::words::is_snake;
use crate::scenario::yaml::{Entry, Node, Value, clip};
use crate::vendors::spec;
use crate::world::Place;

/// `apps`: as many as are named, whatever is wrong with them, so that indices hold.
pub(super) fn apps(top: &Fields<'_>, context: Context<'_>) -> Vec<App> {
    let entries = map_of(top, "apps", context);
    if entries.is_empty() && matches!(top.node("apps").map(|n| &n.value), Some(Value::Map(_))) {
        top.complain("apps", "a scenario needs at least one app");
    }
    let has_entra = context.names.apps.iter().any(|(_, vendor)| vendor.is_some_and(Vendor::is_directory));
    entries.iter().map(|entry| app(entry, has_entra, context)).collect()
}

fn app(entry: &Entry, has_entra: bool, context: Context<'_>) -> App {
    let name = &entry.key;
    let fields = Fields::open(&entry.value, &format!("app \"{}\"", clip(name)), &[APP], &[], context);
    let fields = fields.as_ref();
    let vendor = match fields.filter(|f| f.has("vendor")) {
        Some(fields) => fields.word("vendor").map(|v| v.value),
        None => own_name(entry, context),
    };
    let vendor = Vendor::ALL.into_iter().find(|v| Some(v.name()) == vendor);
    let sign_in = match fields.and_then(|f| f.word("sign_in")).map(|w| w.value) {
        Some("password") => SignIn::Password,
        Some(_) => SignIn::Sso,
        None if has_entra => SignIn::Sso,
        None => SignIn::Password,
    };
    if let Some(fields) = fields.filter(|f| f.has("sign_in")) {
        match (vendor, sign_in) {
            (Some(Vendor::Entra), SignIn::Password) => {
                fields.complain("sign_in", "an entra is the directory itself; sign_in is for the other apps");
            }
            (Some(_), SignIn::Sso) if !has_entra => {
                fields.complain("sign_in", "sso needs an app whose vendor is entra");
            }
            _ => {}
        }
    }
    let offered = vendor.map_or(&[Credentials::App][..], |vendor| spec(vendor).credentials.kinds);
    let credentials = fields.and_then(|f| f.word("credentials")).map_or(offered[0], |written| {
        let known = Credentials::ALL.into_iter().find(|(_, word)| *word == written.value);
        known.expect("the vocabulary is this table's").0
    });
    if let (Some(fields), Some(vendor)) = (fields.filter(|_| !offered.contains(&credentials)), vendor) {
        let words = Credentials::ALL.into_iter().filter(|(kind, _)| offered.contains(kind)).map(|(_, word)| word);
        let words = words.collect::<Vec<_>>().join(", ");
        fields.complain("credentials", format!("{} gives no such access; it gives: {words}", vendor.name()));
    }
    let profile = fields.and_then(|f| f.word("profile")).map(|word| {
        VendorProfile::ALL.into_iter().find(|(_, name, _)| *name == word.value).expect("the vocabulary is this table's")
    });
    if let (Some(fields), Some(vendor), Some((_, name, Some(owner)))) = (fields, vendor, profile)
        && owner != vendor
    {
        fields.complain("profile", format!("{name} is a variant of {}, not of {}", owner.name(), vendor.name()));
    }
    App {
        name: name.clone(),
        // Whoever could not be read has been complained about, and the scenario is refused.
        vendor: vendor.unwrap_or(Vendor::Miro),
        sign_in,
        credentials,
        page_size: fields.and_then(|f| f.small_number("page_size")).map(|n| n.value),
        token_life: fields.and_then(|f| f.duration("token_life")).map(|d| d.value),
        retention: fields.and_then(|f| f.duration("retention")).map(|d| d.value),
        scopes: fields.filter(|f| f.has("scopes")).map(|f| scopes(f, vendor, credentials, context)),
        profile: profile.map_or(VendorProfile::Current, |(profile, ..)| profile),
        mda_mode: mda_mode(fields, vendor),
        at: entry.key_span.at,
    }
}

/// What the built-in policies of a defender become; the key is refused for everybody else.
fn mda_mode(fields: Option<&Fields<'_>>, vendor: Option<Vendor>) -> MdaMode {
    let Some((fields, word)) = fields.and_then(|f| Some((f, f.word("mda_mode")?))) else { return MdaMode::ALL[0].0 };
    if let Some(other) = vendor.filter(|v| *v != Vendor::Defender) {
        fields.complain("mda_mode", format!("only a defender has policies of its own, not {}", other.name()));
    }
    let mode = MdaMode::ALL.into_iter().find(|(_, name)| *name == word.value);
    mode.expect("the vocabulary is this table's").0
}

/// Scopes or permissions of the vendor's, each once.
fn scopes(fields: &Fields<'_>, vendor: Option<Vendor>, credentials: Credentials, context: Context<'_>) -> Vec<String> {
    let known = vendor.map(|vendor| spec(vendor).credentials.grantable(credentials)).unwrap_or_default();
    let written = fields.texts("scopes").into_iter();
    let mut scopes: Vec<String> = Vec::new();
    for scope in written {
        if vendor.is_some() && !known.iter().any(|name| name == scope.value) {
            context.problems.unknown(scope.span, "scope", scope.value, known.iter().map(String::as_str));
        } else if !scopes.iter().any(|s| s == scope.value) {
            scopes.push(scope.value.to_owned());
        }
    }
    scopes
}

/// The vendor of an app that is called after it.
fn own_name(entry: &Entry, context: Context<'_>) -> Option<&'static str> {
    let name = Spanned { value: entry.key.as_str(), span: entry.key_span };
    if let Some(word) = VENDORS.words.iter().find(|word| **word == name.value) {
        return Some(word);
    }
    let near = crate::scenario::suggest::nearest(name.value, VENDORS.words.iter().chain(VENDORS.planned).copied());
    if VENDORS.planned.contains(&name.value) {
        crate::scenario::words::known_word(&VENDORS, name, context.problems);
    } else if !matches!(entry.value.value, Value::Refused) && is_snake(name.value) {
        let there_are = if near.is_none() { format!(" ({})", VENDORS.words.join(", ")) } else { String::new() };
        let message =
            format!("app \"{}\" is not called after a vendor, so it needs `vendor`{there_are}", clip(name.value));
        context.problems.add_with(name.span, message, near);
    }
    None
}

/// `cast`: as many as are named, so that indices hold.
pub(super) fn cast(top: &Fields<'_>, home: &'static Place, context: Context<'_>) -> Vec<CastMember> {
    map_of(top, "cast", context).iter().map(|entry| person(entry, home, context)).collect()
}

fn person(entry: &Entry, home: &'static Place, context: Context<'_>) -> CastMember {
    let all = || (0..context.names.apps.len()).map(AppIndex).collect::<Vec<_>>();
    let mut member = CastMember {
        key: entry.key.clone(),
        name: None,
        email: None,
        home,
        job: None,
        kind: PersonKind::Employee,
        accounts: all(),
        admin_of: Vec::new(),
        logins: BTreeMap::new(),
        count: 1,
        at: entry.key_span.at,
    };
    let what = format!("person \"{}\"", clip(&entry.key));
    let Some(fields) = Fields::open(&entry.value, &what, &[PERSON], &[], context) else { return member };
    let own = |key| fields.text(key).map(|text| text.value.to_owned());
    (member.name, member.email, member.job) = (own("name"), own("email"), own("job"));
    member.home = fields.place("home").map_or(home, |p| p.value);
    member.kind = match fields.word("kind").map(|w| w.value) {
        Some("guest") => PersonKind::Guest,
        Some("service") => PersonKind::Service,
        _ => PersonKind::Employee,
    };
    member.count = fields.small_number("count").map_or(1, |n| n.value);
    if fields.has("accounts") {
        member.accounts = fields.apps("accounts").into_iter().map(|app| app.value).collect();
    }
    for app in fields.apps("admin_of") {
        if !member.accounts.contains(&app.value) {
            let name = &context.names.apps[app.value.0].0;
            context.problems.add(app.span, format!("{} has no account in {name}, so cannot administer it", entry.key));
        }
        member.admin_of.push(app.value);
    }
    logins(&fields, &mut member, context);
    if let Some(email) = member.email.as_deref().filter(|email| !is_email(email)) {
        fields.complain("email", format!("\"{}\" is not an e-mail address", clip(email)));
    }
    if member.count > 1 && fields.has("email") {
        fields.complain("email", format!("a group of {} cannot share one e-mail address", member.count));
    }
    member
}

fn logins(fields: &Fields<'_>, member: &mut CastMember, context: Context<'_>) {
    let Some(node) = fields.node("logins") else { return };
    if !matches!(node.value, Value::Map(_) | Value::Refused) {
        context.problems.add(node.span, format!("logins is a map from apps to names; found {}", node.found()));
    }
    for entry in node.entries() {
        let app = context.names.app(Spanned { value: &entry.key, span: entry.key_span }, context.problems);
        let Some(app) = app.map(|app| app.value.0) else { continue };
        let Value::Scalar { text, .. } = &entry.value.value else {
            let found = entry.value.found();
            context.problems.add(entry.value.span, format!("a login is a name or `unlinked`; found {found}"));
            continue;
        };
        let login = Spanned { value: text.as_str(), span: entry.value.span };
        if text.is_empty() {
            context.problems.add(login.span, "a login is a name or `unlinked`; found nothing");
        } else if !member.accounts.contains(&app) {
            let name = &entry.key;
            context.problems.add(entry.key_span, format!("{} has no account in {name}", member.key));
        } else if crate::scenario::words::refuse_word(login, "value", context.problems) {
            if member.count > 1 && text != "unlinked" {
                context.problems.add(login.span, format!("a group of {} cannot share one login", member.count));
            }
            let login = if text == "unlinked" { Login::Unlinked } else { Login::Named(text.clone()) };
            member.logins.insert(app, login);
        }
    }
}

fn is_email(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && c != '@');
    text.len() <= 200 && text.split_once('@').is_some_and(|(user, domain)| plain(user) && plain(domain))
}

/// `networks`: as many as are named, so that indices hold.
pub(super) fn networks(top: &Fields<'_>, context: Context<'_>) -> Vec<NetworkSpec> {
    let network = |entry: &Entry| -> NetworkSpec {
        let what = format!("network \"{}\"", clip(&entry.key));
        let fields = Fields::open(&entry.value, &what, &[NETWORK], &[], context);
        let fields = fields.as_ref();
        let tags = fields.map(|f| f.words("tags")).unwrap_or_default();
        let tag = |word: &str| NetworkTag::ALL.into_iter().find(|(_, name)| *name == word).map(|(tag, _)| tag);
        let tags: Vec<NetworkTag> = tags.into_iter().filter_map(|word| tag(word.value)).collect();
        NetworkSpec {
            name: entry.key.clone(),
            place: fields.and_then(|f| f.place("in")).map_or_else(super::default_home, |p| p.value),
            listed: listed(fields, &tags),
            tags,
            known: fields.and_then(|f| f.flag("known")).is_some_and(|flag| flag.value),
            accuracy_km: fields.and_then(|f| f.small_number("accuracy")).map_or(0, |n| n.value),
            is_ipv6: fields.and_then(|f| f.flag("ipv6")).is_some_and(|flag| flag.value),
            at: entry.key_span.at,
        }
    };
    map_of(top, "networks", context).iter().map(network).collect()
}

/// When the feeds say what they say of a network.
fn listed(fields: Option<&Fields<'_>>, tags: &[NetworkTag]) -> Listed {
    let Some(fields) = fields else { return Listed::default() };
    let time = |key| fields.time(key).map(|time| time.value);
    let listed = Listed { from: time("listed"), until: time("delisted") };
    if !tags.iter().any(|tag| LISTED.contains(tag)) {
        for key in ["listed", "delisted"].into_iter().filter(|key| fields.has(key)) {
            fields.complain(key, "only what is tagged risky or tor is in a list");
        }
    }
    if listed.from.zip(listed.until).is_some_and(|(from, until)| until <= from) {
        fields.complain("delisted", "it has to be listed before it is delisted");
    }
    listed
}

/// `attacks`: as many as are named, so that indices hold.
pub(super) fn attacks(top: &Fields<'_>, context: Context<'_>) -> Vec<AttackSpec> {
    let attack = |entry: &Entry| {
        let listed = std::slice::from_ref(&entry.value);
        let nodes: &[Node] = if let Value::List(items) = &entry.value.value { items } else { listed };
        if nodes.is_empty() {
            context.problems.add(entry.value.span, "an attack has at least one ATT&CK technique");
        }
        let techniques = nodes.iter().filter_map(|node| technique(node, context)).collect();
        AttackSpec { name: entry.key.clone(), techniques, at: entry.key_span.at }
    };
    map_of(top, "attacks", context).iter().map(attack).collect()
}

fn technique(node: &Node, context: Context<'_>) -> Option<String> {
    let digits = |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let is_id = |text: &str| {
        text.strip_prefix('T').is_some_and(|id| match id.split_once('.') {
            Some((id, sub)) => digits(id, 4) && digits(sub, 3),
            None => digits(id, 4),
        })
    };
    match &node.value {
        Value::Scalar { text, .. } if is_id(text) => Some(text.clone()),
        Value::Refused => None,
        _ => {
            let found = node.found();
            context.problems.add(node.span, format!("a technique is an ATT&CK id such as T1078.004; found {found}"));
            None
        }
    }
}
