//! The `{{ … }}` of manifests and of the files they name: what may stand there, and what it becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::contract::Declares;

/// What `{{ … }}` is replaced by in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Values {
    /// This program.
    pub conformance: Conformance,
    /// The stack's own folder.
    pub stack: StackFolder,
    /// The run.
    pub run: Run,
    /// The files rendered for the stack, by name.
    pub files: BTreeMap<String, PathBuf>,
    /// The addresses allotted to the stack, by name.
    pub listen: BTreeMap<String, Listener>,
    /// What the manifest declares, as written.
    pub declares: Declares,
}

/// This program.
#[derive(Clone, Debug, Serialize)]
pub struct Conformance {
    /// Path of the executable.
    pub exe: PathBuf,
}

/// The stack's own folder.
#[derive(Clone, Debug, Serialize)]
pub struct StackFolder {
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
    pub(super) declares: Declares,
}

impl Defined {
    /// Values like those of a run, where only folders and ports are others.
    fn stand_ins(&self) -> Values {
        let listener = || Listener { url: "http://127.0.0.1:1/".to_owned(), address: "127.0.0.1:1".to_owned() };
        Values {
            conformance: Conformance { exe: "/conformance".into() },
            stack: StackFolder { dir: "/stack".into() },
            run: Run { dir: "/run".into(), connections: "/c".into(), report: "/r".into(), state: "/s".into() },
            files: self.files.iter().map(|name| (name.clone(), PathBuf::from("/file"))).collect(),
            listen: self.listen.iter().map(|name| (name.clone(), listener())).collect(),
            declares: self.declares.clone(),
        }
    }
}

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    /// Line and column within the template, from 1.
    pub(super) at: (usize, usize),
}

/// Replaces every `{{ … }}`. Something unknown in one is an error.
pub fn render(template: &str, values: &Values) -> Result<String, TemplateError> {
    environment().render_str(template, Serde(values)).map_err(|e| TemplateError(say(&e)))
}

/// A template that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// Says what is wrong with a template before any run: its syntax, a name that no run will know, or whatever else keeps it
/// from being rendered.
pub(super) fn check(template: &str, defined: &Defined) -> Result<(), Mistake> {
    let environment = environment();
    let mistake = |e: &minijinja::Error| Mistake { message: what(e), at: begins(template, e.line().unwrap_or(1)) };
    let parsed = environment.template_from_str(template).map_err(|e| mistake(&e))?;
    let values = defined.stand_ins();
    let declared = serde_json::to_value(&values.declares).expect("what a manifest declares is plain values");
    let declared = declared.as_object().into_iter().flatten().map(|(key, _)| format!("declares.{key}"));
    let mut known = BTreeSet::from(
        ["conformance.exe", "run.connections", "run.dir", "run.report", "run.state", "stack.dir"].map(str::to_owned),
    );
    known.extend(defined.files.iter().map(|name| format!("files.{name}")));
    known.extend(defined.listen.iter().flat_map(|n| [format!("listen.{n}.url"), format!("listen.{n}.address")]));
    known.extend(declared);
    let is_known = |used: &str| {
        let below = |name: &String| used.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        known.contains(used) || known.iter().any(|name| name.starts_with("declares.") && below(name))
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
    use super::*;

    fn values() -> Values {
        let declares = r#"{"poll_every": "1h", "look_back": "6h", "lateness": "60m", "request_timeout": "30s"}"#;
        let redirect = Listener { url: "http://127.0.0.1:20001/cb".to_owned(), address: "127.0.0.1:20001".to_owned() };
        Values {
            conformance: Conformance { exe: "/bin/conformance".into() },
            stack: StackFolder { dir: "/stacks/x".into() },
            run: Run {
                dir: "/run".into(),
                connections: "/run/connections.json".into(),
                report: "/run/report.ndjson".into(),
                state: "/run/state".into(),
            },
            files: BTreeMap::from([("config".to_owned(), "/run/config.yaml".into())]),
            listen: BTreeMap::from([("redirect".to_owned(), redirect)]),
            declares: serde_json::from_str(declares).unwrap(),
        }
    }

    #[test]
    fn every_value_of_the_contract_can_be_written() {
        let template = "{{ conformance.exe }} {{ stack.dir }} {{ run.dir }} {{ run.connections }} {{ run.report }} \
                        {{ run.state }} {{ files.config }} {{ listen.redirect.url }} {{ listen.redirect.address }} \
                        {{ declares.poll_every }}";
        insta::assert_snapshot!(render(template, &values()).unwrap(), @"/bin/conformance /stacks/x /run /run/connections.json /run/report.ndjson /run/state /run/config.yaml http://127.0.0.1:20001/cb 127.0.0.1:20001 1h");
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
            declares: values().declares,
        };
        let sound = "{{ files.config }} {{ listen.redirect.url }} {{ declares.look_back }}\n\
                     {% if declares.backfill.miro is defined %}{{ declares.backfill.miro }}{% endif %}";
        assert_eq!(check(sound, &defined), Ok(()));
        #[rustfmt::skip]
        let cases = [
            ("{{ files.confg }}",                         (1, 4),  "`{{ files.confg }}` is not known here"),
            ("a: 1\nb: {{ declares.nonsense }}",          (2, 7),  "`{{ declares.nonsense }}` is not known here"),
            ("a: 1\nb: {{ declares.policies.none.speed }}", (2, 4), "undefined value"),
            ("a: 1\nb: x {{ run.dir",                     (2, 6),  "unexpected end of"),
        ];
        for (template, at, message) in cases {
            let mistake = check(template, &defined).unwrap_err();
            assert!(mistake.message.starts_with(message), "{template}: {mistake:?}");
            assert_eq!(mistake.at, at, "{template}");
        }
    }
}
