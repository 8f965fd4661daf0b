//! What the pages of both programs have in common: colours, elements, and a script that nothing else can reach.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Colours for light and dark, and the letters. A page's own style comes after.
pub const STYLE: &str = include_str!("style.css");

/// `make` and `filled`: elements in which every value is text, never markup.
const ELEMENTS: &str = include_str!("elements.js");

/// A page's only script.
pub struct Script {
    /// The script.
    pub text: String,
    /// What a content security policy calls it, without the quotes: `sha256-…`.
    pub source: String,
}

impl Script {
    /// The parts of a script, after those that every page has. No name in it can be reached from outside.
    pub fn of(parts: &[&str]) -> Self {
        let text = format!("\"use strict\";\n(() => {{\n{ELEMENTS}{}}})();\n", parts.concat());
        let source = format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())));
        Self { text, source }
    }
}
