# Polls once. $1: where the apps are and what they are asked with, JSON; $2: the file that the report is appended to.
# docs/src/contract.md says what both hold, `conformance schema report` what a line of the report is.
set -eu
echo "this is still the template of 'conformance stack new': it asks nobody. It was given $1 and $2" >&2
exit 1
