//! The book keeps its promises: commands run, scenarios are sound, generated pages are fresh.

use std::collections::BTreeSet;
use std::path::Path;

use conformance::walk::ending_in;

use crate::support::{House, text, workspace};

/// The pages, by name.
fn pages() -> Vec<(String, String)> {
    let folder = workspace().join("docs/src");
    let mut pages: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(entry.path()).unwrap()))
        .collect();
    pages.sort();
    pages
}

/// Fenced blocks of one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let after = page.split(fence.as_str()).skip(1);
    after.map(|block| &block[..block.find("```").expect("a block has an end")]).collect()
}

/// `$ conformance …` of every page, in order, each once.
fn commands() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut commands = Vec::new();
    for (_, page) in pages() {
        let lines = blocks(&page, "console").into_iter().flat_map(str::lines).map(str::to_owned);
        let ours = lines.filter_map(|line| line.strip_prefix("$ conformance ").map(str::to_owned));
        commands.extend(ours.filter(|command| seen.insert(command.clone())));
    }
    commands
}

#[test]
fn every_command_of_the_book_works() {
    let house = House::with(&["travel/london-madrid-84m", "travel/london-madrid-85m"]);
    copy(
        &workspace().join("snapshots/travel"),
        &house.path("snapshots/travel"),
        &["london-madrid-84m", "london-madrid-85m"],
    );
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let words: Vec<&str> = command.split_whitespace().collect();
        let output = house.conformance(&words);
        // A part of two scenarios may well be empty.
        let expected: &[i32] = if command.contains("--plan") { &[0, 4] } else { &[0] };
        let code = output.status.code().unwrap_or(-1);
        assert!(expected.contains(&code), "conformance {command}: {code}\n{}", text(&output));
    }
    for written in
        ["report.html", "again.html", "stacks.html", "report.xml", "man1/conformance-run.1", "mine/stack.yaml"]
    {
        assert!(house.path(written).exists(), "{written}");
    }
}

/// A command as it stands on a page: in a console, in a block of `sh`, or moved in.
struct Shown {
    page: String,
    command: String,
    /// Whether it is run by the two tests of consoles, here and in the simulator's book.
    in_console: bool,
}

/// Programs by which a line that is moved in is known for a command.
const PROGRAMS: [&str; 12] = [
    "conformance",
    "simulator",
    "cargo",
    "curl",
    "printf",
    "docker",
    "podman",
    "kubectl",
    "gh",
    "npm",
    "python3",
    "git",
];

/// Every command of every page and of the README, as the installed programs would be called.
fn shown() -> Vec<Shown> {
    let readme = ("README.md".to_owned(), std::fs::read_to_string(workspace().join("README.md")).unwrap());
    let mut all = Vec::new();
    for (page, text) in pages().into_iter().chain([readme]) {
        let mut fence: Option<String> = None;
        for line in text.lines() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                fence = if fence.is_some() { None } else { Some(language.to_owned()) };
                continue;
            }
            let command = match fence.as_deref() {
                Some("console") => line.strip_prefix("$ "),
                Some("sh") => Some(line).filter(|line| !line.trim().is_empty() && !line.starts_with('#')),
                Some(_) => None,
                None => line.strip_prefix("    ").filter(|line| is_command(line)),
            };
            let Some(command) = command else { continue };
            all.push(Shown {
                page: page.clone(),
                command: installed(command),
                in_console: fence.as_deref() == Some("console"),
            });
        }
    }
    all
}

fn is_command(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    !line.starts_with(' ') && (PROGRAMS.contains(&first) || (first.contains('/') && first.ends_with("/run")))
}

/// Without what is said beside it, and without the cargo that builds what it calls.
fn installed(command: &str) -> String {
    let command = command.split("  #").next().unwrap_or_default().trim();
    let built = ["cargo run --release --bin ", "cargo run --bin "].iter().find_map(|start| command.strip_prefix(start));
    built.map_or_else(|| command.to_owned(), |rest| rest.replacen(" -- ", " ", 1))
}

/// Commands that are run here, in this order, in a house with two journeys and one log: exit status, and what is printed.
const RUN: &[(&str, i32, &str)] = &[
    ("conformance generate impossible_travel --app miro --seed 7", 0, "somebody is Emeka in Lima"),
    ("conformance lint scenarios/", 0, "0 errors"),
    ("conformance run scenarios/", 0, "2 passed"),
    ("conformance review", 0, "no results wait"),
    ("conformance score scored --require \"recall >= 1.0\" --require \"time_to_detect.poll.max <= 1h\"", 0, "recall"),
    ("conformance run scenarios/mine.yaml", 1, "1 lacks only accepted results"),
    ("conformance review mine", 1, "skipped"),
    ("conformance stack capabilities", 0, "github.audit_log"),
    ("conformance stack check mine", 0, "sound"),
    ("conformance stack setup mine", 0, "nothing to set up"),
    ("conformance run scenarios/ --stack mine --plan", 4, "0 to run against mine"),
    ("conformance run scenarios --stack mine --plan", 4, "0 to run against mine"),
    (
        "conformance run scenarios --stack mine --report junit=report.xml --report json=report.json --report html=report.html",
        4,
        "nothing was judged",
    ),
    ("conformance run scenarios/ --stack mine --report json=mine.json", 4, "nothing was judged"),
    ("conformance compare mine.json other.json", 0, "| scenarios judged | 0 | 0 |"),
    ("conformance run scenarios/paging --stack mine", 1, "ingest/lost-event"),
];

