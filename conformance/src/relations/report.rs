//! How the outcome of relations reads: a line a relation, then what is broken; Markdown and JSON of the same.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::plan::{RelationOutcome, Ruling, TrialOutcome, TrialRuling};
use super::{Binds, Form};
use crate::report::markdown::escaped;
use crate::report::paint::{Paint, Tone};

/// Version of the JSON form. It changes when a key changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// Relations of one stack on some scenarios.
#[derive(Clone, Debug)]
pub struct RelationsReport {
    /// Name of the stack.
    pub stack: String,
    /// Ids of the scenarios that were chosen.
    pub scenarios: Vec<String>,
    /// Scenarios that this stack is not asked to play, with the reason.
    pub skipped: Vec<(String, String)>,
    /// What came of each relation.
    pub outcomes: Vec<RelationOutcome>,
    /// The words of the command that a repetition needs.
    pub repeat: String,
    /// Wall time.
    pub wall: Duration,
}

impl Ruling {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Broken => "BROKEN",
            Self::Undecided => "undecided",
            Self::NotTried => "not tried",
            Self::Inexpressible => "cannot be",
            Self::Failed => "ERROR",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Holds => Tone::Good,
            Self::Broken | Self::Failed => Tone::Bad,
            Self::Undecided => Tone::Doubtful,
            Self::NotTried | Self::Inexpressible => Tone::Faint,
        }
    }
}

impl RelationsReport {
    /// How many relations ended so.
    pub fn count(&self, verdict: Ruling) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.ruling() == verdict).count()
    }

    /// The line of counts.
    fn counts(&self) -> String {
        format!(
            "{} hold, {} broken, {} undecided, {} not tried, {} cannot be expressed in {:.1} s",
            self.count(Ruling::Holds),
            self.count(Ruling::Broken) + self.count(Ruling::Failed),
            self.count(Ruling::Undecided),
            self.count(Ruling::NotTried),
            self.count(Ruling::Inexpressible),
            self.wall.as_secs_f64()
        )
    }

    fn heading(&self) -> String {
        let skipped = if self.skipped.is_empty() { String::new() } else { format!(", {} skipped", self.skipped.len()) };
        let plural = if self.scenarios.len() == 1 { "" } else { "s" };
        format!("relations of {} on {} scenario{plural}{skipped}", self.stack, self.scenarios.len())
    }
}

impl RelationOutcome {
    /// Why it was not decided, where that needs saying: one reason for all scenarios, or how many there are.
    fn why(&self) -> Option<String> {
        if let Form::Inexpressible(why) = self.relation.form {
            return Some(why.to_owned());
        }
        if self.decided() > 0 {
            return None;
        }
        let mut reasons: Vec<&String> = Vec::new();
        for trial in &self.trials {
            if let TrialRuling::NotTried(why) | TrialRuling::Undecided(why) | TrialRuling::Failed(why) = &trial.verdict
                && !reasons.contains(&why)
            {
                reasons.push(why);
            }
        }
        let more = reasons.len().saturating_sub(1);
        let first = reasons.first()?;
        Some(match more {
            0 => (*first).clone(),
            1 => format!("{first}; {}", reasons[1]),
            _ => format!("{first} (and {more} other reasons)"),
        })
    }

    /// Trials that show what is wrong.
    fn troubled(&self) -> impl Iterator<Item = (&TrialOutcome, Vec<String>)> {
        self.trials.iter().filter_map(|trial| match &trial.verdict {
            TrialRuling::Broken(against) => Some((trial, against.clone())),
            TrialRuling::Failed(why) => Some((trial, vec![format!("it could not be played: {why}")])),
            _ => None,
        })
    }
}

