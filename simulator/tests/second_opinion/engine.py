"""The second judge: Sigma rules, made SQL by pySigma, run over a table of vendors' lines.

A definition is a file of `rules/`: detections of one vendor's lines each, and a correlation of the definition's name
over them. Where a .sql file of that name stands beside it, Sigma could not say all: the query narrows the correlation's
hits, or finds them where there is no correlation.
"""

import json
import pathlib
import sqlite3
import threading
from typing import NamedTuple

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.runtime import execute_plan
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE / "rules"
HOUR_S, DAY_S = 3_600, 86_400

#: What the loader adds to the vendor's own fields of a line.
ADDED = ("timestamp", "product", "service", "app", "person", "source_ip", "country", "own", "object")


class Definition(NamedTuple):
    """What Sigma has no place for."""

    name: str
    #: ATT&CK techniques that are its own: what is labelled so, it has to find. None where slow thefts and valid accounts
    #: bear the same technique; such a definition is judged where a policy names it.
    techniques: tuple[str, ...]
    #: An episode ends so long after its last hit.
    gap_s: float


DEFINITIONS = [
    Definition("multiple_failed_logins", ("T1110.001", "T1110.004"), HOUR_S),
    Definition("password_spray", ("T1110.003",), 3 * HOUR_S),
    Definition("mfa_fatigue", ("T1621",), HOUR_S),
    Definition("mass_download", (), HOUR_S),
    Definition("mass_deletion", ("T1485",), HOUR_S),
    Definition("activity_from_infrequent_country", (), 30 * DAY_S),
]


class Numbers(NamedTuple):
    """What an organisation may set in a definition; without a value, the rule's own."""

    at_least: int | None = None
    within: str | None = None
    attempts: int = 8
    learning_s: float = 7 * DAY_S
    look_back_s: float = 30 * DAY_S


class Hit(NamedTuple):
    """A definition came true."""

    at: float
    #: Person, address, instance or country: what the definition counts by.
    key: tuple[str, ...]
    #: Numbers of the lines that it rests on.
    lines: frozenset[int]


class Rules:
    """The rules as SQL."""

    def __init__(self):
        documents = [d for file in sorted(RULES.glob("*.yml")) for d in yaml.safe_load_all(file.read_text())]
        pipeline = ProcessingPipeline.from_yaml((HERE / "pipeline.yml").read_text())
        self.documents = documents
        self.backend = sqliteBackend(pipeline, event_id_field="line", timestamp_format="unix")
        detections = [d for d in documents if "detection" in d]
        converted = json.loads(self.backend.convert(SigmaCollection.from_dicts(detections), "zircolite"))
        #: The lines that a detection is about, by its name.
        self.detections = {d["name"]: entry["rule"][0] for d, entry in zip(detections, converted, strict=True)}
        #: Every field that a rule reads.
        self.fields = sorted({field for entry in converted for field in entry["required_fields"]}.union(ADDED))
        self.correlations = {d["name"]: d for d in documents if "correlation" in d}
        self.narrowing = {file.stem: file.read_text() for file in RULES.glob("*.sql") if file.stem != "views"}
        self.views = (RULES / "views.sql").read_text()
        self.plans = {}
        #: The backend keeps what it is at in itself: one conversion at a time.
        self.converting = threading.Lock()

    def plan(self, name: str, numbers: Numbers) -> tuple[dict, int]:
        """A correlation made SQL with an organisation's numbers, and its count."""
        with self.converting:
            if (name, numbers) not in self.plans:
                self.plans[name, numbers] = self.converted(name, numbers)
            return self.plans[name, numbers]

    def converted(self, name: str, numbers: Numbers) -> tuple[dict, int]:
        rule = json.loads(json.dumps(self.correlations[name]))
        if numbers.at_least:
            rule["correlation"]["condition"]["gte"] = numbers.at_least
        if numbers.within:
            rule["correlation"]["timespan"] = numbers.within
        wanted = [d for d in self.documents if d["name"] in rule["correlation"]["rules"]]
        converted = json.loads(self.backend.convert(SigmaCollection.from_dicts([*wanted, rule]), "zircolite"))
        [plan] = [entry["correlation_plan"] for entry in converted if entry["result_type"] == "correlation"]
        return plan, rule["correlation"]["condition"]["gte"]


