//! The report for people with a browser: one file, nothing fetched, nothing sent.
//!
//! | file | holds |
//! |---|---|
//! | `page.html` | the frame |
//! | `style.css` | light, dark, narrow, printed |
//! | `dom.js` | pictures' elements, spelling times |
//! | `land.js`, `map.js` | the world and who signed in where |
//! | `timeline.js` | who did what when, and what the stack made of it |
//! | `journal.js` | the requests in question |
//! | `finding.js` | a finding in its blocks, differences word by word |
//! | `scenario.js` | all there is about one scenario |
//! | `overview.js` | the wall of dots, the matrix of scenarios by checks |
//! | `keys.js` | what keys do, and the dialog that says so |
//! | `app.js` | filters, which of the two is shown, printing |
//! | `stacks.js` | the page of [`stacks`]: scenarios by stacks |
//!
//! The data is [`mod@json`]'s, with what pictures need, in an element that no browser runs. Everything in it may
//! have been written by a stack, so the page makes text of it and never markup, and its policy lets only its own script
//! run.

pub mod stacks;

use std::collections::BTreeMap;

use minijinja::{Environment, context};
use serde_json::{Value, json};
use simulator::page::{self, Script};

use super::story::Story;
use super::{RunReport, json};
use crate::{explain, printable};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");

/// The page's script, in this order.
const SCRIPTS: [&str; 10] = [
    include_str!("dom.js"),
    include_str!("land.js"),
    include_str!("map.js"),
    include_str!("timeline.js"),
    include_str!("journal.js"),
    include_str!("finding.js"),
    include_str!("scenario.js"),
    include_str!("overview.js"),
    include_str!("keys.js"),
    include_str!("app.js"),
];

/// Most bytes of stories in one page; scenarios that come after have their findings alone.
const ROOM: usize = 8 << 20;

/// The whole page. `story` tells a scenario's, by id; it is asked for those that did not pass first.
pub fn render(run: &RunReport, detail: Detail, mut story: impl FnMut(&str) -> Option<Story>) -> String {
    let mut data = json::value(run);
    let (mut stories, mut bytes) = (BTreeMap::new(), 0);
    let passed = run.in_order().into_iter().filter(|s| s.is_passed());
    let rest = passed.filter(|_| detail == Detail::All);
    for scenario in run.troubled().into_iter().chain(rest) {
        if bytes > ROOM && detail == Detail::Troubled {
            break;
        }
        if let Some(story) = story(&scenario.judgement.id) {
            let text = serde_json::to_string(&story).expect("a story is made of plain values");
            bytes += text.len();
            stories.insert(scenario.judgement.id.clone(), json!(story));
        }
    }
    let commands: BTreeMap<&str, String> =
        run.scenarios.iter().map(|s| (s.judgement.id.as_str(), run.repeat(s))).collect();
    for scenario in data["scenarios"].as_array_mut().into_iter().flatten() {
        let id = scenario["id"].as_str().unwrap_or_default().to_owned();
        scenario["repeat"] = json!(commands.get(id.as_str()));
        scenario["story"] = stories.remove(&id).unwrap_or(Value::Null);
    }
    data["checks"] = checks(run);
    framed(&format!("{}: conformance", run.stack), &data, &SCRIPTS)
}

/// How much the page holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Detail {
    /// The stories of scenarios that did not pass, as many as a page can bear.
    #[default]
    Troubled,
    /// Every scenario's story.
    All,
}

/// The pages of the checks that found something.
fn checks(run: &RunReport) -> Value {
    let findings = || run.scenarios.iter().flat_map(|s| &s.judgement.findings);
    pages_of(|id| findings().any(|f| f.check == id))
}

/// The pages of some checks.
fn pages_of(is_wanted: impl Fn(&str) -> bool) -> Value {
    let wanted = explain::pages().into_iter().filter(|page| is_wanted(page.id));
    wanted.map(|page| (page.id.to_owned(), json!({ "title": page.title, "text": page.text }))).collect()
}

fn framed(title: &str, data: &Value, scripts: &[&str]) -> String {
    let Script { text, source } = Script::of(scripts);
    let style = [page::STYLE, STYLE].concat();
    let values = context! { title, style, data => inert(data), script => text, source };
    let page = Environment::new().render_named_str("page.html", PAGE, values);
    page.expect("the frame is a constant and names these values")
}

/// JSON that cannot end the element it stands in, whatever it holds.
fn inert(data: &Value) -> String {
    let text = printable::json(&data.to_string());
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    /// What a page holds.
    pub(super) fn data_of(page: &str) -> Value {
        let start = page.find(r#"<script type="application/json" id="data">"#).expect("the data's element");
        let text = &page[start..];
        let text = &text[text.find('>').unwrap() + 1..text.find("</script>").unwrap()];
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn nothing_that_is_reported_can_break_out_of_the_page() {
        const ATTACK: &str = "</script><script>alert(1)</script><!--<script>\u{2028}&amp;";
        let quiet = render(&example::run(), Detail::Troubled, |_| None);
        let mut run = example::run();
        run.stack = ATTACK.to_owned();
        for scenario in &mut run.scenarios {
            scenario.title = ATTACK.to_owned();
            for finding in &mut scenario.judgement.findings {
                finding.observed = ATTACK.to_owned();
                finding.evidence.push(ATTACK.to_owned());
            }
        }
        let page = render(&run, Detail::Troubled, |_| None);
        let count = |page: &str, what: &str| page.matches(what).count();
        for mark in ["<script", "</script", "<!--"] {
            assert_eq!(count(&page, mark), count(&quiet, mark), "{mark}");
        }
        assert_eq!(data_of(&page)["stack"], ATTACK);
    }

    #[test]
    fn the_page_fetches_nothing_and_runs_its_own_script_alone() {
        let page = render(&example::run(), Detail::Troubled, |_| None);
        assert!(page.contains("default-src 'none'") && page.contains("script-src 'sha256-"));
        for reach in ["src=", "href=\"http", "url(", "@import", "fetch(", "innerHTML", "eval("] {
            assert!(!page.contains(reach), "{reach}");
        }
    }

    #[test]
    fn troubled_scenarios_are_told_and_all_only_on_request() {
        let mut asked = Vec::new();
        render(&example::run(), Detail::Troubled, |id| {
            asked.push(id.to_owned());
            None
        });
        assert_eq!(asked, ["travel/london-madrid-84m", "limits/retry-after-60s"]);
        asked.clear();
        render(&example::run(), Detail::All, |id| {
            asked.push(id.to_owned());
            None
        });
        assert_eq!(asked.len(), 3, "what was skipped has no story: {asked:?}");
    }

    #[test]
    fn each_scenario_has_its_command_and_each_check_its_page() {
        let data = data_of(&render(&example::run(), Detail::Troubled, |_| None));
        assert!(data["scenarios"][0]["repeat"].as_str().unwrap().starts_with("conformance run "));
        assert!(data["checks"]["alert/missing"]["text"].as_str().unwrap().contains("Source"));
    }
}
