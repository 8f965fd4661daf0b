//! The `{{ … }}` of manifests and of the files they name: what may stand there, and what it becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use serde_json::{Map, Value, json};
use simulator::control::feed_addresses;
use simulator::vendors::Vendor;

use crate::contract::Declares;

/// What `{{ … }}` is replaced by in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Values {
    /// This program.
    pub conformance: Conformance,
    /// The stack's own folder.
    pub stack: Folder,
    /// Where its set-up is kept, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setup: Option<Folder>,
    /// The run.
    pub run: Run,
    /// The files rendered for the stack, by name.
    pub files: BTreeMap<String, PathBuf>,
    /// The addresses allotted to the stack, by name.
    pub listen: BTreeMap<String, Listener>,
    /// Where the stack may send its report, by name.
    pub sinks: BTreeMap<String, Listener>,
    /// What the manifest declares, as written.
    pub declares: Declares,
    /// The connections document, for the files that are rendered.
    pub connections: Value,
}

/// What is known when a stack is set up.
#[derive(Clone, Debug, Serialize)]
pub struct SetupValues {
    /// This program.
    pub conformance: Conformance,
    /// The stack's own folder.
    pub stack: Folder,
    /// Where the set-up is kept.
    pub setup: Folder,
}

/// This program.
#[derive(Clone, Debug, Serialize)]
pub struct Conformance {
    /// Path of the executable.
    pub exe: PathBuf,
}

/// A folder.
#[derive(Clone, Debug, Serialize)]
pub struct Folder {
    /// Its path.
    pub dir: PathBuf,
}

/// Paths of one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Run {
    /// Folder of this scenario within the run folder.
    pub dir: PathBuf,
    /// The connections document.
    pub connections: PathBuf,
    /// Where the report goes.
    pub report: PathBuf,
    /// The only place where secrets may lie.
    pub state: PathBuf,
}

/// An address allotted to the stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listener {
    /// `http://127.0.0.1:20117/oauth/callback`.
    pub url: String,
    /// `127.0.0.1:20117`.
    pub address: String,
}

/// What a manifest defines itself.
#[derive(Clone, Debug)]
pub(super) struct Defined {
    pub(super) files: BTreeSet<String>,
    pub(super) listen: BTreeSet<String>,
    pub(super) sinks: BTreeSet<String>,
    pub(super) declares: Declares,
    /// Whether there is a set-up.
    pub(super) setup: bool,
}

/// Where a template stands: what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// In the manifest.
    Manifest,
    /// In its `setup`.
    Setup,
    /// In a file that is rendered once the vendors are served.
    File,
}

impl Defined {
    /// Values like those of a run, where only folders and ports are others.
    fn stand_ins(&self) -> Values {
        let listener = || Listener { url: "http://127.0.0.1:1/".to_owned(), address: "127.0.0.1:1".to_owned() };
        Values {
            conformance: Conformance { exe: "/conformance".into() },
            stack: Folder { dir: "/stack".into() },
            setup: self.setup.then(|| Folder { dir: "/setup".into() }),
            run: Run { dir: "/run".into(), connections: "/c".into(), report: "/r".into(), state: "/s".into() },
            files: self.files.iter().map(|name| (name.clone(), PathBuf::from("/file"))).collect(),
            listen: self.listen.iter().map(|name| (name.clone(), listener())).collect(),
            sinks: self.sinks.iter().map(|name| (name.clone(), listener())).collect(),
            declares: self.declares.clone(),
            connections: sample_connections(),
        }
    }

