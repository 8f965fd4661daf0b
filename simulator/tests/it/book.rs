//! The simulator's commands in the book work as they stand there.

use std::io::{BufRead, BufReader};
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
