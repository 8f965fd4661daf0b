//! `script`: what people do, in order of happening.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{list_of, spell};
use crate::scenario::fields::{Context, Fields, Spanned};
use crate::scenario::model::{App, AppIndex, CastMember, Outcome, SignIn, Step, Using, Vendor, Verb, Who};
use crate::scenario::table::Need;
use crate::scenario::tables::{DEVICES, KEYS_BY_VERB, STEP, verb_keys};
use crate::scenario::yaml::{Node, clip};
use crate::time::{SimTime, parse_duration};
use crate::vendors;

/// Most activities of one step, all repetitions of all members together.
const MOST_ACTIVITIES: u64 = 1_000_000;

/// `script`: the steps that could be read.
pub(super) fn script(top: &Fields<'_>, apps: &[App], cast: &[CastMember], context: Context<'_>) -> Vec<Step> {
    let mut reader = Reader { apps, cast, context, before: None, unread: Unread::None, steps: Vec::new() };
    for node in list_of(top, "script", context) {
        match reader.step(node) {
            Some(step) => reader.steps.push(step),
            None => reader.unread = Unread::Some,
        }
    }
    reader.steps
}

struct Reader<'d> {
    apps: &'d [App],
    cast: &'d [CastMember],
    context: Context<'d>,
    /// When the line before happens; if that could not be read, when the one before that does.
    before: Option<SimTime>,
    unread: Unread,
    steps: Vec<Step>,
}

/// Whether a line above could not be read: then nothing is said of what is missing above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread {
    None,
    Some,
}

