//! Reports of parts joined into the report of the whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::json::VERSION;
use super::{RunReport, ScenarioReport};
use crate::named::{self, Misnamed};
use crate::runner::outcome::{Exit, exit_of};
use crate::runner::select::Shard;
use crate::scenario::Level;
use crate::verdict::{Finding, Judgement, KnownFailure, Verdict};

/// A report of [`json`](super::json) as it is read back.
#[derive(Deserialize)]
struct Part {
    version: u32,
    conformance: String,
    seed: Option<u64>,
    #[serde(deserialize_with = "super::stack_name")]
    stack: String,
    repeat: Vec<String>,
    shard: Option<Shard>,
    wall_ms: u64,
    scenarios: Vec<PartScenario>,
}

#[derive(Deserialize)]
struct PartScenario {
    id: String,
    title: String,
    file: PathBuf,
    level: Level,
    wall_ms: u64,
    verdict: Verdict,
    skipped: Option<String>,
    #[serde(default)]
    known: Vec<KnownFailure>,
    #[serde(default)]
    not_judged: Vec<String>,
    findings: Vec<Finding>,
}

/// Why parts cannot be joined.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Not a report.
    #[error(transparent)]
    Misnamed(#[from] Misnamed),
    /// Not a report of this version.
    #[error("{name}: not a report of `--report json`: {why}")]
    Unreadable {
        /// What was read.
        name: String,
        /// Why not.
        why: String,
    },
    /// They are not of one run.
    #[error("{name} is of another run: {what} is {found}, and {expected} in the first")]
    Another {
        /// What was read.
        name: String,
        /// In what it differs.
        what: &'static str,
        /// What it says there.
        found: String,
        /// What the first one says.
        expected: String,
    },
    /// Two parts judged the same scenario.
    #[error("{name}: {id} is in another part too")]
    Twice {
        /// What was read.
        name: String,
        /// The scenario.
        id: String,
    },
    /// There is nothing to join.
    #[error("there are no reports")]
    Nothing,
}

/// What came of joining.
#[derive(Debug)]
pub struct Merged {
    /// The whole.
    pub run: RunReport,
    /// Parts that are not there: `3/5`.
    pub missing: Vec<String>,
}

impl Merged {
    /// The exit status of the whole: that of a run, and what a part is missing of was not judged.
    pub fn exit(&self) -> Exit {
        if !self.missing.is_empty() {
            return Exit::Harness;
        }
        let judged = self.run.scenarios.iter().filter(|s| s.judgement.skipped.is_none());
        exit_of(judged.map(|s| (s.level, s.judgement.verdict)))
    }
}

/// Joins reports, each with the name of its file.
pub fn merge(parts: &[(String, String)]) -> Result<Merged, MergeError> {
    let mut read = Vec::new();
    for (name, text) in parts {
        let part: Part = named::parse(Path::new(name), text, named::REPORT)?;
        if part.version != VERSION {
            let why = format!("version {} is not {VERSION}", part.version);
            return Err(MergeError::Unreadable { name: name.clone(), why });
        }
        read.push((name, part));
    }
    let (_, first) = read.first().ok_or(MergeError::Nothing)?;
    let seed = |part: &Part| part.seed.map_or("each scenario's own".to_owned(), |seed| seed.to_string());
    for (name, part) in &read {
        let of = |part: &Part| part.shard.map_or("none".to_owned(), |shard| format!("of {}", shard.of()));
        let aspects = [
            ("the stack", part.stack.clone(), first.stack.clone()),
            ("the seed", seed(part), seed(first)),
            ("the build of conformance", part.conformance.clone(), first.conformance.clone()),
            ("the shard", of(part), of(first)),
        ];
        if let Some((what, found, expected)) = aspects.into_iter().find(|(_, found, expected)| found != expected) {
            return Err(MergeError::Another { name: (*name).clone(), what, found, expected });
        }
    }
    let mut run = RunReport {
        version: first.conformance.clone(),
        stack: first.stack.clone(),
        seed: first.seed,
        repeat: first.repeat.clone(),
        shard: None,
        scenarios: Vec::new(),
        wall: Duration::ZERO,
    };
    let missing = missing(read.iter().filter_map(|(_, part)| part.shard));
    let mut scenarios: BTreeMap<String, ScenarioReport> = BTreeMap::new();
    for (name, part) in read {
        // Parts run side by side.
        run.wall = run.wall.max(Duration::from_millis(part.wall_ms));
        for scenario in part.scenarios {
            let scenario = report(scenario);
            let id = scenario.judgement.id.clone();
            match scenarios.get_mut(&id) {
                None => drop(scenarios.insert(id, scenario)),
                // What is about no scenario may be found by every part.
                Some(known) if scenario.is_about_none() => {
                    known.judgement.verdict = known.judgement.verdict.max(scenario.judgement.verdict);
                    known.judgement.findings.extend(scenario.judgement.findings);
                }
                Some(_) => return Err(MergeError::Twice { name: name.clone(), id }),
            }
        }
    }
    run.scenarios = scenarios.into_values().collect();
    Ok(Merged { run, missing })
}

