//! Pages that explain what is found when results are held against the accepted ones.

/// Nothing was accepted yet.
pub const MISSING: &str = "snapshot/missing";
/// Something else was accepted.
pub(super) const DIFFERENT: &str = "snapshot/different";
/// What was accepted belongs to nothing.
pub(super) const ORPHANED: &str = "snapshot/orphaned";

/// Id, title and explanation of each, for `conformance explain`.
pub const CHECKS: &[(&str, &str, &str)] = &[
    (
        MISSING,
        "results that nobody has accepted yet",
        "A scenario's results with a stack are kept as text in snapshots/<scenario>/<stack>/: which events were taken in,\n\
         which alerts were raised on what evidence, what was done to accounts, and under a virtual clock the conversation\n\
         with the vendors. This run has a text of which no accepted one exists: the scenario or the stack is new, or the\n\
         file was deleted.\n\n\
         What to do: read the text in the .snap.new file beside it, then `conformance review`, or run again with --accept\n\
         and read the difference in version control. Runs that broke off or whose checks failed are refused by both.\n\n\
         Source: docs/src/verdicts.md (accepted snapshots).",
    ),
    (
        DIFFERENT,
        "results other than the accepted ones",
        "Seed and clock are fixed, times are spelled as in scenarios and rows are sorted by what they mean, so a text only\n\
         changes when the stack, the simulator or the scenario does. The finding shows a unified difference: lines with -\n\
         were accepted, lines with + are of this run. Checks say what a stack owes; this finds what no expectation names,\n\
         such as an alert that suddenly cites other events or twice as many requests an hour.\n\n\
         What to do: if the change is wanted, `conformance review` or --accept, and let a colleague read the difference;\n\
         never edit the file by hand. If it is not, the difference says where to look.\n\n\
         Source: docs/src/verdicts.md (accepted snapshots; the same seed gives the same bytes).",
    ),
    (
        ORPHANED,
        "accepted results that belong to no scenario",
        "Below snapshots/ lies a file whose scenario does not exist any more, or that a run of this scenario with this\n\
         stack does not have: a scenario was renamed, moved or deleted without its results. They would never be compared\n\
         again, and their reader would believe that something is tested which is not. Judged only when all scenarios were\n\
         run; results of stacks other than the one run are left alone while their scenario exists.\n\n\
         What to do: move the folder along with the scenario, or delete it.\n\n\
         Source: docs/src/verdicts.md (accepted snapshots).",
    ),
];
