//! A harness that is killed leaves no process of the stack behind.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::support::House;

const SCENARIO: &str = "\
title: Ann works
apps: { miro: {} }
people: 2
cast: { ann: {} }
script:
  - { id: work, at: day 1 10:00, actor: ann, does: open, app: miro }
expect:
  - { must: ingest, app: miro, evidence: [work] }
";

/// Begins a process of its own, opens the pipe by which the test hears of both, and says so once the harness has asked
/// whether it is ready: by then it is under way.
const SERVICE: &str = r#"
import http.server, subprocess, sys

pipe = open(sys.argv[1], "w")
subprocess.Popen(["sleep", "600"], pass_fds=[pipe.fileno()])

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        print("under way", file=pipe, flush=True)

    def log_message(self, *_):
        pass

host, port = sys.argv[2].split(":")
http.server.HTTPServer((host, int(port)), Ready).serve_forever()
"#;

#[test]
fn a_harness_that_is_killed_takes_the_stack_and_what_it_had_begun_with_it() {
    let house = House::with(&[]);
    house.write("scenarios/day.yaml", SCENARIO);
    let pipe = house.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    house.write("stacks/mine/service.py", SERVICE);
    house.write(
        "stacks/mine/stack.yaml",
        &format!(
            "name: mine\nrun: [python3, '{{{{ stack.dir }}}}/service.py', {}, '{{{{ listen.health.address }}}}']\nclock: wall\n\
             capabilities: [miro.audit_log]\n\
             declares: {{ poll_every: 5s, look_back: 6h, lateness: 60m }}\nlisten: {{ health: / }}\n\
             ready: {{ http: '{{{{ listen.health.url }}}}' }}\nreport: stdout\n",
            pipe.display()
        ),
    );
    let mut harness = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .current_dir(house.path("."))
        .args(["run", "scenarios", "--stack", "mine", "--run-dir", "run"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        // Opens when the stack does.
        let mut heard = BufReader::new(File::open(pipe).unwrap());
        let mut line = String::new();
        let _ = heard.read_line(&mut line).map(|_| tell.send(line));
        // Ends when nobody holds the other end any more: neither the stack nor what it had begun.
        let _ = heard.read_to_string(&mut String::new()).map(|_| tell.send("all gone".to_owned()));
    });
    let within = Duration::from_secs(120);
    let first = told.recv_timeout(within);
    harness.kill().unwrap();
    harness.wait().unwrap();
    assert_eq!(first.as_deref(), Ok("under way\n"));
    assert_eq!(told.recv_timeout(within).as_deref(), Ok("all gone"));
}
