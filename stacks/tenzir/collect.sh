# Pulls the whole window at each poll: without a node Tenzir keeps nothing, so events are told more than once.
set -eu
export DAYS=15
mkdir -p "{{ run.state }}"
: > "{{ run.state }}/window.ndjson.new"
{% for instance, app in connections.apps|items if app.vendor in ["miro", "github"] %}
INSTANCE="{{ instance }}" BASE_URL="{{ app.base_url }}" TOKEN="{{ app.access_token }}" ORGANIZATION="{{ app.organization|default("") }}" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/{{ app.vendor }}.tql" >> "{{ run.state }}/window.ndjson.new"
{% endfor %}
mv "{{ run.state }}/window.ndjson.new" "{{ run.state }}/window.ndjson"
cat "{{ run.state }}/window.ndjson" >> "{{ run.report }}"