impl Reader<'_> {
    fn step(&mut self, node: &Node) -> Option<Step> {
        let fields = Fields::open(node, "a step", &[STEP], &[], self.context)?;
        let at = self.at(&fields);
        let verb = fields.word("does");
        let verb = verb.and_then(|word| {
            let (verb, _) = Verb::WRITABLE.into_iter().find(|(_, name)| *name == word.value)?;
            Some(Spanned { value: verb, span: word.span })
        });
        let attack = fields.name("attack").map(|a| crate::scenario::model::AttackIndex(a.value));
        let actor = self.actor(&fields, verb.map(|v| v.value));
        let app = self.app(&fields, verb);
        let from = fields.place_or_network("from").map(|f| f.value);
        if fields.has("attack") && !fields.has("from") {
            fields.complain("attack", "a step of an attack needs `from`: where the criminal's request comes from");
        }
        if let (Some(who), Some(app), Some(verb)) = (actor, app, verb) {
            self.check_account(&fields, who, app, verb.value);
        }
        let using = self.using(&fields, actor, app);
        let agent = fields.text("agent").map(|agent| if agent.value == "none" { "" } else { agent.value }.to_owned());
        let result = fields.word("result").and_then(|word| {
            Outcome::WRITABLE.into_iter().find(|(_, name)| *name == word.value).map(|(outcome, _)| outcome)
        });
        let result = result.unwrap_or(Outcome::Success);
        if result != Outcome::Success && verb.is_some_and(|verb| verb.value != Verb::SignIn) {
            fields.complain("result", "only sign_in can fail; other verbs are recorded when they are done");
        }
        let target = fields.person("target").map(|t| t.value);
        let details = verb.map(|verb| details(&fields, verb.value)).unwrap_or_default();
        let object = fields.text("object").map(|o| o.value.to_owned());
        let (times, over) = self.repetition(&fields, actor);
        let late = fields.duration("late").map(|d| d.value);
        let (at, verb, actor) = (at?, verb?.value, actor?);
        self.check_target(&fields, verb, target);
        Some(Step {
            at,
            verb,
            actor,
            app,
            from,
            using,
            agent,
            result,
            target,
            object,
            details,
            times,
            over,
            late,
            attack,
            id: fields.text("id").map(|id| id.value.to_owned()),
            position: fields.span().at,
        })
    }

    /// When. One that cannot be read counts as that of the line before, so that nothing more is said of the lines below.
    fn at(&mut self, fields: &Fields<'_>) -> Option<SimTime> {
        let at = self.written_at(fields);
        self.before = at.or(self.before).or(Some(self.context.calendar.day_1()));
        at
    }

    /// `day 1 09:00`, or `+84m` after the line before. Never before the line before.
    fn written_at(&self, fields: &Fields<'_>) -> Option<SimTime> {
        let text = fields.text("at")?;
        let Context { calendar, problems, .. } = self.context;
        let at = match text.value.strip_prefix('+') {
            None => fields.parse_time(text)?.value,
            Some(later) => {
                let later = match parse_duration(later) {
                    Ok(later) => later,
                    Err(_) => {
                        let found = clip(text.value);
                        problems
                            .add(text.span, format!("\"{found}\" is not a time after the line before; write `+84m`"));
                        return None;
                    }
                };
                let Some(before) = self.before else {
                    let found = clip(text.value);
                    problems.add(
                        text.span,
                        format!("{found} counts from the line before, and there is none; write `day 1 09:00`"),
                    );
                    return None;
                };
                before + later
            }
        };
        if at < calendar.day_1() {
            problems.add(text.span, format!("{} is before the script, whose first day is day 1", clip(text.value)));
        } else if let Some(before) = self.before.filter(|before| at < *before) {
            let before = spell(calendar, before);
            problems.add(text.span, format!("{} is before the line above ({before})", clip(text.value)));
        }
        Some(at)
    }

    fn actor(&self, fields: &Fields<'_>, verb: Option<Verb>) -> Option<Who> {
        if fields.has("actor") {
            return fields.person("actor").map(|p| p.value);
        }
        let verb = verb?;
        if verb.is_lifecycle() {
            return Some(Who::Admin);
        }
        if fields.is_meant("actor") {
            return None;
        }
        self.context.problems.add(fields.span(), format!("a step lacks `actor`: whose account does {}", verb.name()));
        None
    }

    /// Where: written, or the only app there is. Complains if its vendor keeps no record of the verb.
    fn app(&self, fields: &Fields<'_>, verb: Option<Spanned<Verb>>) -> Option<AppIndex> {
        let needs_none = verb.is_some_and(|v| matches!(v.value, Verb::Hire | Verb::Terminate));
        let (app, vendor) = if fields.has("app") {
            fields.app("app")?.value
        } else if needs_none {
            return None;
        } else if let [(_, vendor)] = self.context.names.apps.as_slice() {
            (AppIndex(0), *vendor)
        } else {
            let names: Vec<&str> = self.context.names.apps.iter().map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() && !fields.is_meant("app") {
                let message = format!("a step lacks `app`: there are several, {}", names.join(", "));
                self.context.problems.add(fields.span(), message);
            }
            return None;
        };
        if let (Some(verb), Some(vendor)) = (verb.filter(|v| !v.value.is_lifecycle()), vendor) {
            self.check_logged(verb, vendor);
        }
        Some(app)
    }

    fn check_logged(&self, verb: Spanned<Verb>, vendor: Vendor) {
        let spec = vendors::spec(vendor);
        if (spec.logs)(verb.value) {
            return;
        }
        let logged = Verb::WRITABLE.into_iter().filter(|(v, _)| (spec.logs)(*v)).map(|(_, name)| name);
        let logged: Vec<&str> = logged.collect();
        let elsewhere =
            self.apps.iter().find(|app| app.vendor != vendor && (vendors::spec(app.vendor).logs)(verb.value));
        let name = verb.value.name();
        let mut message = format!("{} logs no {name}; it logs {}", spec.title, logged.join(", "));
        if let Some(app) = elsewhere {
            message.push_str(&format!(" (or {name} in {})", app.name));
        }
        self.context.problems.add(verb.span, message);
    }

    fn check_account(&self, fields: &Fields<'_>, who: Who, app: AppIndex, verb: Verb) {
        let Who::Cast(i) = who else { return };
        let Some(member) = self.cast.get(i) else { return };
        // A single sign-on asks for the directory as well: accounts there are not optional for it.
        if !member.accounts.contains(&app) && !verb.is_lifecycle() {
            let name = &self.context.names.apps[app.0].0;
            fields.complain("actor", format!("{} has no account in {name}", member.key));
        }
        let sso = self.apps.get(app.0).is_some_and(|a| a.sign_in == SignIn::Sso && !a.vendor.is_directory());
        let unlinked = member.logins.get(&app) == Some(&crate::scenario::model::Login::Unlinked);
        let directory = self.apps.iter().position(|a| a.vendor.is_directory()).map(AppIndex);
        let unknown = directory.is_some_and(|d| !member.accounts.contains(&d));
        if verb == Verb::SignIn && sso && !unlinked && unknown {
            let message = format!("{} cannot sign in with sso: no account in the directory", member.key);
            fields.complain("actor", message);
        }
    }

    fn using(&self, fields: &Fields<'_>, actor: Option<Who>, app: Option<AppIndex>) -> Using {
        let Some(text) = fields.text("using") else {
            return if fields.has("attack") { Using::UnknownDevice } else { Using::Laptop };
        };
        let earlier = |verb| self.steps.iter().filter(move |step| step.verb == verb);
        match text.value {
            "laptop" => Using::Laptop,
            "phone" => Using::Phone,
            "unknown_device" => Using::UnknownDevice,
            "stolen_session" => Using::StolenSession,
            "token" => {
                let made = earlier(Verb::CreateToken).any(|s| Some(s.actor) == actor && s.app == app);
                if let (false, Unread::None, Some(who)) = (made, self.unread, actor) {
                    let who = self.context.names.of_person(who);
                    let message = format!("{who} has no token there: no line above lets them create_token in this app");
                    self.context.problems.add(text.span, message);
                }
                Using::Token
            }
            other => {
                let granted: Vec<&str> = earlier(Verb::GrantApp).filter_map(|s| s.object.as_deref()).collect();
                if self.unread == Unread::None && !granted.contains(&other) {
                    let known = DEVICES.words.iter().copied().chain(granted);
                    self.context.problems.unknown(text.span, "device or granted app", other, known);
                }
                Using::GrantedApp(other.to_owned())
            }
        }
    }

    fn repetition(&self, fields: &Fields<'_>, actor: Option<Who>) -> (u32, Duration) {
        let times = fields.small_number("times").map_or(1, |n| n.value);
        let over = fields.duration("over").map(|d| d.value);
        let members = match actor {
            Some(Who::Cast(i)) => self.cast.get(i).map_or(1, |member| member.count),
            _ => 1,
        };
        let activities = u64::from(times) * u64::from(members);
        if activities > MOST_ACTIVITIES {
            fields.complain(
                "times",
                format!("{activities} activities are too many for one step; at most {MOST_ACTIVITIES}"),
            );
        }
        match over {
            None if activities > 1 && !fields.has("over") => {
                let message =
                    format!("a step of {activities} activities lacks `over`: the time from the first to the last");
                self.context.problems.add(fields.span(), message);
            }
            Some(_)
                if activities == 1 && actor.is_some() && fields.small_number("times").is_some_and(|n| n.value == 1) =>
            {
                fields.complain("over", "one activity takes no time; `over` is for several");
            }
            Some(_) if activities == 1 && actor.is_some() && !fields.has("times") => {
                fields.complain("over", "one activity takes no time; `over` is for several, so `times` is missing");
            }
            _ => {}
        }
        (times, over.unwrap_or_default())
    }

    fn check_target(&self, fields: &Fields<'_>, verb: Verb, target: Option<Who>) {
        if matches!(verb, Verb::Hire | Verb::Terminate) && target == Some(Who::Admin) {
            fields.complain("target", format!("it_admin always exists: nobody can {} them", verb.name()));
        }
    }
}

