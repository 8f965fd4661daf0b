//! Commands for those who write scenarios.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use simulator::attacks::{ALL, Parameters};
use simulator::scenario::Vendor;
use simulator::seed::Seed;

use super::dialog::{self, Said, Wish};
use super::{CliError, output};
use crate::generate::Files;
use crate::named::Misnamed;
use crate::runner::outcome::Exit;
use crate::scenario::{self, Found, Script, lint as linter, list as listing, schema as language};
use crate::{contract, explain as explained, generate as generator, oracle};

/// Which scenarios.
#[derive(Args, Debug)]
pub(super) struct PathArgs {
    /// Scenario files, and folders with scenarios.
    #[arg(default_value = "scenarios")]
    paths: Vec<PathBuf>,
}

/// Which schema.
#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Of what.
    #[arg(value_enum, default_value_t = SchemaOf::Scenario)]
    of: SchemaOf,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaOf {
    /// A scenario.
    Scenario,
    /// A line of a stack's report.
    Report,
}

/// Which check.
#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// Id of a check: `ingest/lost-event`.
    id: Option<String>,
    /// Print every page, for the book.
    #[arg(long, conflicts_with = "id")]
    markdown: bool,
}

/// Which attack.
#[derive(Args, Debug)]
pub(super) struct GenerateArgs {
    /// Name of the attack (see `simulator attacks`); on a terminal it is asked for, with what else is not said.
    attack: Option<String>,
    /// Where it happens; in miro without it.
    #[arg(long, value_parser = vendor)]
    app: Option<Vendor>,
    /// Whom it happens to: a name for the cast. Somebody is drawn without it.
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Write the attack alone, without its near miss.
    #[arg(long)]
    without_twin: bool,
    /// The number that everything unwritten is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A number of the attack's, e.g. `--set attempts=11`.
    #[arg(long = "set", value_name = "NAME=NUMBER", value_parser = number)]
    numbers: Vec<(String, f64)>,
    /// Folder to write the files to; printed without it.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn vendor(text: &str) -> Result<Vendor, String> {
    let all: Vec<Vendor> = simulator::vendors::all().into_iter().map(|spec| spec.vendor).collect();
    let found = all.iter().copied().find(|vendor| vendor.name() == text);
    found.ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|vendor| vendor.name()).collect();
        format!("`{text}` is not built; there are {}", names.join(", "))
    })
}

fn number(text: &str) -> Result<(String, f64), String> {
    let read = text.split_once('=').and_then(|(name, number)| Some((name.to_owned(), number.parse().ok()?)));
    read.ok_or_else(|| format!("`{text}` is not NAME=NUMBER"))
}

pub(super) fn lint(args: &PathArgs) -> Result<Exit, CliError> {
    let report = linter::lint(&found(&args.paths)?, oracle::remarks);
    output::print(&report.to_string())?;
    Ok(if report.errors() > 0 { Exit::Wrong } else { Exit::Pass })
}

pub(super) fn schema(args: &SchemaArgs) -> Result<Exit, CliError> {
    output::print_raw(&match args.of {
        SchemaOf::Scenario => language::text(),
        SchemaOf::Report => format!("{:#}\n", contract::schema::contract()),
    })?;
    Ok(Exit::Pass)
}

pub(super) fn list(args: &PathArgs) -> Result<Exit, CliError> {
    output::print(&listing::table(&read(&found(&args.paths)?)?))?;
    Ok(Exit::Pass)
}

pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, CliError> {
    if args.markdown {
        output::print(&explained::catalogue())?;
        return Ok(Exit::Pass);
    }
    let Some(id) = &args.id else {
        output::print(&explained::listing())?;
        return Ok(Exit::Pass);
    };
    let page = explained::explain(id).map_err(|nearest| {
        let meant = nearest.map_or_else(|| ";".to_owned(), |id| format!(": did you mean `{id}`?"));
        CliError::wrong(format!("there is no check `{id}`{meant} `conformance explain` lists them"))
    })?;
    output::print(&page)?;
    Ok(Exit::Pass)
}

