//! The contract's JSON Schema, generated from the types that read it.

use serde_json::Value;

use super::envelope::Envelope;

/// Name of the committed copy within the crate.
pub const FILE: &str = "contract.schema.json";

/// JSON Schema (2020-12) of one line of a report.
pub fn contract() -> Value {
    let mut schema = schemars::schema_for!(Envelope).to_value();
    schema["title"] = "Stack contract, version 1: one line of a report".into();
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_generated_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        let generated = format!("{}\n", serde_json::to_string_pretty(&contract()).unwrap());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == generated, "{FILE} is stale: run this test once with UPDATE_SCHEMA=1 and read the diff");
    }
}
