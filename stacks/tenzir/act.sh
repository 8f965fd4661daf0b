# Disables, once for each alert, the accounts of whom a policy wants suspended. What failed is tried again at the next poll.
set -eu
[ -s "{{ run.state }}/alerts.ndjson" ] || exit 0
[ -e "{{ run.state }}/acted" ] && [ ! "{{ run.state }}/alerts.ndjson" -nt "{{ run.state }}/acted" ] && exit 0
ALERTS="{{ run.state }}/alerts.ndjson" "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/targets.tql" > "{{ run.state }}/targets"
touch "{{ run.state }}/done" "{{ run.state }}/acting"
while read -r policy alert user address; do
  case " {% for policy, how in connections.policies|items if "suspend" in how.action|default([]) %}{{ policy }} {% endfor %}" in
    *" $policy "*) ;;
    *) continue ;;
  esac
  grep -qxF "$alert" "{{ run.state }}/done" && continue
{% for instance, app in connections.apps|items if app.vendor == "entra" %}
  BASE_URL="{{ app.base_url }}" TOKEN="{{ app.access_token }}" TARGET="$address" \
    "{{ setup.dir }}/bin/tenzir" -f "{{ stack.dir }}/pipelines/suspend.tql" < /dev/null || { rm -f "{{ run.state }}/acting"; continue; }
  echo "$alert" >> "{{ run.state }}/done"
  printf '{"v":1,"kind":"action","body":{"command_uid":"suspend:%s","status_id":1,"unmapped":{"action":"suspend","alert_uid":"%s","target_user_uid":"%s"}}}\n' \
    "$alert" "$alert" "$user" >> "{{ run.report }}"
{% endfor %}
done < "{{ run.state }}/targets"
[ ! -e "{{ run.state }}/acting" ] || mv "{{ run.state }}/acting" "{{ run.state }}/acted"
