//! Commands for those who write scenarios.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use simulator::attacks::Parameters;
use simulator::scenario::Vendor;
use simulator::seed::Seed;

use super::{CliError, output};
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
    /// Name of the attack (see `simulator attacks`).
    attack: String,
    /// Where it happens.
    #[arg(long, default_value = "miro", value_parser = vendor)]
    app: Vendor,
    /// The number that everything unwritten is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A number of the attack's, e.g. `--set attempts=11`.
    #[arg(long = "set", value_name = "NAME=NUMBER", value_parser = number)]
    numbers: Vec<(String, f64)>,
    /// Folder to write the two files to; printed without it.
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
    let parameters = Parameters { vendor: args.app, seed: Seed(args.seed), numbers };
    let files = generator::generate(&args.attack, &parameters).map_err(CliError::wrong)?;
    let both = [(&files.name, &files.text), (&files.twin_name, &files.twin_text)];
    let Some(dir) = &args.out else {
        for (name, text) in both {
            output::print(&format!("# {name}\n{}{text}", modeline(SCHEMA_NAME)))?;
        }
        return Ok(Exit::Pass);
    };
    let unwritable = |e| CliError::wrong(Misnamed::met(dir, &e, "a folder for the two scenarios"));
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    if let Some(path) = both.iter().map(|(name, _)| dir.join(name)).find(|path| path.exists()) {
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
    for (name, text) in both {
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
