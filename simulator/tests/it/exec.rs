//! `simulator exec`: a command that believes it talks to the vendors.

use std::process::{Command, Output};

use crate::support::not_tested;

fn exec(flags: &[&str], script: &str) -> Output {
    let simulator = env!("CARGO_BIN_EXE_simulator");
    Command::new(simulator).arg("exec").args(flags).args(["--", "sh", "-c", script]).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_exit_status_is_the_commands() {
    #[rustfmt::skip]
    let cases = [
        ("exit 0",           0),
        ("exit 7",           7),
        ("kill -KILL $$",    128 + 9),
        // Handed on by exec, not by the terminal: the parent of the shell is the simulator.
        ("trap 'exit 5' TERM; kill -TERM $PPID; for i in $(seq 100); do sleep 0.1; done; exit 9", 5),
    ];
    for (script, status) in cases {
        assert_eq!(exec(&["--quiet"], script).status.code(), Some(status), "{script}");
    }
    let missing =
        Command::new(env!("CARGO_BIN_EXE_simulator")).args(["exec", "--", "no-such-program"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(127));
}

#[test]
fn the_command_finds_what_clients_read_and_what_it_has_to_be_told() {
    let output = exec(&[], "env; cat \"$SIMULATOR_CONNECTIONS\" \"$SIMULATOR_CA_FILE\"");
    let (said, notes) = (text(&output.stdout), text(&output.stderr));
    #[rustfmt::skip]
    let wanted = [
        "HTTPS_PROXY=http://127.0.0.1:", "http_proxy=http://127.0.0.1:", "NO_PROXY=localhost,127.0.0.1,::1",
        "SSL_CERT_FILE=", "REQUESTS_CA_BUNDLE=", "NODE_EXTRA_CA_CERTS=", "CURL_CA_BUNDLE=",
        "SIMULATOR_ENTRA_CLIENT_ID=", "SIMULATOR_MIRO_ACCESS_TOKEN=", "SIMULATOR_CONTROL=http://127.0.0.1:",
        "\"base_url\": \"https://graph.microsoft.com\"", "-----BEGIN CERTIFICATE-----",
    ];
    for part in wanted {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("PRIVATE KEY"));
    assert!(notes.contains("answering for graph.microsoft.com, login.microsoftonline.com, api.miro.com"), "{notes}");
    assert!(notes.contains("0 exchanges, 0 refused"), "{notes}");
    let ca_file = said.lines().find_map(|line| line.strip_prefix("SIMULATOR_CA_FILE=")).unwrap();
    assert!(!std::path::Path::new(ca_file).exists(), "the authority ends with the run");
}

#[test]
fn a_name_given_to_nobody_is_a_wrong_flag() {
    let output = exec(&["--host", "api.miro.com=mira"], "true");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no instance is called `mira`; there are: entra, miro"));
}

#[test]
fn curl_reaches_the_vendors_by_name_and_leaves_a_journal() {
    let journal = std::env::temp_dir().join(format!("simulator-test-{}.ndjson", std::process::id()));
    let file = journal.to_str().unwrap();
    let script = "command -v curl >/dev/null || exit 99
        curl -sS -H \"Authorization: Bearer $SIMULATOR_MIRO_ACCESS_TOKEN\" https://api.miro.com/v1/oauth-token";
    let output = exec(&["--journal", file], script);
    if output.status.code() == Some(99) {
        return not_tested("no curl on this machine");
    }
    assert!(text(&output.stdout).contains("oAuthToken"), "{} {}", text(&output.stdout), text(&output.stderr));
    let kept = std::fs::read_to_string(&journal).unwrap();
    std::fs::remove_file(&journal).unwrap();
    assert_eq!(kept.lines().count(), 1);
    assert!(kept.contains("\"miro.token_context\""), "{kept}");
}

#[test]
fn in_hosts_mode_the_names_lead_here_without_a_proxy() {
    let script = "cat /etc/hosts; env | grep -i -c _proxy=; id -u
        command -v curl >/dev/null || exit 99
        curl -sS -H \"Authorization: Bearer $SIMULATOR_MIRO_ACCESS_TOKEN\" https://api.miro.com/v1/oauth-token
        curl -sS -o /dev/null -w '%{http_code}' http://graph.microsoft.com/v1.0/users
        ! curl -sS https://registry.example/";
    let output = exec(&["--hosts"], script);
    let (said, notes) = (text(&output.stdout), text(&output.stderr));
    if notes.contains("a private network needs") {
        assert_eq!(output.status.code(), Some(2));
        return not_tested(&notes);
    }
    assert!(said.contains("127.0.0.1 login.microsoftonline.com\n::1 login.microsoftonline.com\n"), "{said}");
    assert!(
        said.contains(&format!("\n0\n{}\n", text(&Command::new("id").arg("-u").output().unwrap().stdout).trim())),
        "{said}"
    );
    if output.status.code() == Some(99) {
        return not_tested("what needs curl: there is none on this machine");
    }
    assert_eq!(output.status.code(), Some(0), "{said} {notes}");
    assert!(said.contains("oAuthToken") && said.ends_with("401"), "{said}");
}