class Lines:
    """A table of lines that rules can be run over."""

    def __init__(self, rules: Rules, lines: list[dict]):
        self.rules = rules
        self.db = sqlite3.connect(":memory:")
        named = ", ".join(f"`{field}` COLLATE NOCASE" for field in rules.fields)
        self.db.execute(f"CREATE TABLE logs (line INTEGER PRIMARY KEY, {named})")
        marks = ", ".join("?" * (len(rules.fields) + 1))
        rows = ([number, *(line.get(field) for field in rules.fields)] for number, line in enumerate(lines))
        self.db.executemany(f"INSERT INTO logs VALUES ({marks})", rows)
        for name, query in rules.detections.items():
            self.db.execute(f"CREATE TEMP TABLE {name} AS {query}")
        self.db.executescript(rules.views)

    def hits(self, definition: str, numbers: Numbers) -> list[Hit]:
        """When the definition came true, in order of time."""
        if definition in self.rules.correlations:
            hits = self.correlated(definition, numbers)
        else:
            values = numbers._asdict()
            found = self.db.execute(self.rules.narrowing[definition], values).fetchall()
            hits = [Hit(at, tuple(key), frozenset([line])) for line, at, *key in found]
        return sorted(hits, key=lambda hit: hit.at)

    def correlated(self, definition: str, numbers: Numbers) -> list[Hit]:
        correlation = self.rules.correlations[definition]["correlation"]
        counted_by = correlation["group-by"]
        if not any(self.db.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in correlation["rules"]):
            return []
        plan, at_least = self.rules.plan(definition, numbers)
        found, _ = execute_plan(self.db, plan, include_events=False)
        windows = [(f["window_start"], f["window_end"]) for f in found]
        hits = []
        for result in found:
            lines = frozenset(int(identity.split(":")[1]) for identity in result["event_ids"])
            # Sigma has no regard for case: keys come back in lower case, the lines know how they are written.
            written = f"SELECT {', '.join(counted_by)} FROM logs WHERE line = ?"
            hits.append(Hit(result["window_end"], self.db.execute(written, [min(lines)]).fetchone(), lines))
        if narrowing := self.rules.narrowing.get(definition):
            self.db.execute(f"CREATE TEMP TABLE hits (hit, opens, closes, {', '.join(counted_by)})")
            marks = ", ".join("?" * (3 + len(counted_by)))
            rows = ([number, *windows[number], *hit.key] for number, hit in enumerate(hits))
            self.db.executemany(f"INSERT INTO hits VALUES ({marks})", rows)
            kept = self.db.execute(narrowing, numbers._asdict() | {"at_least": at_least}).fetchall()
            self.db.execute("DROP TABLE hits")
            hits = [hits[number] for [number] in kept]
        return hits


class Episode(NamedTuple):
    """Hits that make one alert."""

    #: When it came true first.
    at: float
    key: tuple[str, ...]
    lines: frozenset[int]


def episodes(definition: Definition, hits: list[Hit]) -> list[Episode]:
    """Hits of one key belong together while no more than the definition's gap lies between two of them."""
    done: list[Episode] = []
    open_ones: dict[tuple[str, ...], tuple[Episode, float]] = {}
    for hit in hits:
        if hit.key in open_ones and hit.at - open_ones[hit.key][1] <= definition.gap_s:
            episode = open_ones[hit.key][0]
            episode = episode._replace(lines=episode.lines | hit.lines)
        else:
            if hit.key in open_ones:
                done.append(open_ones[hit.key][0])
            episode = Episode(hit.at, hit.key, hit.lines)
        open_ones[hit.key] = episode, hit.at
    return sorted([*done, *(episode for episode, _ in open_ones.values())])
