//! A digest of the source that verdicts come from, so that two reports can be told to be of one judge.
//!
//! Of every file below `conformance/src` and `simulator/src` its path and its bytes, in order of paths: the same on every
//! machine, and no version control is asked. The stack inside the program is judged and does not judge; which compiler and
//! which libraries were used is not in it either.

use std::path::{Path, PathBuf};

/// Folders with source, from this crate's.
const SOURCE: [&str; 2] = ["src", "../simulator/src"];

fn main() -> std::io::Result<()> {
    let mut digest = Digest::new();
    for folder in SOURCE {
        println!("cargo::rerun-if-changed={folder}");
        for file in files(Path::new(folder))? {
            // A path reads the same on any system, and so does a text whose lines a checkout has ended in another way.
            let name = file.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            digest.add(name.as_bytes());
            digest.add(&std::fs::read(&file)?.into_iter().filter(|byte| *byte != b'\r').collect::<Vec<u8>>());
        }
    }
    println!("cargo::rustc-env=CONFORMANCE_SOURCE={:016x}", digest.0);
    Ok(())
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

/// FNV-1a, 64 bits: it tells sources apart, and guards against nobody.
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Takes in some bytes, and that they end here.
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
