# Looks at all that was pulled so far, once something new was, so that the same deeds make the same alerts.
set -eu
[ -s "{{ run.state }}/events.ndjson" ] || exit 0
[ -e "{{ run.state }}/alerts.ndjson" ] && [ ! "{{ run.state }}/events.ndjson" -nt "{{ run.state }}/alerts.ndjson" ] && exit 0
EVENTS="{{ run.state }}/events.ndjson" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/detect.tql" > "{{ run.state }}/found.ndjson"
mv "{{ run.state }}/found.ndjson" "{{ run.state }}/alerts.ndjson"
cat "{{ run.state }}/alerts.ndjson" >> "{{ run.report }}"
