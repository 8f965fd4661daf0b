//! A generated story, and how it is written down; and shapes that several have: [`Burst`], what a policy counts;
//! [`Takeover`], a session that somebody else goes on with; [`Switch`], a setting that protects.

use std::time::Duration;

use super::setting::{Setting, goes_on, slug};
use super::{Attack, Generated, Parameter, Parameters};
use crate::scenario::Vendor;
use crate::time::spell_duration;

/// A line is no longer than this.
const COLUMNS: usize = 140;

/// A story as values: what generators fill in and callers read.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// One sentence, what happens.
    pub title: String,
    /// Where the behaviour is documented.
    pub source: &'static str,
    /// The number that what is not written is drawn from.
    pub seed: u64,
    /// Instances, by their vendors' names.
    pub apps: Vec<Vendor>,
    /// People of the story and where they live; `it_admin` is there without being named.
    pub cast: Vec<(String, &'static str)>,
    /// Addresses with a meaning.
    pub networks: Vec<StoryNetwork>,
    /// Episode and its technique.
    pub attack: Option<(String, String)>,
    /// The detection that is in force.
    pub policy: StoryPolicy,
    /// What happens, in order.
    pub script: Vec<Line>,
}

/// A network with what the feeds say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryNetwork {
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub place: &'static str,
    /// Tags as written, e.g. `[tor]`.
    pub tags: &'static str,
}

/// A policy with what is written of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryPolicy {
    /// Its name.
    pub name: &'static str,
    /// Parameters as written.
    pub parameters: Vec<(&'static str, String)>,
    /// What the stack is told to do about an alert.
    pub action: Option<&'static str>,
}

/// A line of the script: its keys as written, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name that others point at.
    pub id: Option<&'static str>,
    /// Whose account.
    pub actor: String,
    /// Everything else, from `at` on.
    pub keys: Vec<(&'static str, String)>,
}

impl Story {
    /// The world and the script in the scenario language; nothing about what a stack owes.
    pub fn yaml(&self) -> String {
        let mut text = format!("title: {}\nsource: [{}]\nseed: {}\n", self.title, self.source, self.seed);
        let apps: Vec<String> = self.apps.iter().map(|v| format!("{}: {{}}", v.name())).collect();
        text.push_str(&format!("apps: {{ {} }}\n", apps.join(", ")));
        if !self.cast.is_empty() {
            text.push_str("cast:\n");
        }
        for (key, home) in &self.cast {
            text.push_str(&format!("  {key}: {{ home: {home} }}\n"));
        }
        for StoryNetwork { name, place, tags } in &self.networks {
            text.push_str(&format!("networks: {{ {name}: {{ in: {place}, tags: {tags} }} }}\n"));
        }
        if let Some((name, technique)) = &self.attack {
            text.push_str(&format!("attacks: {{ {name}: {technique} }}\n"));
        }
        let action = self.policy.action.map(|a| ("action", a.to_owned()));
        let parameters: Vec<String> =
            self.policy.parameters.iter().cloned().chain(action).map(|(k, v)| format!("{k}: {v}")).collect();
        let parameters =
            if parameters.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parameters.join(", ")) };
        text.push_str(&format!("policies:\n  {}: {parameters}\nscript:\n", self.policy.name));
        for line in &self.script {
            text.push_str(&wrapped(&line.keys()));
        }
        text
    }
}

/// An entry on one line while it fits, else broken between keys.
fn wrapped(keys: &[String]) -> String {
    let mut text = "  - {".to_owned();
    let mut column = text.len();
    for (n, key) in keys.iter().enumerate() {
        let separator = if n == 0 { "" } else { "," };
        // Two more for what follows: a comma, or the closing brace.
        if column + separator.len() + 1 + key.chars().count() + 2 > COLUMNS {
            text.push_str(",\n     ");
            column = 5;
        } else {
            text.push_str(separator);
            column += separator.len();
        }
        text.push(' ');
        text.push_str(key);
        column += 1 + key.chars().count();
    }
    text + " }\n"
}

