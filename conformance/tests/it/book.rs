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
    for written in ["report.html", "again.html", "report.xml", "man1/conformance-run.1", "mine/stack.yaml"] {
        assert!(house.path(written).exists(), "{written}");
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