    /// Every name that may stand there; below those that are maps, any.
    fn known(&self, place: Where, values: &Values) -> BTreeSet<String> {
        let mut known = BTreeSet::from(["conformance.exe", "stack.dir"].map(str::to_owned));
        if self.setup {
            known.insert("setup.dir".to_owned());
        }
        if place == Where::Setup {
            return known;
        }
        known.extend(["run.connections", "run.dir", "run.report", "run.state"].map(str::to_owned));
        known.extend(self.files.iter().map(|name| format!("files.{name}")));
        known.extend(self.listen.iter().flat_map(|n| [format!("listen.{n}.url"), format!("listen.{n}.address")]));
        known.extend(self.sinks.iter().flat_map(|n| [format!("sinks.{n}.url"), format!("sinks.{n}.address")]));
        let declared = serde_json::to_value(&values.declares).expect("what a manifest declares is plain values");
        known.extend(declared.as_object().into_iter().flatten().map(|(key, _)| format!("declares.{key}")));
        if place == Where::File {
            let parts = values.connections.as_object().into_iter().flatten();
            known.extend(parts.map(|(key, _)| format!("connections.{key}")));
        }
        known
    }
}

/// A connections document like those of a run, with an instance of each vendor that carries every key any of them has.
pub fn sample_connections() -> Value {
    let entry = |vendor: &Vendor| {
        let mut entry = json!({ "vendor": vendor.name() });
        for key in CONNECTION_KEYS {
            entry[key] = json!(key);
        }
        entry["permissions"] = json!({});
        entry["scim"] = json!({ "base_url": "b", "token": "t" });
        entry["github_app"] = json!({ "app_id": 1, "client_id": "i", "installation_id": 1, "private_key": "p" });
        (vendor.name().to_owned(), entry)
    };
    let apps: Map<String, Value> = Vendor::ALL.iter().map(entry).collect();
    json!({
        "version": 1, "apps": apps, "policies": {}, "networks": [], "clock_url": null, "ca_file": null,
        "geo": { "city": "city", "asn": "asn", "anonymous_ip": "anonymous_ip" }, "feeds": { "indicators": "indicators", "urls": feed_addresses(NOBODY) },
    })
}

/// Where nobody listens.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// Keys of an instance in the connections document.
const CONNECTION_KEYS: [&str; 18] = [
    "app_id",
    "base_url",
    "authorize_url",
    "token_url",
    "client_id",
    "client_secret",
    "access_token",
    "scope",
    "redirect_uri",
    "tenant_id",
    "organization",
    "organization_id",
    "enterprise",
    "team_id",
    "mail_from",
    "app_secret",
    "portal_url",
    "scim_url",
];

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    /// Line and column within the template, from 1.
    pub(super) at: (usize, usize),
}

/// Replaces every `{{ … }}`. Something unknown in one is an error.
pub fn render(template: &str, values: &impl Serialize) -> Result<String, TemplateError> {
    environment().render_str(template, Serde(values)).map_err(|e| TemplateError(say(&e)))
}

/// A template that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// Says what is wrong with a template before any run: its syntax, a name that no run will know, or whatever else keeps it
/// from being rendered.
pub(super) fn check(template: &str, defined: &Defined, place: Where) -> Result<(), Mistake> {
    let environment = environment();
    let mistake = |e: &minijinja::Error| Mistake { message: what(e), at: begins(template, e.line().unwrap_or(1)) };
    let parsed = environment.template_from_str(template).map_err(|e| mistake(&e))?;
    let values = defined.stand_ins();
    let known = defined.known(place, &values);
    let is_known = |used: &str| {
        let below = |name: &String| used.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let open = |name: &String| name.starts_with("declares.") || name.starts_with("connections.");
        known.contains(used) || known.iter().any(|name| open(name) && below(name))
    };
    let mut used: Vec<String> = parsed.undeclared_variables(true).into_iter().collect();
    used.sort();
    if let Some(unknown) = used.into_iter().find(|name| !is_known(name)) {
        let at = template.find(&unknown).map_or((1, 1), |at| position(template, at));
        let known: Vec<String> = known.into_iter().collect();
        let message = format!("`{{{{ {unknown} }}}}` is not known here; known are {}", known.join(", "));
        return Err(Mistake { message, at });
    }
    parsed.render(Serde(&values)).map(|_| ()).map_err(|e| mistake(&e))
}

