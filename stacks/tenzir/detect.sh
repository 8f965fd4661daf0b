# Looks at all that was pulled so far, so that the same deeds make the same alerts.
set -eu
[ -s "{{ run.state }}/events.ndjson" ] || exit 0
EVENTS="{{ run.state }}/events.ndjson" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/detect.tql" > "{{ run.state }}/alerts.ndjson"
cat "{{ run.state }}/alerts.ndjson" >> "{{ run.report }}"