/// Commands that are not run here, with the reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo install --locked --path conformance", "a whole build, into the user's folder"),
    ("cargo install --locked --path simulator", "a whole build, into the user's folder"),
    ("cargo test --workspace", "this is it"),
    ("cargo test -p simulator --lib vendors::okta", "a whole build"),
    ("cargo test -p conformance --test it tidy", "a whole build"),
    ("cargo run --release --features conformance/planted-bugs --bin conformance -- prove", "minutes; CI runs it"),
    (
        "printf 'title: Try it\\npeople: 20\\napps: { okta: {} }\\n' > /tmp/okta.yaml",
        "writes outside of the test's folder",
    ),
    (
        "simulator serve /tmp/okta.yaml",
        "serves what the line before has written; the simulator's book serves a company",
    ),
    (
        "simulator vendors --markdown > docs/src/vendors.md",
        "tests/it/command.rs of the simulator holds the page against it",
    ),
    ("simulator serve --tls", "tests/it/tls.rs of the simulator serves so"),
    ("simulator timeline scenarios/travel/london-madrid-84m.yaml", "the simulator's book runs it of an attack"),
    (
        "simulator exec company.yaml -- python3 my_connector.py",
        "the reader's connector; tests/it/exec.rs of the simulator has one",
    ),
    (
        "simulator exec scenarios/travel/london-madrid-84m.yaml -- python3 my_connector.py",
        "the reader's connector; tests/it/exec.rs of the simulator has one",
    ),
    ("simulator/tests/clients/run", "installs the vendors' clients from the network; CI runs it"),
    ("simulator/tests/second_opinion/run", "installs an engine from the network; CI runs it"),
    (".ci/release v0.1.0", "whole builds; CI runs it"),
    ("conformance ladder", "every log of the library; its own tests climb some"),
    (
        "conformance relations scenarios/travel/london-madrid-84m.yaml --report json=target/relations.json",
        "a minute and more; its own tests play some",
    ),
    (
        "conformance score RUN_DIR --relations target/relations.json --thresholds stacks/reference/thresholds.txt",
        "of a folder of the reader's; tests/it/scores.rs does the same",
    ),
    (
        "conformance score scored --relations relations.json --thresholds stacks/reference/thresholds.txt",
        "relations.json takes a minute and more to make; tests/it/scores.rs does the same",
    ),
    (
        "conformance compare REPORTS --keep docs/src/stacks > docs/src/stacks.md",
        "of reports that strangers' stacks left; tests/it/tidy.rs holds the page against what is kept",
    ),
];

#[test]
fn every_command_of_every_page_is_run_or_it_is_said_why_not() {
    let shown = shown();
    let in_consoles: BTreeSet<&str> = shown.iter().filter(|s| s.in_console).map(|s| s.command.as_str()).collect();
    let ours = |command: &str| command.starts_with("conformance ") || command.starts_with("simulator ");
    assert!(in_consoles.iter().all(|command| ours(command)), "a console of something else: {in_consoles:?}");
    let listed =
        |command: &str| RUN.iter().any(|(run, ..)| *run == command) || NOT_RUN.iter().any(|(not, _)| *not == command);
    let new: Vec<String> = shown
        .iter()
        // The simulator's book sends every curl line to a company that is served.
        .filter(|s| !in_consoles.contains(s.command.as_str()) && !s.command.starts_with("curl ") && !listed(&s.command))
        .map(|s| format!("{}: {}", s.page, s.command))
        .collect();
    assert!(new.is_empty(), "neither run nor excused, see RUN and NOT_RUN:\n{}", new.join("\n"));
    let all = RUN.iter().map(|(command, ..)| command).chain(NOT_RUN.iter().map(|(command, _)| command));
    let gone: Vec<_> = all.filter(|command| !shown.iter().any(|s| s.command == **command)).collect();
    assert!(gone.is_empty(), "on no page any more: {gone:?}");
}

