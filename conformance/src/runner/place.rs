//! The folder of one passage: what the stack is given, where it lives, what it leaves.
//!
//! ```text
//! given/      connections.json, geo databases and indicators, the authority's certificate, the stack's rendered files
//! run/        its working directory: `{{ run.dir }}`
//! received/   what came to each of its sinks
//! stdout.log, stderr.log; of several processes each its own: collector.stdout.log, …
//! ```

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use simulator::Simulation;
use simulator::scenario::App;
use simulator::server::{GeoFiles, Running};
use simulator::tls::Authority;
use simulator::world::feeds::{Feeds, TOR_EXITS, plain};
use simulator::world::geo;

use super::error::RunError;
use super::interception::Interception;
use super::keep::{self, TakenState};
use crate::recording::{OpenFile, Output, Whereabouts};
use crate::secrets::Search;
use crate::stack::manifest::{Outlet, Program, Source};
use crate::stack::process::Launch;
use crate::stack::report_tail::Tail;
use crate::stack::sink::{self, Served, Sink};
use crate::stack::template::{Conformance, Folder, Listener, Run, Values, render, sample_connections};
use crate::stack::{Manifest, Ready, ports};
use crate::walk::{Links, visit};

/// An output is kept up to here, bytes: people need no more of it.
const MOST_KEPT: u64 = 4_000_000;

/// What a process prints: the name it has for people, and the file that keeps it.
#[derive(Clone, Debug)]
struct Stream {
    name: String,
    file: PathBuf,
}

/// Standard output and error of a process.
fn streams(dir: &Path, program: &Program) -> [Stream; 2] {
    ["stdout", "stderr"].map(|stream| {
        let name = program.name.as_ref().map_or_else(|| stream.to_owned(), |program| format!("{program}.{stream}"));
        Stream { file: dir.join(format!("{name}.log")), name }
    })
}

/// The folder of one passage.
pub(super) struct Place {
    dir: PathBuf,
    pub(super) values: Values,
    /// What its report is read from, rendered.
    report: Vec<Outlet>,
    /// What each process prints: standard output, standard error.
    streams: Vec<[Stream; 2]>,
    /// Where it may send its report, until that is listened at.
    sinks: Vec<Sink>,
}

impl Place {
    /// Makes an empty folder and allots what the stack listens on.
    pub(super) fn make(dir: &Path, manifest: &Manifest, exe: &Path) -> Result<Self, RunError> {
        let dir = std::path::absolute(dir).map_err(RunError::file(dir))?;
        if dir.exists() {
            std::fs::remove_dir_all(&dir).map_err(RunError::file(&dir))?;
        }
        for part in ["given", "run", "received"] {
            let part = dir.join(part);
            std::fs::create_dir_all(&part).map_err(RunError::file(&part))?;
        }
        let stack_dir = std::path::absolute(&manifest.dir).map_err(RunError::file(&manifest.dir))?;
        let mut listen = BTreeMap::new();
        for (name, path) in &manifest.listen {
            let address = format!("127.0.0.1:{}", ports::allot().map_err(RunError::NoPort)?);
            listen.insert(name.clone(), Listener { url: format!("http://{address}{path}"), address });
        }
        let mut sinks = Vec::new();
        let mut open = BTreeMap::new();
        for (name, form) in manifest.report.iter().filter_map(|source| source.from.sink()) {
            let sink = Sink::open(form, received(&dir, name)).map_err(RunError::NoPort)?;
            let address = sink.address().map_err(RunError::NoPort)?;
            open.insert(name.to_owned(), Listener { url: format!("http://{address}/"), address });
            sinks.push(sink);
        }
        let streams: Vec<[Stream; 2]> = manifest.run.iter().map(|program| streams(&dir, program)).collect();
        let given = |name: &str| dir.join("given").join(name);
        let mut values = Values {
            conformance: Conformance { exe: exe.to_owned() },
            stack: Folder { dir: stack_dir },
            setup: manifest.setup.folder(&manifest.name)?.map(|dir| Folder { dir }),
            run: Run { dir: dir.join("run"), connections: given("connections.json"), ..Run::default() },
            files: manifest
                .files
                .iter()
                .map(|(name, from)| (name.clone(), given(&rendered_name(name, from))))
                .collect(),
            listen,
            sinks: open,
            declares: manifest.declares.clone(),
            connections: sample_connections(),
        };
        let rendered = |what: &str, template: &str, values: &Values| {
            render(template, values).map_err(|source| RunError::Template { what: what.to_owned(), source })
        };
        values.run.state = rendered("state", &manifest.state, &values)?.into();
        let mut report = Vec::new();
        for source in &manifest.report {
            report.push(match &source.from {
                Outlet::Ndjson(file) => Outlet::Ndjson(rendered("report", file, &values)?),
                Outlet::Files(pattern) => Outlet::Files(rendered("report", pattern, &values)?),
                Outlet::Sqlite { file, query } => {
                    Outlet::Sqlite { file: rendered("report", file, &values)?, query: query.clone() }
                }
                sent @ (Outlet::Stdout | Outlet::Http(_) | Outlet::Syslog(_)) => sent.clone(),
            });
            if values.run.report.as_os_str().is_empty() {
                values.run.report = match report.last() {
                    Some(Outlet::Ndjson(file)) => file.into(),
                    Some(Outlet::Stdout) => streams[0][0].file.clone(),
                    _ => continue,
                };
            }
        }
        Ok(Self { dir, values, report, streams, sinks })
    }

