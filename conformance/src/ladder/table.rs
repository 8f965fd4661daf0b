//! The ladder as people read it: a line a log, a column a rung.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Case, Rung};
use crate::report::paint::{Paint, Tone};
use crate::verdict::{Judgement, Verdict};

/// The table of all cases, from what became of each; by id.
pub fn table(cases: &[Case], judged: &BTreeMap<String, Judgement>, paint: Paint) -> String {
    let mut logs: BTreeMap<String, Vec<(String, Tone)>> = BTreeMap::new();
    for case in cases {
        logs.entry(case.log_name()).or_default().push(cell(judged.get(&case.id())));
    }
    let width = logs.keys().map(String::len).max().unwrap_or_default();
    let mut text = format!("{:width$}", "");
    for rung in Rung::ALL {
        let _ = write!(text, "  {:length$}", rung.title(), length = column(rung));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for (log, cells) in logs {
        let _ = write!(text, "{log:width$}");
        for ((cell, tone), rung) in cells.into_iter().zip(Rung::ALL) {
            let padded = format!("{cell:length$}", length = column(rung));
            let _ = write!(text, "  {}", paint.apply(tone, &padded));
        }
        text = text.trim_end().to_owned();
        text.push('\n');
    }
    text
}

/// Wide enough for its title and for what may stand below it.
fn column(rung: Rung) -> usize {
    rung.title().len().max("not claimed".len())
}

fn cell(judged: Option<&Judgement>) -> (String, Tone) {
    let (word, tone) = match judged {
        None => ("not claimed", Tone::Faint),
        Some(judgement) if judgement.skipped.is_some() => ("skipped", Tone::Faint),
        Some(judgement) => match judgement.verdict {
            Verdict::Pass => ("yes", Tone::Good),
            Verdict::Inconclusive => ("undecided", Tone::Doubtful),
            Verdict::Fail => ("no", Tone::Bad),
            Verdict::Error => ("error", Tone::Bad),
        },
    };
    (word.to_owned(), tone)
}

#[cfg(test)]
mod tests {
    use simulator::scenario::Vendor;

    use super::*;

    #[test]
    fn a_log_is_a_line_and_a_rung_a_column() {
        let case = |rung| Case { vendor: Vendor::Miro, log: "audit_log", rung, text: String::new() };
        let cases = Rung::ALL.map(case);
        let verdicts = [Some(Verdict::Pass), Some(Verdict::Fail), None];
        let judged = cases.iter().zip(verdicts).filter_map(|(case, verdict)| {
            let judgement = Judgement {
                id: case.id(),
                verdict: verdict?,
                skipped: None,
                findings: Vec::new(),
                known: Vec::new(),
                not_judged: Vec::new(),
            };
            Some((case.id(), judgement))
        });
        insta::assert_snapshot!(table(&cases, &judged.collect(), Paint::Plain), @r"
                        any data     the right count  pages and stops  carried on
        miro.audit_log  yes          no               not claimed      not claimed
        ");
    }
}
