//! The proof as a table for people, as JSON for programs, as a page for the documentation.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::trial::{Hit, Tried};
use super::{Caught, Proof, ProvedBug};
use crate::report::paint::{Paint, Tone};

/// The table.
pub fn table(proof: &Proof, paint: Paint) -> String {
    let width = proof.bugs.iter().map(|bug| bug.bug.id.len()).chain(proof.variants.iter().map(|v| v.variant.id.len()));
    let width = width.max().unwrap_or_default();
    let mut text = String::new();
    for bug in &proof.bugs {
        let (word, tone, by) = outcome(bug);
        let word = paint.apply(tone, &format!("{word:7}"));
        let _ = writeln!(text, "{:width$}  {word}  {by}  {:.1} s", bug.bug.id, seconds(bug.tried.wall_ms));
    }
    for variant in &proof.variants {
        let (word, tone) = match (variant.tried.hits.is_empty(), variant.is_cleared()) {
            (false, _) => ("BLAMED", Tone::Bad),
            (true, true) => ("fine", Tone::Good),
            (true, false) => ("OPEN", Tone::Doubtful),
        };
        let word = paint.apply(tone, &format!("{word:7}"));
        let by = hits(&variant.tried.hits);
        let by = if by.is_empty() { format!("{} scenarios", played(&variant.tried)) } else { by };
        let _ = writeln!(text, "{:width$}  {word}  {by}  {:.1} s", variant.variant.id, seconds(variant.tried.wall_ms));
        for scenario in &variant.tried.undecided {
            let _ = writeln!(text, "{:width$}  undecided in {scenario}", "");
        }
    }
    for error in proof.errors() {
        let _ = writeln!(text, "error: {error}");
    }
    let _ = writeln!(text, "{} in {:.1} s", counts(proof), seconds(proof.wall_ms));
    text
}

/// The JSON. Every wall-clock value stands on a line of its own that ends no object.
pub fn json(proof: &Proof) -> String {
    let by =
        |hits: &[Hit]| hits.iter().map(|hit| json!({"scenario": hit.scenario, "check": hit.check})).collect::<Vec<_>>();
    let bugs = proof.bugs.iter().map(|bug| {
        let caught = bug.caught();
        json!({"id": bug.bug.id, "wall_ms": bug.tried.wall_ms, "caught": caught != Caught::Not,
            "named": caught == Caught::Named, "by": by(&bug.tried.hits), "played": bug.tried.played,
            "decided": bug.tried.decided(), "undecided": bug.tried.undecided})
    });
    let variants = proof.variants.iter().map(|variant| {
        json!({"id": variant.variant.id, "wall_ms": variant.tried.wall_ms, "blamed": !variant.tried.hits.is_empty(),
            "by": by(&variant.tried.hits), "played": variant.tried.played, "decided": variant.tried.decided(),
            "undecided": variant.tried.undecided, "cleared": variant.is_cleared()})
    });
    let value = json!({"version": 1, "wall_ms": proof.wall_ms, "bugs": bugs.collect::<Vec<Value>>(),
        "variants": variants.collect::<Vec<Value>>(), "errors": proof.errors().collect::<Vec<_>>()});
    format!("{value:#}\n")
}

/// The page.
pub fn markdown(proof: &Proof) -> String {
    let mut page = format!(
        "# Who checks the checker\n\n\
         Written by `conformance prove --markdown`. Each line is the reference stack with one bug that real connectors had;\n\
         the suite has to fail it, by a check that names the cause. {}.\n\n\
         | bug | what it does | caught by | in |\n|---|---|---|---|\n",
        counts(proof)
    );
    for bug in &proof.bugs {
        let (word, _, _) = outcome(bug);
        let (check, scenario) = match bug.named() {
            Some(hit) => (format!("`{}`", hit.check), format!("`{}`", hit.scenario)),
            None => (format!("**{word}**"), hits(&bug.tried.hits)),
        };
        let _ = writeln!(page, "| `{}` | {} | {check} | {scenario} |", bug.bug.id, bug.bug.does);
    }
    page.push_str(
        "\nThe same stack going about things in other ways that are right; none may be blamed.\n\n\
         | variant | what it does | scenarios | blamed |\n|---|---|---|---|\n",
    );
    for variant in &proof.variants {
        let by = hits(&variant.tried.hits);
        let by = if by.is_empty() { "no".to_owned() } else { format!("**{by}**") };
        let (id, does, played) = (variant.variant.id, variant.variant.does, played(&variant.tried));
        let _ = writeln!(page, "| `{id}` | {does} | {played} | {by} |");
    }
    page
}

/// "160 bugs: 158 named, 1 caught by another check, 1 not caught; 14 variants, none blamed".
pub fn counts(proof: &Proof) -> String {
    let count = |caught| proof.bugs.iter().filter(|bug| bug.caught() == caught).count();
    let blamed = proof.variants.iter().filter(|variant| !variant.tried.hits.is_empty()).count();
    format!(
        "{} bugs: {} named, {} caught by another check alone, {} not caught; {} variants, {blamed} blamed",
        proof.bugs.len(),
        count(Caught::Named),
        count(Caught::Half),
        count(Caught::Not),
        proof.variants.len(),
    )
}

