# Configures Grove for each organisation and lets it collect what is new. It exits with 0 whatever happens: that something
# went wrong stands in its log, and is told as trouble.
set -eu
# The configuration holds the token.
umask 077
mkdir -p "{{ run.state }}/config" "{{ run.state }}/cache" "{{ run.state }}/collected"
{% for instance, app in connections.apps|items if app.vendor == "github" %}
cat > "{{ run.state }}/config/{{ instance }}.json" <<'END'
{
  "name": "{{ instance }}",
  "connector": "github_audit_log",
  "identity": "{{ app.organization }}",
  "key": "{{ app.access_token }}",
  "fqdn": "{{ app.base_url|replace("https://", "") }}",
  "frequency": 1
}
END
{% endfor %}
export GROVE_CONFIG_LOCAL_FILE_PATH="{{ run.state }}/config"
export GROVE_CACHE_HANDLER=local_file GROVE_CACHE_LOCAL_FILE_PATH="{{ run.state }}/cache"
export GROVE_OUTPUT_HANDLER=local_file GROVE_OUTPUT_LOCAL_FILE_PATH="{{ run.state }}/collected"
LOG="{{ run.state }}/grove.log"
"{{ setup.dir }}/bin/grove" 2> "$LOG" || true
cat "$LOG" >&2
{% for instance, app in connections.apps|items if app.vendor == "github" %}
if grep '"level": "ERROR"' "$LOG" | grep -qF '"identity": "{{ app.organization }}"'; then
  echo '{"v":1,"kind":"status","body":{"phase":"degraded","app":"{{ instance }}","reason":"Grove could not collect"}}' >> "{{ run.report }}"
fi
{% endfor %}
