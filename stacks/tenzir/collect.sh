# Pulls what there is: at first fifteen days, from then on the last one. Without a node Tenzir keeps nothing, so what lies
# in that day is told at each poll.
set -eu
mkdir -p "{{ run.state }}"
if [ -s "{{ run.state }}/events.ndjson" ]; then export DAYS=1; else export DAYS=15; fi
: > "{{ run.state }}/pulled.ndjson"
{% for instance, app in connections.apps|items if app.vendor in ["miro", "github"] %}
INSTANCE="{{ instance }}" BASE_URL="{{ app.base_url }}" TOKEN="{{ app.access_token }}" ORGANIZATION="{{ app.organization|default("") }}" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/{{ app.vendor }}.tql" >> "{{ run.state }}/pulled.ndjson"
{% endfor %}
cat "{{ run.state }}/pulled.ndjson" >> "{{ run.report }}"
cat "{{ run.state }}/pulled.ndjson" >> "{{ run.state }}/events.ndjson"