/// Where the first tag of a line begins.
fn begins(template: &str, line: usize) -> (usize, usize) {
    let text = template.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let tag = ["{{", "{%"].into_iter().filter_map(|tag| text.find(tag)).min().unwrap_or(0);
    (line.max(1), text[..tag].chars().count() + 1)
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are valid"));
    environment
}

fn say(error: &minijinja::Error) -> String {
    match error.line() {
        Some(line) if line > 1 => format!("template line {line}: {}", what(error)),
        _ => format!("template: {}", what(error)),
    }
}

fn what(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use simulator::Simulation;
    use simulator::clock::ClockMode;
    use simulator::control::Extent;
    use simulator::scenario::read_text;
    use simulator::scenario::tables::CREDENTIALS;
    use simulator::server::{self, GeoFiles, Listen, ServeOptions};

    use super::*;
    use crate::scenario::FOREIGN;

    fn values() -> Values {
        let declares = r#"{"poll_every": "1h", "look_back": "6h", "lateness": "60m", "request_timeout": "30s"}"#;
        let redirect = Listener { url: "http://127.0.0.1:20001/cb".to_owned(), address: "127.0.0.1:20001".to_owned() };
        Values {
            conformance: Conformance { exe: "/bin/conformance".into() },
            stack: Folder { dir: "/stacks/x".into() },
            setup: Some(Folder { dir: "/cache/x".into() }),
            run: Run {
                dir: "/run".into(),
                connections: "/run/connections.json".into(),
                report: "/run/report.ndjson".into(),
                state: "/run/state".into(),
            },
            files: BTreeMap::from([("config".to_owned(), "/run/config.yaml".into())]),
            listen: BTreeMap::from([("redirect".to_owned(), redirect)]),
            sinks: BTreeMap::new(),
            declares: serde_json::from_str(declares).unwrap(),
            connections: json!({"apps": {"miro_eu": {"vendor": "miro", "access_token": "t"}}}),
        }
    }

    /// Every name by which something of a value can be written, arrays apart.
    fn names(value: &Value, at: &str, into: &mut BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let name = format!("{at}.{key}");
            names(value, &name, into);
            into.insert(name);
        }
    }

    #[tokio::test]
    async fn whatever_a_run_connects_with_can_be_written_in_a_template() {
        let sample = sample_connections();
        let mut known = BTreeSet::new();
        for app in Vendor::ALL {
            names(&sample["apps"][app.name()], app.name(), &mut known);
        }
        names(&sample["feeds"], "feeds", &mut known);
        let story = |apps: &str| {
            format!("title: x\nsource: https://docs.example/x\npeople: 2\napps:\n{apps}expect: [{{ must: ingest }}]\n")
        };
        for kind in CREDENTIALS.words {
            // A kind of credentials that a vendor does not give is refused.
            let entry = |vendor: Vendor| {
                let (so, usual) = (
                    format!("  {}: {{ credentials: {kind} }}\n", vendor.name()),
                    format!("  {}: {{}}\n", vendor.name()),
                );
                if read_text("x", &story(&so), &FOREIGN).is_ok() { so } else { usual }
            };
            let scenario = read_text("x", &story(&Vendor::ALL.map(entry).concat()), &FOREIGN).unwrap();
            let sim = Simulation::new(scenario, ClockMode::Virtual).unwrap();
            let options = ServeOptions {
                listen: Listen::Ephemeral,
                redirect_uris: Vec::new(),
                control: Extent::Desk,
                authority: None,
            };
            let running = server::start(sim, options).await.unwrap();
            let geo = GeoFiles { city: "c".into(), asn: "a".into(), anonymous_ip: "i".into(), indicators: "x".into() };
            let served = running.connections(&geo);
            running.shutdown().await;
            let mut used = BTreeSet::new();
            for app in Vendor::ALL {
                names(&served["apps"][app.name()], app.name(), &mut used);
            }
            names(&served["feeds"], "feeds", &mut used);
            // What is granted has names of its own.
            let missing: Vec<&String> =
                used.difference(&known).filter(|name| !name.contains(".permissions.")).collect();
            assert!(missing.is_empty(), "{kind}: {missing:?}");
        }
    }

    #[test]
    fn every_value_of_the_contract_can_be_written() {
        let template = "{{ conformance.exe }} {{ stack.dir }} {{ run.dir }} {{ run.connections }} {{ run.report }} \
                        {{ run.state }} {{ files.config }} {{ listen.redirect.url }} {{ listen.redirect.address }} \
                        {{ declares.poll_every }} {{ setup.dir }} {{ connections.apps.miro_eu.access_token }}";
        insta::assert_snapshot!(render(template, &values()).unwrap(), @"/bin/conformance /stacks/x /run /run/connections.json /run/report.ndjson /run/state /run/config.yaml http://127.0.0.1:20001/cb 127.0.0.1:20001 1h /cache/x t");
    }

    #[test]
    fn what_is_unknown_is_refused_when_rendering_too() {
        let error = render("a\nb {{ run.dirr }}", &values()).unwrap_err();
        assert!(error.to_string().starts_with("template line 2: undefined value"), "{error}");
    }

    #[test]
    fn the_last_line_end_of_a_file_stays() {
        assert_eq!(render("a: 1\n", &values()).unwrap(), "a: 1\n");
    }

    #[test]
    fn a_check_knows_the_names_that_the_manifest_defines_and_renders_like_a_run() {
        let defined = Defined {
            files: ["config".to_owned()].into(),
            listen: ["redirect".to_owned()].into(),
            sinks: ["alerts".to_owned()].into(),
            declares: values().declares,
            setup: false,
        };
        let sound = "{{ files.config }} {{ listen.redirect.url }} {{ sinks.alerts.url }} {{ declares.look_back }}\n\
                     {% if declares.backfill.miro is defined %}{{ declares.backfill.miro }}{% endif %}";
        assert_eq!(check(sound, &defined, Where::File), Ok(()));
        #[rustfmt::skip]
        let cases = [
            ("{{ files.confg }}",                         (1, 4),  "`{{ files.confg }}` is not known here"),
            ("a: 1\nb: {{ declares.nonsense }}",          (2, 7),  "`{{ declares.nonsense }}` is not known here"),
            ("a: 1\nb: {{ declares.policies.none.speed }}", (2, 4), "undefined value"),
            ("a: 1\nb: x {{ run.dir",                     (2, 6),  "unexpected end of"),
        ];
        for (template, at, message) in cases {
            let mistake = check(template, &defined, Where::File).unwrap_err();
            assert!(mistake.message.starts_with(message), "{template}: {mistake:?}");
            assert_eq!(mistake.at, at, "{template}");
        }
    }

    #[test]
    fn what_is_known_depends_on_where_it_stands() {
        let none = BTreeSet::new;
        let with = |setup| Defined { files: none(), listen: none(), sinks: none(), declares: values().declares, setup };
        let loops = "{% for name, app in connections.apps|items if app.vendor == \"miro\" %}{{ name }}{{ app.access_token }}{% endfor %}";
        #[rustfmt::skip]
        let cases = [
            // template            set-up  place            known
            (loops,                false,  Where::File,     true),
            (loops,                false,  Where::Manifest, false),
            ("{{ run.state }}",    true,   Where::Setup,    false),
            ("{{ setup.dir }}",    true,   Where::Setup,    true),
            ("{{ setup.dir }}",    true,   Where::File,     true),
            ("{{ setup.dir }}",    false,  Where::Manifest, false),
        ];
        for (template, setup, place, known) in cases {
            assert_eq!(check(template, &with(setup), place).is_ok(), known, "{template} in {place:?}");
        }
    }
}