/// The table, for a terminal.
pub fn table(report: &RelationsReport, paint: Paint) -> String {
    let mut text = format!("{}\n\n", paint.apply(Tone::Strong, &report.heading()));
    for outcome in &report.outcomes {
        let verdict = outcome.ruling();
        let word = paint.apply(verdict.tone(), &format!("{:9}", verdict.word()));
        let trials = match outcome.decided() {
            0 => "   ".to_owned(),
            n => format!("{n:>3}"),
        };
        let _ = writeln!(text, "{}  {word}  {trials}  {}", outcome.relation.id, outcome.relation.statement);
        if let Some(why) = outcome.why() {
            let _ = writeln!(text, "{:21}{}", "", paint.apply(Tone::Faint, &why));
        }
    }
    for outcome in &report.outcomes {
        for (index, (trial, against)) in outcome.troubled().enumerate() {
            if index == 0 {
                let _ =
                    writeln!(text, "\n{} {}", paint.apply(Tone::Bad, outcome.relation.id), outcome.relation.statement);
                if let Binds::Some(which) = outcome.relation.binds {
                    let _ = writeln!(text, "  not a failure of a stack for which it is not so that {which}");
                }
            }
            let _ = writeln!(text, "  {}: {}", paint.apply(Tone::Strong, &trial.scenario), trial.title);
            for line in against {
                let _ = writeln!(text, "    {line}");
            }
        }
        if outcome.troubled().next().is_some() {
            let repeat = format!("{} --only {}", report.repeat, outcome.relation.id);
            let _ = writeln!(text, "  repeat: {}", paint.apply(Tone::Strong, &repeat));
        }
    }
    if !report.skipped.is_empty() {
        text.push('\n');
    }
    for (id, why) in &report.skipped {
        let _ = writeln!(text, "{} {id}: {why}", paint.apply(Tone::Doubtful, "SKIP"));
    }
    let _ = writeln!(text, "\n{}", report.counts());
    text
}

/// The page of a CI job.
pub fn markdown(report: &RelationsReport) -> String {
    let mut page = format!("### {}\n\n{}\n\n", escaped(&report.heading()), report.counts());
    page.push_str("| relation | | trials | says |\n|---|---|--:|---|\n");
    for outcome in &report.outcomes {
        let why = outcome.why().map(|why| format!(" ({why})")).unwrap_or_default();
        let says = escaped(&format!("{}{why}", outcome.relation.statement));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {says} |",
            outcome.relation.id,
            outcome.ruling().word(),
            outcome.decided()
        );
    }
    for outcome in &report.outcomes {
        for (trial, against) in outcome.troubled() {
            let _ = writeln!(
                page,
                "\n**{}** {}: {}\n",
                outcome.relation.id,
                escaped(&trial.scenario),
                escaped(&trial.title)
            );
            for line in against {
                let _ = writeln!(page, "- {}", escaped(&line));
            }
        }
    }
    page
}