    /// What its report is read from, each with what translates it.
    pub(super) fn sources(&self, manifest: &Manifest) -> Vec<Tail> {
        let sources = manifest.report.iter().zip(&self.report);
        let tails = |(source, from): (&Source, &Outlet)| {
            let translator = || source.map.as_ref().map(|map| map.translator(&self.values.connections));
            match from {
                Outlet::Ndjson(file) => vec![Tail::file(Path::new(file), translator())],
                Outlet::Files(pattern) => vec![Tail::files(pattern, translator())],
                Outlet::Stdout => {
                    self.streams.iter().map(|[stdout, _]| Tail::file(&stdout.file, translator())).collect()
                }
                Outlet::Http(name) | Outlet::Syslog(name) => {
                    vec![Tail::file(&received(&self.dir, name), translator())]
                }
                Outlet::Sqlite { file, query } => vec![Tail::query(Path::new(file), query, translator())],
            }
        };
        sources.flat_map(tails).collect()
    }

    /// Begins to listen where the stack may send its report.
    pub(super) fn listen(&mut self) -> Result<Served, RunError> {
        sink::serve(std::mem::take(&mut self.sinks)).map_err(RunError::NoPort)
    }

    /// Writes the certificate that clients have to trust.
    pub(super) fn keep_authority(&self, authority: &Authority) -> Result<PathBuf, RunError> {
        let file = self.dir.join("given").join("ca.pem");
        std::fs::write(&file, authority.pem()).map_err(RunError::file(&file))?;
        Ok(file)
    }

    /// Where vendors send the administrator's browser back to.
    pub(super) fn redirect_uris(&self) -> Vec<String> {
        self.values.listen.get("redirect").map(|listener| listener.url.clone()).into_iter().collect()
    }