fn report(part: PartScenario) -> ScenarioReport {
    let PartScenario { id, title, file, level, wall_ms, verdict, skipped, known, not_judged, findings } = part;
    let judgement = Judgement { id, verdict, skipped, findings, known, not_judged };
    ScenarioReport { path: file, title, level, judgement, wall: Duration::from_millis(wall_ms) }
}

/// The shards that are not there.
fn missing(shards: impl Iterator<Item = Shard>) -> Vec<String> {
    let there: Vec<Shard> = shards.collect();
    let all = there.first().map(|shard| Shard::all(shard.of())).unwrap_or_default();
    all.into_iter().filter(|shard| !there.contains(shard)).map(|shard| shard.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{example, json};
    use super::*;

    /// The example, cut into parts by the place of a scenario.
    fn parts(of: u32) -> Vec<(String, String)> {
        let part = |shard: Shard| {
            let mut run = example::run();
            let mut place = 0;
            run.scenarios.retain(|_| {
                place += 1;
                place % of == shard.part() - 1
            });
            run.shard = Some(shard);
            (format!("{}.json", shard.part()), json::render(&run))
        };
        Shard::all(of).into_iter().map(part).collect()
    }

    #[test]
    fn the_whole_is_what_one_run_would_have_reported() {
        let merged = merge(&parts(3)).unwrap();
        assert_eq!(merged.missing, Vec::<String>::new());
        assert_eq!(json::render(&merged.run), json::render(&example::run()));
        assert_eq!(merged.exit(), Exit::Fail);
    }

    #[test]
    fn a_part_that_is_missing_is_named_and_not_green() {
        let mut parts = parts(3);
        parts.remove(1);
        let merged = merge(&parts).unwrap();
        assert_eq!((merged.missing.as_slice(), merged.exit()), (&["2/3".to_owned()][..], Exit::Harness));
    }

    #[test]
    fn what_is_not_of_one_run_is_not_joined() {
        let mut other = example::run();
        other.stack = "mine".to_owned();
        let parts = [("a".to_owned(), json::render(&example::run())), ("b".to_owned(), json::render(&other))];
        assert_eq!(
            merge(&parts).unwrap_err().to_string(),
            "b is of another run: the stack is mine, and reference in the first"
        );
        let mut later = example::run();
        later.version = "0.1.0+0123456789abcdef".to_owned();
        let builds = [parts[0].clone(), ("c".to_owned(), json::render(&later))];
        assert_eq!(
            merge(&builds).unwrap_err().to_string(),
            "c is of another run: the build of conformance is 0.1.0+0123456789abcdef, and 0.1.0+89abcdef01234567 in the first"
        );
        let twice = [parts[0].clone(), parts[0].clone()];
        assert!(matches!(merge(&twice).unwrap_err(), MergeError::Twice { .. }));
        assert_eq!(merge(&[]).unwrap_err(), MergeError::Nothing);
        assert!(merge(&[("c".to_owned(), "{}".to_owned())]).is_err());
    }

    #[test]
    fn what_no_run_can_have_written_is_refused() {
        let text = json::render(&example::run());
        #[rustfmt::skip]
        let cases = [
            (r#""stack": "reference""#, r#""stack": "../../escaped""#, "`../../escaped` is not a name"),
            (r#""shard": null"#,        r#""shard": "1/4000000000""#,  "`1/4000000000` is not K/N with K from 1 to N"),
        ];
        for (line, hostile, expected) in cases {
            assert!(text.contains(line), "{line}");
            let refused = merge(&[("a".to_owned(), text.replace(line, hostile))]).unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}