/// The form for programs: stable; wall-clock values stand under keys that begin `wall_`.
pub fn json(report: &RelationsReport) -> String {
    let value = json!({
        "version": VERSION,
        "conformance": crate::VERSION,
        "stack": report.stack,
        "wall_ms": report.wall.as_millis() as u64,
        "scenarios": report.scenarios,
        "skipped": report.skipped.iter().map(|(id, why)| json!({ "id": id, "reason": why })).collect::<Vec<_>>(),
        "relations": report.outcomes.iter().map(relation).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn relation(outcome: &RelationOutcome) -> Value {
    let holds = match outcome.ruling() {
        Ruling::Holds => Some(true),
        Ruling::Broken => Some(false),
        _ => None,
    };
    let mut value = json!({
        "id": outcome.relation.id,
        "statement": outcome.relation.statement,
        "binds": match outcome.relation.binds {
            Binds::Every => "every correct stack".to_owned(),
            Binds::Some(which) => format!("where {which}"),
        },
        "holds": holds,
        "trials": outcome.trials.iter().map(trial).collect::<Vec<_>>(),
    });
    if let Some(why) = outcome.why() {
        value["why"] = json!(why);
    }
    value
}

fn trial(trial: &TrialOutcome) -> Value {
    let (holds, against, why) = match &trial.verdict {
        TrialRuling::Holds => (Some(true), Vec::new(), None),
        TrialRuling::Broken(against) => (Some(false), against.clone(), None),
        TrialRuling::NotTried(why) | TrialRuling::Undecided(why) | TrialRuling::Failed(why) => {
            (None, Vec::new(), Some(why))
        }
    };
    let mut value = json!({ "scenario": trial.scenario, "change": trial.title, "holds": holds, "against": against });
    if let Some(why) = why {
        value["why"] = json!(why);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::ALL;

    fn example() -> RelationsReport {
        let of = |id: &str, verdicts: Vec<TrialRuling>| {
            let relation = ALL.iter().find(|relation| relation.id == id).unwrap();
            let trial = |verdict| TrialOutcome {
                scenario: "travel/london-madrid-84m".to_owned(),
                title: "the attack is shown late".to_owned(),
                verdict,
            };
            RelationOutcome { relation, trials: verdicts.into_iter().map(trial).collect() }
        };
        let against = vec!["0 of 1 expected: impossible_travel about alice, severity 3, of takeover".to_owned()];
        RelationsReport {
            stack: "reference".to_owned(),
            scenarios: vec!["travel/london-madrid-84m".to_owned()],
            skipped: vec![("travel/other".to_owned(), "not claimed: github.audit_log".to_owned())],
            outcomes: vec![
                of("M01", vec![TrialRuling::Holds, TrialRuling::Holds]),
                of("M07", vec![TrialRuling::Broken(against)]),
                of("M17", Vec::new()),
                of("M18", vec![TrialRuling::NotTried("no two lines of it happen at one instant".to_owned())]),
                of("M19", vec![TrialRuling::Undecided("`reset` met nothing".to_owned())]),
            ],
            repeat: "conformance relations scenarios/travel/london-madrid-84m.yaml --stack reference".to_owned(),
            wall: Duration::from_millis(2_300),
        }
    }

    #[test]
    fn every_relation_has_a_line_and_what_is_broken_is_told_below() {
        insta::assert_snapshot!(table(&example(), Paint::Plain), @r"
        relations of reference on 1 scenario, 1 skipped

        M01  holds        2  everything at another time: equal alerts, shifted likewise
        M07  BROKEN       1  some of it delivered late, within the lateness declared: equal alerts, later
        M17  cannot be       the other address plan, or IPv6: equal alerts
                             the simulator has one address plan, of documentation and benchmarking ranges, and IPv4 alone
        M18  not tried       two events of one instant the other way round: equal alerts
                             no two lines of it happen at one instant
        M19  undecided       faults that a retry heals: equal alerts, equally many deeds
                             `reset` met nothing

        M07 some of it delivered late, within the lateness declared: equal alerts, later
          travel/london-madrid-84m: the attack is shown late
            0 of 1 expected: impossible_travel about alice, severity 3, of takeover
          repeat: conformance relations scenarios/travel/london-madrid-84m.yaml --stack reference --only M07

        SKIP travel/other: not claimed: github.audit_log

        1 hold, 1 broken, 1 undecided, 1 not tried, 1 cannot be expressed in 2.3 s
        ");
    }

    #[test]
    fn the_page_has_a_row_a_relation() {
        insta::assert_snapshot!(markdown(&example()), @r"
        ### relations of reference on 1 scenario, 1 skipped

        1 hold, 1 broken, 1 undecided, 1 not tried, 1 cannot be expressed in 2.3 s

        | relation | | trials | says |
        |---|---|--:|---|
        | M01 | holds | 2 | everything at another time: equal alerts, shifted likewise |
        | M07 | BROKEN | 1 | some of it delivered late, within the lateness declared: equal alerts, later |
        | M17 | cannot be | 0 | the other address plan, or IPv6: equal alerts (the simulator has one address plan, of documentation and benchmarking ranges, and IPv4 alone) |
        | M18 | not tried | 0 | two events of one instant the other way round: equal alerts (no two lines of it happen at one instant) |
        | M19 | undecided | 0 | faults that a retry heals: equal alerts, equally many deeds (\`reset\` met nothing) |

        **M07** travel/london-madrid-84m: the attack is shown late

        - 0 of 1 expected: impossible\_travel about alice, severity 3, of takeover
        ");
    }

    #[test]
    fn programs_are_told_what_holds_and_what_does_not() {
        let text = json(&example());
        let rest: String = text.lines().filter(|line| !line.contains("\"wall_")).collect();
        let value: Value = serde_json::from_str(&rest).unwrap();
        let holds: Vec<&Value> = value["relations"].as_array().unwrap().iter().map(|r| &r["holds"]).collect();
        assert_eq!(holds, [&json!(true), &json!(false), &Value::Null, &Value::Null, &Value::Null]);
        assert_eq!(value["relations"][1]["trials"][0]["against"].as_array().unwrap().len(), 1);
    }
}
