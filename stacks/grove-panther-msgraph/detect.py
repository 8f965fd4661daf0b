"""Runs the rules with panther_core over what Grove has collected since the last time.

Usage: detect.py STATE REPORT

panther_core judges one event; grouping is its caller's: matches of one rule with one `dedup` text within an hour, its
default period, are one alert.
"""

import gzip
import json
import pathlib
import sys

from panther_core.enriched_event import PantherEvent
from panther_core.rule import DEFAULT_DETECTION_DEDUP_PERIOD_MINS, Rule

PERIOD_MS = DEFAULT_DETECTION_DEDUP_PERIOD_MINS * 60_000
SEVERITIES = {"INFO": 1, "LOW": 2, "MEDIUM": 3, "HIGH": 4, "CRITICAL": 5}


def main(state: pathlib.Path, report: pathlib.Path) -> None:
    kept = state / "detector.json"
    memory = json.loads(kept.read_text()) if kept.exists() else {"files": [], "events": [], "alerts": []}
    rules = [
        Rule({"id": path.stem, "path": str(path), "versionId": "1"})
        for path in sorted(pathlib.Path(__file__).parent.glob("rules/*.py"))
    ]
    changed = []
    for path in sorted((state / "collected").glob("logs/**/*.json.gz")):
        if str(path) in memory["files"]:
            continue
        memory["files"].append(str(path))
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            event = json.loads(line)
            if event["_document_id"] in memory["events"]:
                continue
            memory["events"].append(event["_document_id"])
            for rule in rules:
                result = rule.run(PantherEvent({**event, "p_log_type": "GitHub.Audit"}), {}, {})
                if result.trigger_alert:
                    changed.append(group(memory["alerts"], result, event))
    with report.open("a") as lines:
        for alert in {alert["id"]: alert for alert in changed}.values():
            lines.write(json.dumps(line_of(alert)) + "\n")
    kept.write_text(json.dumps(memory))


def group(alerts: list, result, event: dict) -> dict:
    """The alert that a match belongs to, made anew where there is none."""
    at = event["@timestamp"]
    same = [a for a in alerts if a["rule"] == result.detection_id and a["dedup"] == result.dedup_output]
    alert = next((a for a in same if abs(at - a["at"]) < PERIOD_MS), None)
    if alert is None:
        alert = {
            "id": f"{result.detection_id}:{event['_document_id']}",
            "rule": result.detection_id,
            "dedup": result.dedup_output,
            "title": result.title_output,
            "severity": SEVERITIES.get(result.severity_output, 3),
            "user": str(event.get("actor_id") or ""),
            "email": event.get("external_identity_nameid") or "",
            "evidence": [],
        }
        alerts.append(alert)
    alert["at"] = at
    alert["evidence"].append(event["_document_id"])
    return alert


def line_of(alert: dict) -> dict:
    """An alert as a line of the contract: OCSF 1.8.0, Detection Finding."""
    return {
        "v": 1,
        "kind": "alert",
        "body": {
            "class_uid": 2004,
            "category_uid": 2,
            "activity_id": 1,
            "type_uid": 200401,
            "severity_id": alert["severity"],
            "time": alert["at"],
            "metadata": {"version": "1.8.0", "product": {"name": "panther_core"}},
            "finding_info": {
                "uid": alert["id"],
                "title": alert["title"],
                "analytic": {"uid": alert["rule"], "type_id": 1},
                "related_events": [{"uid": uid} for uid in alert["evidence"]],
            },
            "observables": [
                {"name": "actor.user.uid", "type_id": 31, "value": alert["user"]},
                {"name": "actor.user.email_addr", "type_id": 5, "value": alert["email"]},
            ],
        },
    }


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
