//! What a manifest may say, and what is said of one that is wrong.

use super::*;

const GOOD: &str = r#"name: reference
run: ["{{ conformance.exe }}", stack, reference, --config, "{{ files.config }}"]
mode: service
clock: virtual
capabilities: [miro.audit_log, miro.oauth, policy.impossible_travel, governance.suspend]
declares:
  poll_every: 1h
  look_back: 6h
  lateness: 60m
  backfill: { miro: 7d }
  delivery: exactly_once
  request_timeout: 30s
  policies:
    impossible_travel: { ids: [D04], speed: 900, distance: 500 }
listen: { redirect: /oauth/callback, webhook: /hooks/workplace }
ready: { phase: ready }
state: "{{ run.dir }}/state"
files: { config: config.yaml }
report: { ndjson: "{{ run.dir }}/report.ndjson" }
"#;

fn parse(text: &str) -> Result<Manifest, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config.yaml"), "").unwrap();
    std::fs::write(dir.path().join("map.jq"), "{kind: \"event\", body: .}\n").unwrap();
    std::fs::write(dir.path().join("wrong.jq"), "{kind: \"event\",\n body: nosuch}\n").unwrap();
    Manifest::parse(dir.path(), Path::new("stack.yaml"), text).map_err(|e| e.to_string())
}

/// The error for the good manifest with one text replaced by another.
#[track_caller]
fn error(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    parse(&GOOD.replace(from, to)).unwrap_err()
}

#[test]
fn every_key_of_the_contract_is_read() {
    let manifest = parse(GOOD).unwrap();
    assert_eq!((manifest.mode, manifest.declares.clock), (Mode::Service, StackClock::Virtual));
    assert!(manifest.claims("miro.oauth") && !manifest.claims("entra.oauth"));
    assert_eq!(manifest.listen["redirect"], "/oauth/callback");
    assert_eq!(manifest.ready.map(|r| matches!(r, Ready::Phase(p) if p == "ready")), Some(true));
    let from = Outlet::Ndjson("{{ run.dir }}/report.ndjson".to_owned());
    assert_eq!(manifest.report, [Source { from, map: None }]);
    let command = ["{{ conformance.exe }}", "stack", "reference", "--config", "{{ files.config }}"];
    assert_eq!(manifest.run, [Program { name: None, command: command.map(str::to_owned).to_vec() }]);
    assert!(manifest.setup.is_empty());
    assert_eq!((manifest.transport, manifest.exit_status), (Transport::Direct, ExitStatus::Counts));
    assert_eq!(manifest.declares.poll_every, std::time::Duration::from_secs(3600));
}

#[test]
fn variables_are_asked_for_by_name_and_those_that_are_set_for_each_run_are_not() {
    let with = |names: &str| GOOD.replace("mode: service", &format!("env: [{names}]\nmode: service"));
    assert_eq!(parse(&with("JAVA_HOME, LICENCE")).unwrap().env, ["JAVA_HOME", "LICENCE"]);
    let refused = parse(&with("JAVA_HOME, HTTPS_PROXY")).unwrap_err();
    assert!(refused.starts_with("stack.yaml:3:18   `HTTPS_PROXY` is set for each run"), "{refused}");
    let refused = parse(&with("TOKEN=x")).unwrap_err();
    assert!(refused.contains("`TOKEN=x` is not the name of a variable"), "{refused}");
}

#[test]
fn other_ways_of_being_ready_and_of_reporting_are_read() {
    let manifest = parse(&GOOD.replace("{ phase: ready }", "{ log: '^listening on \\d+' }")).unwrap();
    assert!(matches!(manifest.ready, Some(Ready::Log(pattern)) if pattern.is_match("listening on 80")));
    let manifest = parse(&GOOD.replace("{ phase: ready }", "{ http: '{{ listen.webhook.url }}' }")).unwrap();
    assert!(matches!(manifest.ready, Some(Ready::Http(_))));
    let manifest = parse(&GOOD.replace("{ ndjson: \"{{ run.dir }}/report.ndjson\" }", "stdout")).unwrap();
    assert_eq!(manifest.report, [Source { from: Outlet::Stdout, map: None }]);
}

