//! The simulator's commands in the book work as they stand there.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src");

/// What stands between a fence of a language and the next.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|block| &block[..block.find("```").expect("a block has an end")]).collect()
}

fn run(folder: &Path, command: &str) {
    let mut words: Vec<&str> = command.split_whitespace().collect();
    let serves = words.first() == Some(&"serve");
    if serves {
        // Others may be listening where the book would.
        words.extend(["--listen", "127.0.0.1:0"]);
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_simulator"));
    program.args(&words).current_dir(folder);
    if !serves {
        let output = program.output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "simulator {command}: {output:?}");
        return;
    }
    let mut served = program.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(served.stdout.take().unwrap()).lines();
    let greeted = lines.map_while(Result::ok).any(|line| line.contains("Ctrl-C stops it"));
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(greeted, "simulator {command} did not greet");
}

#[test]
fn every_command_of_the_book_works() {
    let folder = tempfile::tempdir().unwrap();
    let (mut commands, mut companies) = (0, 0);
    for entry in std::fs::read_dir(BOOK).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let page = std::fs::read_to_string(entry.path()).unwrap();
        for company in
            blocks(&page, "yaml").into_iter().filter(|text| text.starts_with("title:") && !text.contains("expect:"))
        {
            companies += 1;
            std::fs::write(folder.path().join("company.yaml"), company).unwrap();
        }
        let lines = blocks(&page, "console").into_iter().flat_map(str::lines);
        for command in lines.filter_map(|line| line.strip_prefix("$ simulator ")) {
            commands += 1;
            run(folder.path(), command);
        }
    }
    assert!(commands > 5 && companies == 1, "{commands} commands, {companies} companies");
}

/// A `curl` line as a request to the control plane: method, path, body.
fn request(line: &str) -> Option<(&str, &str, &str)> {
    let path = line.split_once("http://127.0.0.1:4100")?.1.split_whitespace().next()?;
    let body = line.split_once(" -d '").and_then(|(_, rest)| rest.split_once("' http")).map(|(body, _)| body);
    let method = line.split_once(" -X ").and_then(|(_, rest)| rest.split_whitespace().next());
    Some((method.unwrap_or(if body.is_some() { "POST" } else { "GET" }), path, body.unwrap_or_default()))
}

/// The status line and what follows, as `curl` would ask.
fn asked(address: &str, (method, path, body): (&str, &str, &str)) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn every_curl_line_of_the_book_is_answered_with_success() {
    let mut pages: Vec<_> =
        std::fs::read_dir(BOOK).unwrap().flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    pages.sort();
    let lines: Vec<String> = pages
        .iter()
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.trim_start().starts_with("curl "))
        .collect();
    let program = Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn();
    let mut served = program.unwrap();
    // Read on while it serves: it must not write to nobody.
    let mut greeting = BufReader::new(served.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = greeting.find_map(|line| {
        let rest = line.split_once("journal and overview")?.1.split_once("http://")?.1;
        Some(rest.split('/').next()?.to_owned())
    });
    let answers: Vec<(&String, Option<std::io::Result<String>>)> = lines
        .iter()
        .map(|line| (line, address.as_ref().zip(request(line)).map(|(address, request)| asked(address, request))))
        .collect();
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(answers.len() > 8, "{answers:?}");
    for (line, answer) in answers {
        let answer = answer.expect("the line is for the control plane, which has told its address").unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{line}\n{answer}");
    }
}