impl Line {
    /// A line of an ordinary person's doings.
    pub(super) fn of(actor: &str, keys: &[(&'static str, &str)]) -> Self {
        let keys = keys.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Self { id: None, actor: actor.to_owned(), keys }
    }

    /// The same with a name.
    pub(super) fn named(self, id: &'static str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The same with more keys.
    pub(super) fn and(mut self, keys: &[(&'static str, &str)]) -> Self {
        self.keys.extend(keys.iter().map(|(key, value)| (*key, (*value).to_owned())));
        self
    }

    /// The same as part of an attack, from somewhere.
    pub(super) fn attacking(mut self, attack: &str, from: &str) -> Self {
        self.keys.extend([("from", from.to_owned()), ("attack", attack.to_owned())]);
        self
    }

    fn keys(&self) -> Vec<String> {
        let id = self.id.map(|id| format!("id: {id}"));
        let mut rest = self.keys.iter().map(|(k, v)| format!("{k}: {v}"));
        let at = rest.next();
        id.into_iter().chain(at).chain([format!("actor: {}", self.actor)]).chain(rest).collect()
    }

    /// The same line as an ordinary one: no name, no episode.
    pub(super) fn benign(&self) -> Self {
        let keys = self.keys.iter().filter(|(k, _)| *k != "attack").cloned().collect();
        Self { id: None, actor: self.actor.clone(), keys }
    }

    /// The same line with another value for a key, or without it.
    pub(super) fn with(mut self, key: &'static str, value: Option<&str>) -> Self {
        self.keys = self
            .keys
            .into_iter()
            .filter_map(|(k, v)| if k == key { value.map(|new| (k, new.to_owned())) } else { Some((k, v)) })
            .collect();
        self
    }
}

/// "So many in so short a time": one step over and over again from abroad, just often enough for the policy; its twin from
/// home, once too few.
///
/// In titles `{count}`, `{person}`, `{place}` and `{over}` stand for how often, who, where from and in how long a time.
pub(super) struct Burst {
    /// The policy that counts; it takes `at_least` and `within`.
    pub(super) policy: &'static str,
    /// What the stack is told to do about an alert.
    pub(super) action: Option<&'static str>,
    pub(super) source: &'static str,
    pub(super) episode: &'static str,
    pub(super) verb: &'static str,
    /// Further keys of the step.
    pub(super) keys: &'static [(&'static str, &'static str)],
    pub(super) title: &'static str,
    pub(super) twin_title: &'static str,
    /// Beginning of the files' names: `files` of `files-51-by-alice`.
    pub(super) file: &'static str,
}

impl Burst {
    /// What can be asked of one: the count that makes an alert, and the window in seconds.
    pub(super) const fn limits(at_least: f64, within_s: f64) -> [Parameter; 2] {
        [
            Parameter {
                name: "at_least",
                about: "so many make an alert",
                default: at_least,
                least: 3.0,
                most: 1_000.0,
            },
            Parameter { name: "within", about: "in so many seconds", default: within_s, least: 10.0, most: 86_400.0 },
        ]
    }

    /// Its story and its twin's.
    pub(super) fn generate(&self, attack: &Attack, parameters: &Parameters) -> Generated {
        let setting = Setting::draw(attack, parameters);
        let at_least = parameters.number(attack.parameters, "at_least").round();
        let within = Duration::from_secs_f64(parameters.number(attack.parameters, "within").round());
        // Well inside the window, so that the count alone decides.
        let over = spell_duration(Duration::from_secs(within.as_secs() * 4 / 5));
        let policy = StoryPolicy {
            name: self.policy,
            parameters: vec![("at_least", at_least.to_string()), ("within", spell_duration(within))],
            action: self.action,
        };
        let step = |times: f64| {
            let at = format!("day 1 {}", setting.hour);
            setting.step(&at, self.verb).and(self.keys).and(&[("times", &times.to_string()), ("over", &over)])
        };
        let title = |template: &str, count: f64| {
            template
                .replace("{count}", &count.to_string())
                .replace("{person}", &setting.person)
                .replace("{place}", setting.abroad.name)
                .replace("{over}", &over)
        };
        let many = step(at_least).named("many").attacking(self.episode, setting.abroad.name);
        let told = title(self.title, at_least);
        let story = setting.story(attack, self.episode, told, self.source, policy, vec![many]);
        let few = at_least - 1.0;
        let twin = Story { title: title(self.twin_title, few), attack: None, script: vec![step(few)], ..story.clone() };
        let file = |count: f64| format!("{}-{count}-by-{}", self.file, slug(setting.victim));
        Generated { name: file(at_least), story, twin_name: file(few), twin }
    }
}

/// A session that somebody else goes on with from abroad, twenty minutes after its owner; its twin by the owner, otherwise
/// than before.
///
/// In titles `{person}` and `{place}` stand for who, and where from; in keys `{place}` likewise.
pub(super) struct Takeover {
    pub(super) policy: &'static str,
    pub(super) source: &'static str,
    pub(super) episode: &'static str,
    pub(super) title: &'static str,
    pub(super) twin_title: &'static str,
    /// What is otherwise when the owner goes on.
    pub(super) twin_key: (&'static str, &'static str),
    /// Beginnings of the files' names.
    pub(super) files: [&'static str; 2],
}

impl Takeover {
    /// Its story and its twin's.
    pub(super) fn generate(&self, attack: &Attack, parameters: &Parameters) -> Generated {
        let setting = Setting::draw(attack, parameters);
        let place = setting.abroad.name;
        let told = |template: &str| template.replace("{person}", &setting.person).replace("{place}", place);
        let policy = StoryPolicy { name: self.policy, parameters: Vec::new(), action: None };
        let desk = setting.step(&format!("day 1 {}", setting.hour), goes_on(setting.vendor));
        let later = setting.step("+20m", goes_on(setting.vendor));
        let thief = later.clone().and(&[("using", "stolen_session")]).named("thief").attacking(self.episode, place);
        let script = vec![desk.clone().named("desk"), thief];
        let story = setting.story(attack, self.episode, told(self.title), self.source, policy, script);
        let (key, value) = self.twin_key;
        let script = vec![desk, later.and(&[(key, &told(value))])];
        let twin = Story { title: told(self.twin_title), attack: None, script, ..story.clone() };
        let [name, twin_name] = self.files.map(|file| format!("{file}-{}", slug(setting.victim)));
        Generated { name, story, twin_name, twin }
    }
}

/// A setting that protects, switched off by the administrator's account from abroad; its twin by the administrator, and
/// rightly.
///
/// In titles `{place}` stands for where from, in files' names `{app}` for where.
pub(super) struct Switch {
    pub(super) policy: &'static str,
    pub(super) source: &'static str,
    pub(super) episode: &'static str,
    pub(super) setting: &'static str,
    pub(super) title: &'static str,
    pub(super) twin_title: &'static str,
    /// What the administrator makes of it: how long after the step before (nothing for at once), and what.
    pub(super) twin: &'static [(Option<&'static str>, &'static str)],
    /// The files' names.
    pub(super) files: [&'static str; 2],
}

impl Switch {
    /// Its story and its twin's.
    pub(super) fn generate(&self, attack: &Attack, parameters: &Parameters) -> Generated {
        let setting = Setting::draw(attack, parameters);
        let place = setting.abroad.name;
        let first = format!("day 1 {}", setting.hour);
        let deed = |after: Option<&str>, to: &str| {
            let at = after.unwrap_or(&first);
            let keys =
                [("at", at), ("does", "change_setting"), ("app", setting.app), ("setting", self.setting), ("to", to)];
            Line::of("it_admin", &keys)
        };
        let policy = StoryPolicy { name: self.policy, parameters: Vec::new(), action: None };
        let line = deed(None, "disabled").named("deed").attacking(self.episode, place);
        let title = self.title.replace("{place}", place);
        let story = setting.story(attack, self.episode, title, self.source, policy, vec![line]);
        let story = Story { cast: Vec::new(), ..story };
        let script = self.twin.iter().map(|(after, to)| deed(*after, to)).collect();
        let twin = Story { title: self.twin_title.to_owned(), attack: None, script, ..story.clone() };
        let [name, twin_name] = self.files.map(|file| file.replace("{app}", &slug(setting.app)));
        Generated { name, story, twin_name, twin }
    }
}