/// Somebody else's stack, as far as it differs from one that speaks the contract.
const STRANGER: &str = r#"name: stranger
setup:
  - [python3, -m, venv, "{{ setup.dir }}"]
  - ["{{ setup.dir }}/bin/pip", install, -r, "{{ stack.dir }}/packages.txt"]
run:
  collector: ["{{ setup.dir }}/bin/grove"]
  actor: [sh, "{{ files.config }}"]
mode: once
exit_status: ignored
clock: wall
transport: intercept
profile: lenient
capabilities: [github.audit_log]
declares: { poll_every: 5s, look_back: 7d, lateness: 60m }
files: { config: config.yaml }
report:
  - { files: "{{ run.state }}/logs/**/*.json.gz", map: map.jq }
  - { ndjson: "{{ run.dir }}/actions.ndjson" }
"#;

#[test]
fn somebody_elses_stack_is_read() {
    let manifest = parse(STRANGER).unwrap();
    let names: Vec<_> = manifest.run.iter().map(|program| program.name.as_deref()).collect();
    assert_eq!(names, [Some("collector"), Some("actor")], "in the order in which they are written");
    assert!(!manifest.setup.is_empty());
    assert_eq!((manifest.transport, manifest.exit_status), (Transport::Intercept, ExitStatus::Ignored));
    let from: Vec<_> = manifest.report.iter().map(|source| (&source.from, source.map.is_some())).collect();
    let files = Outlet::Files("{{ run.state }}/logs/**/*.json.gz".to_owned());
    let ndjson = Outlet::Ndjson("{{ run.dir }}/actions.ndjson".to_owned());
    assert_eq!(from, [(&files, true), (&ndjson, false)]);
}

#[test]
fn a_report_may_be_sent_or_asked_for() {
    let report = |source: &str| {
        let one = "{ ndjson: \"{{ run.dir }}/actions.ndjson\" }";
        parse(&STRANGER.replace(one, source)).map(|manifest| manifest.report[1].from.clone())
    };
    assert_eq!(report("{ http: siem }").unwrap(), Outlet::Http("siem".to_owned()));
    assert_eq!(report("{ syslog: siem }").unwrap(), Outlet::Syslog("siem".to_owned()));
    let query = report("{ sqlite: \"{{ run.state }}/a.db\", query: SELECT 1 }").unwrap();
    assert_eq!(query, Outlet::Sqlite { file: "{{ run.state }}/a.db".to_owned(), query: "SELECT 1".to_owned() });
    let without = report("{ sqlite: a.db }").unwrap_err();
    assert!(without.starts_with("stack.yaml:18:15   `sqlite` needs a `query`"), "{without}");
    let twice = report("{ http: siem }\n  - { syslog: siem }").unwrap_err();
    assert!(twice.contains("`siem` is the sink of two sources"), "{twice}");
}