pub(super) fn generate(args: &GenerateArgs) -> Result<Exit, CliError> {
    let numbers: BTreeMap<String, f64> = args.numbers.iter().cloned().collect();
    let draft = |wish: &Wish| {
        let parameters = Parameters { vendor: wish.app, seed: Seed(args.seed), numbers: numbers.clone() };
        generator::generate(&wish.attack, &parameters, wish.person.as_deref())
    };
    let wish = match &args.attack {
        Some(attack) => Wish {
            attack: attack.clone(),
            app: args.app.unwrap_or(Vendor::Miro),
            person: args.person.clone(),
            twin: !args.without_twin,
            out: args.out.clone(),
        },
        None if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            let said = Said {
                app: args.app,
                person: args.person.as_deref(),
                without_twin: args.without_twin,
                out: args.out.as_deref(),
            };
            let (answers, shown) = (std::io::stdin().lock(), std::io::stdout().lock());
            dialog::ask(answers, shown, &said, draft, taken).map_err(CliError::wrong)?
        }
        None => {
            let names: Vec<&str> = ALL.iter().map(|attack| attack.name).collect();
            return Err(CliError::wrong(format!(
                "the name of an attack is missing, and there is no terminal to ask for it; there are {}",
                names.join(", ")
            )));
        }
    };
    let files = draft(&wish).map_err(CliError::wrong)?;
    match &wish.out {
        Some(dir) => write(dir, &files, wish.twin),
        None => {
            for (name, text) in files.wanted(wish.twin) {
                output::print(&format!("# {name}\n{}{text}", modeline(SCHEMA_NAME)))?;
            }
            Ok(Exit::Pass)
        }
    }
}

/// The first of these files that is in the folder already.
fn taken(dir: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| dir.join(name)).find(|path| path.exists())
}

/// Writes what was generated, with the schema beside it unless that lies above.
fn write(dir: &Path, files: &Files, twin: bool) -> Result<Exit, CliError> {
    let unwritable = |e| CliError::wrong(Misnamed::met(dir, &e, "a folder for the scenarios"));
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    if let Some(path) = taken(dir, &files.names(twin)) {
        return Err(CliError::wrong(format!("{} is there already", path.display())));
    }
    let schema = match schema_above(dir) {
        Some(schema) => schema,
        None => {
            let path = dir.join(SCHEMA_NAME);
            std::fs::write(&path, language::text()).map_err(unwritable)?;
            output::print(&format!("{}: what editors complete and check by\n", path.display()))?;
            SCHEMA_NAME.to_owned()
        }
    };
    for (name, text) in files.wanted(twin) {
        let path = dir.join(name);
        std::fs::write(&path, modeline(&schema) + text).map_err(unwritable)?;
        output::print(&format!("{}\n", path.display()))?;
    }
    Ok(Exit::Pass)
}

/// What the schema is called where it lies beside scenarios.
const SCHEMA_NAME: &str = "scenario.schema.json";

/// The line by which an editor finds the schema.
fn modeline(schema: &str) -> String {
    format!("# yaml-language-server: $schema={schema}\n")
}

/// The way from a folder to the schema that lies in it or above.
fn schema_above(dir: &Path) -> Option<String> {
    let dir = std::fs::canonicalize(dir).ok()?;
    let levels = dir.ancestors().position(|above| above.join(SCHEMA_NAME).is_file())?;
    Some("../".repeat(levels) + SCHEMA_NAME)
}

/// The scenarios at some paths.
pub(super) fn found(paths: &[PathBuf]) -> Result<Vec<Found>, CliError> {
    scenario::find(paths).map_err(CliError::wrong)
}

/// Reads them all, or says all that is wrong with them.
pub(super) fn read(found: &[Found]) -> Result<Vec<Script>, CliError> {
    let (mut scripts, mut wrong) = (Vec::new(), Vec::new());
    for found in found {
        match found.read() {
            Ok(script) => scripts.push(script),
            Err(errors) => wrong.push(errors.to_string()),
        }
    }
    if wrong.is_empty() { Ok(scripts) } else { Err(CliError::wrong(wrong.join("\n"))) }
}
