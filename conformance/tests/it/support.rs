//! What the tests share: running the command in a folder of their own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The workspace's root.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A folder with scenarios, snapshots and stacks, thrown away at the end.
pub(crate) struct House {
    folder: TempDir,
}

impl House {
    /// With the workspace's scenarios at these paths, and the reference stack.
    pub(crate) fn with(scenarios: &[&str]) -> Self {
        let house = Self { folder: TempDir::new().unwrap() };
        for id in scenarios {
            let text = std::fs::read_to_string(workspace().join("scenarios").join(format!("{id}.yaml"))).unwrap();
            // Alone in its folder, a twin has nothing to be the twin of.
            let alone: Vec<&str> = text.lines().filter(|line| !line.starts_with("twin_of:")).collect();
            house.write(&format!("scenarios/{id}.yaml"), &(alone.join("\n") + "\n"));
        }
        std::fs::create_dir_all(house.path("snapshots")).unwrap();
        house.stack("reference", None);
        house
    }

    /// The reference stack under another name, with a planted bug.
    pub(crate) fn stack(&self, name: &str, bug: Option<&str>) {
        let from = workspace().join("stacks/reference");
        let manifest = std::fs::read_to_string(from.join("stack.yaml")).unwrap();
        let mut config = std::fs::read_to_string(from.join("templates/config.yaml")).unwrap();
        if let Some(bug) = bug {
            let known = reference_stack::planted_bugs();
            assert!(known.iter().any(|known| known.id == bug), "there is no bug `{bug}`: the stack would not start");
            config.push_str(&format!("\nbug: {bug}\n"));
        }
        self.write(
            &format!("stacks/{name}/stack.yaml"),
            &manifest.replace("name: reference", &format!("name: {name}")),
        );
        self.write(&format!("stacks/{name}/templates/config.yaml"), &config);
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn conformance(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_conformance"))
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .args(arguments)
            .output()
            .unwrap()
    }

    /// Runs scenarios and gives back exit status, JSON report and what was printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, Value, String) {
        let report = self.path("report.json");
        let json = format!("json={}", report.display());
        let output = self.conformance(&[&["run"], arguments, &["--report", &json]].concat());
        let printed = text(&output);
        let report = std::fs::read_to_string(&report).map_or(Value::Null, |t| serde_json::from_str(&t).unwrap());
        (output.status.code().unwrap_or(-1), report, printed)
    }
}

/// Says that a test was not made here, past libtest, which shows what a test prints only where it fails, and counts it as
/// passed. Where `SKIP_NOTHING` is set that is a failure: for machines that are known to have everything.
#[track_caller]
pub(crate) fn not_tested(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var_os("SKIP_NOTHING").is_none(), "{test} cannot be made here: {why}");
    std::io::stderr().write_all(format!("NOT TESTED: {test}: {why}\n").as_bytes()).unwrap();
}

/// Everything a command printed.
pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The ids of the checks that found something in a scenario.
pub(crate) fn checks(report: &Value, scenario: &str) -> Vec<String> {
    let scenarios = report["scenarios"].as_array().cloned().unwrap_or_default();
    let found = scenarios.iter().find(|s| s["id"] == scenario).map(|s| s["findings"].clone()).unwrap_or_default();
    found.as_array().into_iter().flatten().map(|f| f["check"].as_str().unwrap_or("").to_owned()).collect()
}