/// The keys that some verbs take, as far as this verb takes them.
fn details(fields: &Fields<'_>, verb: Verb) -> BTreeMap<String, String> {
    let taken = verb_keys(verb);
    for key in KEYS_BY_VERB {
        let need = taken.iter().find(|(name, _)| *name == key).map(|(_, need)| *need);
        match need {
            None if fields.has(key) => {
                let takes: Vec<&str> = taken.iter().map(|(name, _)| *name).collect();
                let takes = if takes.is_empty() { "none of this kind".to_owned() } else { takes.join(", ") };
                fields.complain_at_key(key, format!("{} takes no `{key}`; it takes {takes}", verb.name()));
            }
            Some(Need::Mandatory) if !fields.has(key) => {
                fields.complain_at_key("does", format!("{} lacks `{key}`", verb.name()));
            }
            _ => {}
        }
    }
    let mut details = BTreeMap::new();
    for key in ["to", "with", "setting", "role", "name"] {
        if let Some(text) = fields.text(key) {
            details.insert(key.to_owned(), text.value.to_owned());
        }
    }
    let scopes = fields.texts("scopes");
    if !scopes.is_empty() {
        let scopes: Vec<&str> = scopes.into_iter().map(|scope| scope.value).collect();
        details.insert("scopes".to_owned(), scopes.join(" "));
    }
    if verb == Verb::Share {
        details.entry("with".to_owned()).or_insert_with(|| "anyone".to_owned());
    }
    details
}