#[test]
fn mistakes_in_somebody_elses_stack_are_shown_where_they_are() {
    let error = |from: &str, to: &str| {
        assert!(STRANGER.contains(from), "{from}");
        parse(&STRANGER.replace(from, to)).unwrap_err()
    };
    // A file beside the manifest lies in a folder of this test's own.
    let beside =
        |line: &str| line.rsplit_once("/wrong.jq").map_or(line.to_owned(), |(_, rest)| format!("wrong.jq{rest}"));
    let first = |from: &str, to: &str| beside(error(from, to).lines().next().unwrap_or_default());
    insta::assert_snapshot!(first("[python3, -m, venv, \"{{ setup.dir }}\"]", "[]"), @"stack.yaml:3:5   a step of `setup` is empty: it is the command and its arguments");
    insta::assert_snapshot!(first("{{ setup.dir }}/bin/pip", "{{ run.dir }}/bin/pip"), @"stack.yaml:4:6   `{{ run.dir }}` is not known here; known are conformance.exe, setup.dir, stack.dir");
    insta::assert_snapshot!(first("actor: [sh, \"{{ files.config }}\"]", "actor: []"), @"stack.yaml:7:10   `actor` is empty: it is the command and its arguments");
    insta::assert_snapshot!(first("  actor: [sh, \"{{ files.config }}\"]", "  Actor: [sh]"), @"stack.yaml:7:3   `Actor` is not a name: lower-case letters, digits, `_` and `-`");
    insta::assert_snapshot!(first("{{ files.config }}", "{{ connections.apps }}"), @"stack.yaml:7:15   `{{ connections.apps }}` is not known here; known are conformance.exe, declares.actions, declares.backfill, declares.capabilities, declares.clock, declares.delivery, declares.health, declares.lateness, declares.look_back, declares.policies, declares.poll_every, declares.profile, declares.request_timeout, declares.usage, files.config, run.connections, run.dir, run.report, run.state, setup.dir, stack.dir");
    insta::assert_snapshot!(first("clock: wall", "clock: virtual"), @"stack.yaml:11:12   only `direct` is for stacks under `clock: virtual`: certificates are dated by the machine's clock");
    insta::assert_snapshot!(first("mode: once", "mode: service\nready: { phase: ready }"), @"stack.yaml:10:14   a service lives until it is told to stop: its exit is a crash, whatever the status");
    insta::assert_snapshot!(first("map: map.jq", "map: maps.jq"), @"stack.yaml:17:56   there is no file `maps.jq` beside the manifest");
    insta::assert_snapshot!(first("map: map.jq", "map: wrong.jq"), @"wrong.jq:2:8   there is no filter `nosuch`");
    insta::assert_snapshot!(first("ndjson: \"{{", "stdout: true, ndjson: \"{{"), @"stack.yaml:18:5   a source of `report` is exactly one of `ndjson`, `files`, `stdout: true`, `http`, `syslog` and `sqlite` with its `query`");
    insta::assert_snapshot!(first("map: map.jq", "mapp: map.jq"), @"stack.yaml:17:51   unknown field `mapp`, expected one of ndjson, files, stdout, http, syslog, sqlite, query, map");
}

#[test]
fn a_stack_that_is_started_for_each_poll_need_not_say_that_it_is_ready() {
    let manifest =
        parse(&GOOD.replace("mode: service", "mode: once").replace("ready: { phase: ready }\n", "")).unwrap();
    assert!(manifest.ready.is_none());
}

