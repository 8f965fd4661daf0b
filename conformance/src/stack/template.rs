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

/// The names that a manifest defines itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) files: BTreeSet<String>,
    pub(super) listen: BTreeSet<String>,
}

/// Replaces every `{{ … }}`. Something unknown in one is an error.
pub fn render(template: &str, values: &Values) -> Result<String, TemplateError> {
    environment().render_str(template, Serde(values)).map_err(|e| TemplateError(say(&e)))
}

/// A template that cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

/// Says what is wrong with a template before any run: its syntax, or a name that no run will know.
pub(super) fn check(template: &str, names: &Names) -> Result<(), String> {
    let environment = environment();
    let parsed = environment.template_from_str(template).map_err(|e| say(&e))?;
    let mut known = BTreeSet::from(
        ["conformance.exe", "run.connections", "run.dir", "run.report", "run.state", "stack.dir"].map(str::to_owned),
    );
    known.extend(names.files.iter().map(|name| format!("files.{name}")));
    known.extend(names.listen.iter().flat_map(|name| [format!("listen.{name}.url"), format!("listen.{name}.address")]));
    let mut used: Vec<String> = parsed.undeclared_variables(true).into_iter().collect();
    used.sort();
    match used.into_iter().find(|name| !known.contains(name) && !name.starts_with("declares.")) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<String> = known.into_iter().collect();
            Err(format!("`{{{{ {unknown} }}}}` is not known here; known are {} and declares.KEY", known.join(", ")))
        }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are valid"));
    environment
}

fn say(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    match error.line() {
        Some(line) if line > 1 => format!("template line {line}: {what}"),
        _ => format!("template: {what}"),
    }
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
    fn a_check_knows_the_names_that_the_manifest_defines() {
        let names = Names { files: ["config".to_owned()].into(), listen: ["redirect".to_owned()].into() };
        assert_eq!(check("{{ files.config }} {{ listen.redirect.url }} {{ declares.look_back }}", &names), Ok(()));
        let error = check("{{ files.confg }}", &names).unwrap_err();
        assert!(error.starts_with("`{{ files.confg }}` is not known here"), "{error}");
        assert!(check("{{ run.dir", &names).is_err());
    }
}
