# Pulls what there is: at first fifteen days, from then on the last one. Without a node Tenzir keeps nothing, so what lies
# in that day comes at each poll; it is told again if anything in it is new. A pull that fails exits with another status than 0: that is told as trouble, the pages
# that it had are kept, and the next poll goes back as far again.
set -eu
mkdir -p "{{ run.state }}"
{% for instance, app in connections.apps|items if app.vendor in ["miro", "github"] %}
if [ -e "{{ run.state }}/{{ instance }}.had" ]; then export DAYS=1; else export DAYS=15; fi
if INSTANCE="{{ instance }}" BASE_URL="{{ app.base_url }}" TOKEN="{{ app.access_token }}" ORGANIZATION="{{ app.organization|default("") }}" \
  "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/{{ app.vendor }}.tql" > "{{ run.state }}/pulled.ndjson"; then
  touch "{{ run.state }}/{{ instance }}.had"
else
  echo '{"v":1,"kind":"status","body":{"phase":"degraded","app":"{{ instance }}","reason":"the pull failed"}}' >> "{{ run.report }}"
fi
if ! cmp -s "{{ run.state }}/pulled.ndjson" "{{ run.state }}/{{ instance }}.pulled"; then
  cat "{{ run.state }}/pulled.ndjson" >> "{{ run.report }}"
  cat "{{ run.state }}/pulled.ndjson" >> "{{ run.state }}/events.ndjson"
  mv "{{ run.state }}/pulled.ndjson" "{{ run.state }}/{{ instance }}.pulled"
fi
{% endfor %}