#[test]
fn mistakes_are_shown_where_they_are() {
    insta::assert_snapshot!(error("mode:", "mod:"), @r#"
    stack.yaml:3:1   unknown field `mod`, expected one of name, setup, run, env, mode, exit_status, clock, transport, profile, actions, capabilities, declares, listen, ready, state, files, report
         3 | mod: service
           | ^
    "#);
    insta::assert_snapshot!(error("mode: service", "mode: daemon"), @r#"
    stack.yaml:3:7   unknown variant `daemon`, expected one of service, once
         3 | mode: daemon
           |       ^
    "#);
    insta::assert_snapshot!(error("poll_every: 1h", "poll_every: 60"), @r#"
    stack.yaml:7:15   `60` is not a duration; write `250ms`, `30s`, `40m`, `1h30m` or `7d`
         7 |   poll_every: 60
           |               ^
    "#);
    insta::assert_snapshot!(error("poll_every: 1h", "pol_every: 1h"), @r#"
    stack.yaml:7:3   unknown field `pol_every`, expected one of poll_every, look_back, lateness, backfill, delivery, request_timeout, policies, usage, health, one_instance
         7 |   pol_every: 1h
           |   ^
    "#);
    insta::assert_snapshot!(error("clock: virtual", "clock: virtual\nclock: wall"), @r#"
    stack.yaml:5:1   duplicate mapping key `clock` is not allowed here
         5 | clock: wall
           | ^
    "#);
    insta::assert_snapshot!(error("files.config", "files.confg"), @r#"
    stack.yaml:2:60   `{{ files.confg }}` is not known here; known are conformance.exe, declares.actions, declares.backfill, declares.capabilities, declares.clock, declares.delivery, declares.health, declares.lateness, declares.look_back, declares.policies, declares.poll_every, declares.profile, declares.request_timeout, declares.usage, files.config, listen.redirect.address, listen.redirect.url, listen.webhook.address, listen.webhook.url, run.connections, run.dir, run.report, run.state, stack.dir
         2 | run: ["{{ conformance.exe }}", stack, reference, --config, "{{ files.confg }}"]
           |                                                            ^
    "#);
    insta::assert_snapshot!(error("config: config.yaml", "config: conf.yaml"), @r#"
    stack.yaml:18:18   there is no file `conf.yaml` beside the manifest
        18 | files: { config: conf.yaml }
           |                  ^
    "#);
    insta::assert_snapshot!(error("{ phase: ready }", "{ phase: ready, log: x }"), @r#"
    stack.yaml:16:8   `ready` takes exactly one of `phase`, `http` and `log`
        16 | ready: { phase: ready, log: x }
           |        ^
    "#);
    insta::assert_snapshot!(error("{ phase: ready }", "{ log: '(' }"), @r#"
    stack.yaml:16:15   `log` is not a pattern: unclosed group
        16 | ready: { log: '(' }
           |               ^
    "#);
    insta::assert_snapshot!(error("ready: { phase: ready }\n", ""), @r#"
    stack.yaml:3:7   a service has to say when it is `ready`: {phase: ready}, {http: URL} or {log: REGEX}
         3 | mode: service
           |       ^
    "#);
    insta::assert_snapshot!(error("report: { ndjson: \"{{ run.dir }}/report.ndjson\" }", "report: syslog"), @r#"
    stack.yaml:19:9   a report to `syslog` is not built: write `stdout`, {ndjson: FILE}, {files: PATTERN}, {http: NAME}, {syslog: NAME}, {sqlite: FILE, query: SQL}, or a list
        19 | report: syslog
           |         ^
    "#);
    insta::assert_snapshot!(error("miro.oauth", "miro.oauht"), @r#"
    stack.yaml:5:32   unknown capability `miro.oauht`: did you mean `miro.oauth`? `conformance stack capabilities` lists them
         5 | capabilities: [miro.audit_log, miro.oauht, policy.impossible_travel, governance.suspend]
           |                                ^
    "#);
    insta::assert_snapshot!(error("miro.oauth", "oauth"), @r#"
    stack.yaml:5:32   unknown capability `oauth`; `conformance stack capabilities` lists them
         5 | capabilities: [miro.audit_log, oauth, policy.impossible_travel, governance.suspend]
           |                                ^
    "#);
    insta::assert_snapshot!(error("[miro.audit_log, miro.oauth", "[miro.audit_log, miro.oauth}"), @r#"
    stack.yaml:5:42   this `}` closes nothing that is open
         5 | capabilities: [miro.audit_log, miro.oauth}, policy.impossible_travel, governance.suspend]
           |                                          ^
    "#);
    let tab = error("declares:\n", "declares:\n\tdelivery: exactly_once\n");
    assert!(tab.starts_with("stack.yaml:7:1   a tab stands where spaces are needed; indent with spaces"), "{tab}");
    insta::assert_snapshot!(error("redirect: /oauth/callback", "redirect: oauth"), @r#"
    stack.yaml:15:21   `oauth` is not the path of a URL: it begins with `/`
        15 | listen: { redirect: oauth, webhook: /hooks/workplace }
           |                     ^
    "#);
    insta::assert_snapshot!(error("name: reference", "name: My Stack"), @r#"
    stack.yaml:1:7   `My Stack` is not a name: lower-case letters, digits, `_` and `-`
         1 | name: My Stack
           |       ^
    "#);
    insta::assert_snapshot!(error("name: reference\n", ""), @r#"
    stack.yaml:18:1   missing field `name`
        18 | report: { ndjson: "{{ run.dir }}/report.ndjson" }
           | ^
    "#);
}

#[test]
fn a_file_that_is_not_utf_8_is_refused_where_it_stops_being_so() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), b"name: x\nrun: [\xff]\n").unwrap();
    let error = Manifest::read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("stack.yaml:2:7   what follows is not UTF-8"), "{error}");
}

#[test]
fn a_mistake_in_a_template_is_shown_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.yaml");
    std::fs::write(&path, "every: {{ declares.poll_every }}\nagain: {{ declares.nonsense }}\n").unwrap();
    let error = Manifest::parse(dir.path(), Path::new("stack.yaml"), GOOD).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("{}:2:11   `{{{{ declares.nonsense }}}}` is not known", path.display())),
        "{error}"
    );
    assert!(error.contains("2 | again: {{ declares.nonsense }}"), "{error}");
}