/// The words of a command; what stands in double quotes is one.
fn words(command: &str) -> Vec<String> {
    let quoted = command.split('"').enumerate();
    let words = quoted.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[test]
fn commands_outside_of_consoles_end_and_print_as_they_should() {
    let house = House::with(&["travel/london-madrid-84m", "travel/london-madrid-85m"]);
    let snapshots = [workspace().join("snapshots/travel"), house.path("snapshots/travel")];
    copy(&snapshots[0], &snapshots[1], &["london-madrid-84m", "london-madrid-85m"]);
    let prepare = |command: &str| match command {
        "conformance run scenarios/mine.yaml" => {
            let story = "title: An ordinary day\napps: { entra: {}, miro: {} }\nexpect:\n  - { must_not: alert }\n";
            house.write("scenarios/mine.yaml", story);
        }
        "conformance run scenarios/paging --stack mine" => {
            let story =
                "title: A log\napps: { entra: {}, miro: {} }\nexpect:\n  - { must: ingest, app: miro, within: 1h }\n";
            house.write("scenarios/paging/log.yaml", story);
        }
        "conformance stack check mine" => {
            std::fs::remove_file(house.path("scenarios/mine.yaml")).unwrap();
            assert!(house.conformance(&["stack", "new", "mine"]).status.success());
            // Filled in, if with little: it reads nothing.
            house.write("mine/run.sh", "exit 0\n");
        }
        "conformance compare mine.json other.json" => {
            std::fs::copy(house.path("mine.json"), house.path("other.json")).unwrap();
        }
        scored if scored.starts_with("conformance score scored ") => {
            let score = ["score", "scenarios/travel/london-madrid-84m.yaml", "--run-dir", "scored"];
            assert!(house.conformance(&score).status.success());
        }
        _ => {}
    };
    for (command, status, excerpt) in RUN {
        prepare(command);
        let words = words(command);
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let output = house.conformance(&words);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(*status), "{command}\n{printed}");
        assert!(printed.contains(excerpt), "{command}: `{excerpt}` is not in\n{printed}");
    }
}

fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.join(name).join("reference"), to.join(name).join("reference"));
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(&from).unwrap().flatten() {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[test]
fn every_scenario_of_the_book_is_sound() {
    let house = House::with(&[]);
    let mut count = 0;
    for (name, page) in pages() {
        for block in
            blocks(&page, "yaml").into_iter().filter(|block| block.contains("title:") && block.contains("expect:"))
        {
            count += 1;
            house.write(&format!("scenarios/{}/{count}.yaml", name.trim_end_matches(".md")), block);
        }
    }
    assert!(count > 8, "{count}");
    let output = house.conformance(&["lint", "scenarios"]);
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn the_page_of_checks_is_what_explain_prints() {
    let house = House::with(&[]);
    let printed = String::from_utf8(house.conformance(&["explain", "--markdown"]).stdout).unwrap();
    let kept = std::fs::read_to_string(workspace().join("docs/src/checks.md")).unwrap();
    assert!(kept == printed, "stale: conformance explain --markdown > docs/src/checks.md");
}

#[test]
fn every_page_is_in_the_table_and_links_lead_somewhere() {
    let pages = pages();
    let summary = &pages.iter().find(|(name, _)| name == "SUMMARY.md").unwrap().1;
    for (name, page) in &pages {
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
        for link in page.split("](").skip(1).map(|rest| &rest[..rest.find(')').unwrap_or(rest.len())]) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || link.contains("://") || link.contains('`') || link.contains(' ') {
                continue;
            }
            assert!(workspace().join("docs/src").join(file).exists(), "{name}: {link} leads nowhere");
        }
    }
}

#[test]
fn every_measure_of_a_score_is_on_its_page() {
    let page = std::fs::read_to_string(workspace().join("docs/src/score.md")).unwrap();
    for name in conformance::score::vector::NAMES {
        let stem = [".p50", ".p95", ".max"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(page.contains(&format!("`{stem}`")), "{stem}");
    }
}

/// The `# Not imitated` parts of the front pages, as a page of the book.
fn not_imitated() -> String {
    let root = workspace().join("simulator/src");
    let mut page = "# What is not imitated\n\nCollected from the front pages of the source by a test; \
                    `WRITE_PAGES=1 cargo test -p conformance --test it book` writes it anew.\n"
        .to_owned();
    for file in ending_in(&root, ".rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let front: Vec<&str> =
            text.lines().map_while(|line| line.strip_prefix("//!")).map(|l| l.strip_prefix(' ').unwrap_or(l)).collect();
        let Some(start) = front.iter().position(|line| *line == "# Not imitated") else { continue };
        let part: Vec<&str> = front[start + 1..].iter().copied().take_while(|line| !line.starts_with("# ")).collect();
        let place = file.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        let part = part.join("\n").replace("[`", "`").replace("`]", "`");
        page.push_str(&format!("\n## {}\n\n{}\n", place.trim_end_matches("/mod"), part.trim()));
    }
    page
}

#[test]
fn the_page_of_what_is_not_imitated_is_what_the_front_pages_say() {
    let place = workspace().join("docs/src/not-imitated.md");
    let page = not_imitated();
    if std::env::var_os("WRITE_PAGES").is_some() {
        std::fs::write(&place, &page).unwrap();
    }
    let kept = std::fs::read_to_string(place).unwrap_or_default();
    assert!(kept == page, "stale: WRITE_PAGES=1 cargo test -p conformance --test it book");
}