/// In how many scenarios something was tried; and how many of them came to a verdict, where not all did.
fn played(tried: &Tried) -> String {
    match tried.undecided.len() {
        0 => tried.played.to_string(),
        _ => format!("{} decided of {}", tried.decided(), tried.played),
    }
}

fn outcome(bug: &ProvedBug) -> (&'static str, Tone, String) {
    match bug.caught() {
        Caught::Named => ("named", Tone::Good, bug.named().map(told).unwrap_or_default()),
        Caught::Half => ("half", Tone::Doubtful, hits(&bug.tried.hits)),
        Caught::Not if bug.tried.undecided.is_empty() => {
            ("MISSED", Tone::Bad, format!("in {}", bug.bug.scenarios.join(", ")))
        }
        Caught::Not => ("MISSED", Tone::Bad, format!("undecided in {}", bug.tried.undecided.join(", "))),
    }
}

fn told(hit: &Hit) -> String {
    format!("{} in {}", hit.check, hit.scenario)
}

/// Each once, in the order in which they were made.
fn hits(hits: &[Hit]) -> String {
    let mut seen = BTreeSet::new();
    let once: Vec<String> = hits.iter().map(told).filter(|told| seen.insert(told.clone())).collect();
    once.join(", ")
}

#[expect(clippy::cast_precision_loss, reason = "for people, who do not count milliseconds of weeks")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use reference_stack::PlantedBug;

    use super::super::{ProvedVariant, variants};
    use super::*;

    fn proof(found: &[(&str, &str)]) -> Proof {
        let bug = PlantedBug {
            id: "page-lost",
            does: "A page is lost.",
            checks: &["ingest/lost-event"],
            scenarios: &["a/b"],
        };
        let hits = found.iter().map(|(scenario, check)| Hit { scenario: (*scenario).into(), check: (*check).into() });
        let tried =
            Tried { hits: hits.collect(), errors: Vec::new(), played: 1, undecided: Vec::new(), wall_ms: 1_300 };
        let variant = ProvedVariant { variant: &variants::ALL[0], tried: Tried { played: 3, ..Tried::default() } };
        Proof { bugs: vec![ProvedBug { bug, tried }], variants: vec![variant], wall_ms: 2_000 }
    }

    #[test]
    fn a_bug_that_only_another_check_has_seen_is_half_caught() {
        type Case<'a> = (&'a [(&'a str, &'a str)], Caught, bool);
        #[rustfmt::skip]
        let cases: [Case<'_>; 3] = [
            (&[],                                                          Caught::Not,   false),
            (&[("a/b", "alert/missing")],                                  Caught::Half,  false),
            (&[("a/b", "alert/missing"), ("a/b", "ingest/lost-event")],    Caught::Named, true),
        ];
        for (found, caught, holds) in cases {
            let proof = proof(found);
            assert_eq!((proof.bugs[0].caught(), proof.holds()), (caught, holds), "{found:?}");
        }
    }

    #[test]
    fn the_table_names_what_was_missed_and_who_was_blamed() {
        let mut both = proof(&[("a/b", "ingest/lost-event")]);
        both.bugs.extend(proof(&[]).bugs);
        both.variants[0].tried.hits = vec![Hit { scenario: "c/d".to_owned(), check: "live/stuck".to_owned() }];
        insta::assert_snapshot!(table(&both, Paint::Plain), @r"
        page-lost  named    ingest/lost-event in a/b  1.3 s
        page-lost  MISSED   in a/b  1.3 s
        as-it-is   BLAMED   live/stuck in c/d  0.0 s
        2 bugs: 1 named, 0 caught by another check alone, 1 not caught; 1 variants, 1 blamed in 2.0 s
        ");
    }

    #[test]
    fn a_variant_of_which_nothing_was_decided_clears_nobody() {
        let mut open = proof(&[("a/b", "ingest/lost-event")]);
        assert!(open.holds());
        open.variants[0].tried.undecided = vec!["c/d".to_owned(), "e/f".to_owned()];
        assert!(!open.holds());
        let text = table(&open, Paint::Plain);
        assert!(text.contains("as-it-is   OPEN     1 decided of 3 scenarios"), "{text}");
        assert!(text.contains("           undecided in c/d\n           undecided in e/f\n"), "{text}");
        assert!(markdown(&open).contains("| 1 decided of 3 | no |"), "{}", markdown(&open));
        let value: Value = serde_json::from_str(&json(&open)).unwrap();
        assert_eq!((&value["variants"][0]["decided"], &value["variants"][0]["cleared"]), (&1.into(), &false.into()));
    }

    #[test]
    fn no_wall_clock_value_ends_an_object() {
        let text = json(&proof(&[("a/b", "ingest/lost-event")]));
        let rest: String = text.lines().filter(|line| !line.contains("\"wall_")).collect();
        let value: Value = serde_json::from_str(&rest).unwrap();
        assert_eq!(value["bugs"][0]["named"], true);
        assert_eq!(value["bugs"][0]["by"][0]["check"], "ingest/lost-event");
        assert_eq!(value["variants"][0]["blamed"], false);
    }
}
