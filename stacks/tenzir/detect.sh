# Looks at the whole window, so that the same deeds make the same alerts.
set -eu
[ -s "{{ run.state }}/window.ndjson" ] || exit 0
EVENTS="{{ run.state }}/window.ndjson" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/detect.tql" > "{{ run.state }}/alerts.ndjson"
cat "{{ run.state }}/alerts.ndjson" >> "{{ run.report }}"