    /// Writes all that the stack is given.
    pub(super) fn furnish(
        &mut self,
        manifest: &Manifest,
        sim: &Simulation,
        running: &Running,
        interception: Option<&Interception>,
    ) -> Result<(), RunError> {
        let given = self.dir.join("given");
        let write = |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).map_err(RunError::file(path));
        let geo_files = GeoFiles {
            city: given.join("city.mmdb"),
            asn: given.join("asn.mmdb"),
            anonymous_ip: given.join("anonymous-ip.mmdb"),
            indicators: given.join("indicators.csv"),
        };
        let epoch = sim.scenario.history_start();
        write(&geo_files.city, &geo::city(&sim.world, epoch))?;
        write(&geo_files.asn, &geo::asn(&sim.world, epoch))?;
        let feeds = Feeds::of(&sim.scenario, &sim.world, sim.clock.now());
        write(&geo_files.anonymous_ip, &geo::anonymous_ip(&sim.world, feeds.changed(TOR_EXITS)))?;
        write(&geo_files.indicators, plain::csv(&feeds).as_bytes())?;
        self.values.connections = running.connections(&geo_files);
        if let Some(interception) = interception {
            self.values.connections["ca_file"] = json!(interception.ca_file);
        }
        write(&self.values.run.connections, format!("{:#}\n", self.values.connections).as_bytes())?;
        self.render_files(manifest)
    }

    /// Where all this is.
    pub(super) fn whereabouts(&self, sim: &Simulation, running: &Running) -> Whereabouts {
        let of_app = |app: &App| Some((app.name.clone(), running.app_address(&app.name)?.port()));
        let apps = sim.scenario.apps.iter().filter_map(of_app);
        let port = |listener: &Listener| listener.address.rsplit(':').next()?.parse().ok();
        let listeners = self.values.listen.iter().filter_map(|(name, at)| Some((name.clone(), port(at)?)));
        let run = &self.values.run;
        let folders = [("passage", &self.dir), ("run", &run.dir), ("state", &run.state)];
        Whereabouts {
            ports: apps.chain(listeners).collect(),
            folders: folders.map(|(name, folder)| (name.to_owned(), folder.clone())).into(),
        }
    }

    /// Writes the stack's own files.
    pub(super) fn render_files(&self, manifest: &Manifest) -> Result<(), RunError> {
        for (name, from) in &manifest.files {
            let from = manifest.dir.join(from);
            let template = std::fs::read_to_string(&from).map_err(RunError::file(&from))?;
            let text = render(&template, &self.values)
                .map_err(|source| RunError::Template { what: format!("files.{name}"), source })?;
            let to = &self.values.files[name];
            std::fs::write(to, text).map_err(RunError::file(to))?;
        }
        Ok(())
    }

    /// How the stack's processes are started here.
    pub(super) fn launches(
        &self,
        manifest: &Manifest,
        timezone: &str,
        interception: Option<&Interception>,
    ) -> Result<Vec<Launch>, RunError> {
        let word = |template: &String| {
            render(template, &self.values).map_err(|source| RunError::Template { what: "run".to_owned(), source })
        };
        let mut env = BTreeMap::from([("TZ".to_owned(), timezone.to_owned())]);
        env.extend(interception.into_iter().flat_map(Interception::variables));
        let launch = |(program, [stdout, stderr]): (&Program, &[Stream; 2])| {
            Ok(Launch {
                name: program.name.clone(),
                command: program.command.iter().map(word).collect::<Result<_, RunError>>()?,
                stack_dir: self.values.stack.dir.clone(),
                work_dir: self.values.run.dir.clone(),
                passed: manifest.env.clone(),
                env: env.clone(),
                stdout: stdout.file.clone(),
                stderr: stderr.file.clone(),
            })
        };
        manifest.run.iter().zip(&self.streams).map(launch).collect()
    }

    /// The URL that answers once the stack is ready, if that is how it says so.
    pub(super) fn ready_url(&self, manifest: &Manifest) -> Result<Option<String>, RunError> {
        let Some(Ready::Http(template)) = &manifest.ready else { return Ok(None) };
        let url = render(template, &self.values);
        url.map(Some).map_err(|source| RunError::Template { what: "ready".to_owned(), source })
    }

    /// What it wrote for people: its output, and files outside its state and its report. In order of name. Secrets are
    /// looked for in all of each, however little of it is kept.
    pub(super) fn outputs(&self, secrets: &BTreeMap<String, String>) -> Vec<Output> {
        let search = Search::new(secrets);
        let mut outputs = Vec::new();
        // What is its report is searched as such.
        let reports = self.report.contains(&Outlet::Stdout);
        for [stdout, stderr] in &self.streams {
            let printed = [(!reports).then_some(stdout), Some(stderr)];
            outputs.extend(printed.into_iter().flatten().map(|s| output(s.name.clone(), &s.file, &search)));
        }
        let run = &self.values.run;
        let mut files = Vec::new();
        let mut unread = Vec::new();
        let name = |path: &Path| path.strip_prefix(&run.dir).unwrap_or(path).display().to_string();
        visit(
            &run.dir,
            Links::Skipped,
            &|path| path != run.report && !path.starts_with(&run.state),
            &mut |path, found| match found {
                Ok(()) => files.push(path.to_owned()),
                Err(error) => unread.push(Output { unread: Some(error.to_string()), ..Output::empty(name(path)) }),
            },
        );
        outputs.extend(unread);
        files.sort();
        for path in files {
            outputs.push(output(name(&path), &path, &search));
        }
        outputs
    }

    /// Removes what it keeps.
    pub(super) fn wipe_state(&self) -> std::io::Result<()> {
        self.kept().map_or(Ok(()), |state| keep::wipe(state, &self.values.run.report))
    }

    /// Cuts what it keeps, and says whether there was anything to cut.
    pub(super) fn cut_state(&self) -> std::io::Result<bool> {
        self.kept().map_or(Ok(false), |state| keep::cut(state, &self.values.run.report))
    }

    /// Takes away the place of what it keeps; none where something else lies in it, or it is not ours.
    pub(super) fn take_state(&self) -> std::io::Result<Option<TakenState>> {
        let run = &self.values.run;
        let holds_more = [&run.dir, &run.report].iter().any(|path| path.starts_with(&run.state));
        self.kept().filter(|_| !holds_more).map(keep::take).transpose()
    }

    /// What of it everybody on the machine can read.
    pub(super) fn open_state(&self, secrets: &BTreeMap<String, String>) -> Vec<OpenFile> {
        self.kept().map_or_else(Vec::new, |state| keep::open_to_others(state, &self.values.run.report, secrets))
    }

    /// Its state folder, where that is ours to look into.
    fn kept(&self) -> Option<&Path> {
        let state = &self.values.run.state;
        state.starts_with(&self.dir).then_some(state)
    }

    /// The files that its processes print to.
    pub(super) fn printed_to(&self) -> impl Iterator<Item = PathBuf> {
        self.streams.iter().flatten().map(|stream| stream.file.clone())
    }

    /// Where it can be looked at.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// What came to the sink `name`.
fn received(dir: &Path, name: &str) -> PathBuf {
    dir.join("received").join(format!("{name}.ndjson"))
}

/// `config.yaml` for a file called `config` made from `templates/settings.yaml`.
fn rendered_name(name: &str, from: &Path) -> String {
    match from.extension() {
        Some(extension) => format!("{name}.{}", extension.to_string_lossy()),
        None => name.to_owned(),
    }
}

/// A file that is gone by now is an empty one; one that cannot be read says so.
fn output(name: String, path: &Path, search: &Search<'_>) -> Output {
    let mut text = Vec::new();
    let searched = std::fs::File::open(path).and_then(|file| {
        (&file).take(MOST_KEPT).read_to_end(&mut text)?;
        search.in_stream(std::fs::File::open(path)?)
    });
    let (secrets, unread) = match searched {
        Ok(found) => (found.into_iter().map(str::to_owned).collect(), None),
        Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    Output { name, text: String::from_utf8_lossy(&text).into_owned(), secrets, unread }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_behind_what_is_kept_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("debug.log");
        std::fs::write(&path, format!("{}canary-0123456789", "a line\n".repeat(800_000))).unwrap();
        let secrets = BTreeMap::from([("<token:miro/stack#1>".to_owned(), "canary-0123456789".to_owned())]);
        let output = output("debug.log".to_owned(), &path, &Search::new(&secrets));
        assert_eq!((output.text.len() as u64, output.text.contains("canary")), (MOST_KEPT, false));
        assert_eq!(output.secrets, ["<token:miro/stack#1>"]);
    }

    #[test]
    fn what_cannot_be_read_says_so_and_what_is_gone_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = BTreeMap::new();
        let unread = |path: &Path| output("x".to_owned(), path, &Search::new(&secrets)).unread;
        assert!(unread(folder.path()).is_some_and(|why| why.contains("directory")));
        assert_eq!(unread(&folder.path().join("gone.log")), None);
    }
}
