"""What the simulator says of its own stories: labels of what happens, and what a stack owes.

None of this is told to the engine. It is what the engine's hits are held against.
"""

import collections
import datetime
import pathlib
import re
from typing import NamedTuple

import yaml

from engine import DAY_S, Numbers

#: A scenario's, unless it says otherwise.
DAY_1 = datetime.date(2026, 3, 2)
TIMELINE = re.compile(
    r"(?P<at>day -?\d+ \S+) +(?P<app>\S+) +(?P<actor>\S+) +(?P<verb>\S+) +(?P<result>\S+) +"
    r"(?P<place>.*?) +(?P<address>\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+) +(?P<label>\S+) +\[(?P<logs>.*)\]"
)
#: A vendor's lines are as exact as this.
PRECISION_S = {"workplace": 1.0, "miro": 0.001, "github": 0.001, "okta": 0.001, "azure": 0.000_01}


class Activity(NamedTuple):
    """A line of `simulator timeline`."""

    at: float
    app: str
    actor: str
    address: str
    #: Name of the attack that it belongs to, or `benign`.
    label: str
    logs: list[str]


class Expectation(NamedTuple):
    """An `expect` that is about alerts. What is not given is None."""

    kind: str
    policy: str | None
    actor: str | None
    attack: str | None
    times: int | None


class Story(NamedTuple):
    """A scenario, or an attack that the simulator generates."""

    name: str
    #: How `simulator records` and its like are told of it.
    flags: list[str]
    #: Vendor by instance.
    apps: dict[str, str]
    day_1: datetime.date
    #: End of what is exported, where the default leaves something out.
    until: str | None
    policies: dict[str, dict]
    #: Techniques by attack.
    attacks: dict[str, list[str]]
    expect: list[Expectation]
    #: Whether it has addresses with a meaning.
    networks: bool = False
    #: The definition that it was written for, whatever its policies.
    about: str | None = None

    def moment(self, text: str) -> float:
        """`day 2 09:40`, as Unix seconds. The day before day 1 is day -1."""
        _, day, *time = text.split()
        hours, minutes, second = ((time[0] if time else "00:00") + ":0").split(":")[:3]
        days = int(day) - 1 if int(day) > 0 else int(day)
        midnight = datetime.datetime.combine(self.day_1, datetime.time(), datetime.timezone.utc).timestamp()
        return midnight + days * DAY_S + int(hours) * 3_600 + int(minutes) * 60 + float(second)

    def told(self, at: float) -> str:
        """The reverse."""
        moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        days = (moment.date() - self.day_1).days
        return f"day {days + 1 if days >= 0 else days} {moment:%H:%M:%S}"

    def timeline(self, printed: str) -> list[Activity]:
        """Lines with an address; others are nobody's request."""
        parsed = (TIMELINE.fullmatch(line.strip()) for line in printed.splitlines())
        return [
            Activity(self.moment(p["at"]), p["app"], p["actor"], p["address"], p["label"], p["logs"].split())
            for p in parsed
            if p
        ]

    def numbers(self, definition: str) -> Numbers:
        """What its policy sets of the definition."""
        policy = self.policies.get(definition) or {}
        set_here = {}
        if at_least := policy.get("at_least") or policy.get("accounts"):
            set_here["at_least"] = at_least
        if "attempts" in policy:
            set_here["attempts"] = policy["attempts"]
        if "within" in policy:
            set_here["within"] = f"{duration_s(policy['within'])}s"
        if "learning_days" in policy:
            set_here["learning_s"] = policy["learning_days"] * DAY_S
        if "look_back" in policy:
            set_here["look_back_s"] = duration_s(policy["look_back"])
        return Numbers(**set_here)

    def since(self, definition: str) -> float:
        """From when on its policy counts."""
        created = (self.policies.get(definition) or {}).get("created")
        return self.moment(created) if created else 0.0


def duration_s(text: str) -> int:
    units = {"s": 1, "m": 60, "h": 3_600, "d": DAY_S}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


def scenario(path: pathlib.Path, name: str, about: str | None = None) -> Story:
    said = yaml.safe_load(path.read_text())
    apps = {app: (settings or {}).get("vendor", app) for app, settings in said["apps"].items()}
    attacks = {attack: [of] if isinstance(of, str) else of for attack, of in (said.get("attacks") or {}).items()}
    expect = []
    for entry in said["expect"]:
        [kind] = {"must", "may", "must_not"} & entry.keys()
        if entry[kind] == "alert":
            expect.append(Expectation(kind, *(entry.get(key) for key in ("policy", "actor", "attack", "times"))))
    day_1 = said.get("day_1", DAY_1)
    until = (said.get("stack") or {}).get("ends")
    return Story(name, [str(path)], apps, day_1, until, said.get("policies") or {}, attacks, expect, "networks" in said, about)


def generated(attack: str, seed: int, definition: str) -> Story:
    """An attack of `simulator attacks`. It is made for its policy, which is in force from day 1 on."""
    return Story(
        name=f"{attack}, seed {seed}",
        flags=["--attack", attack, "--seed", str(seed)],
        apps={"entra": "entra", "miro": "miro"},
        day_1=DAY_1,
        until=None,
        policies={definition: {"created": "day 1 00:00"}},
        attacks={},
        expect=[Expectation("must", definition, None, None, 1)],
        about=definition,
    )


class Labels:
    """Which line is which activity of the timeline."""

    def __init__(self, timeline: list[Activity], rows: list[dict]):
        self.candidates = []
        votes: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        by_address = collections.defaultdict(list)
        for activity in timeline:
            by_address[activity.address].append(activity)
        for row in rows:
            fitting = [a for a in by_address.get(row["source_ip"], ()) if self.fits(a, row)]
            self.candidates.append(fitting)
            for actor in {activity.actor for activity in fitting}:
                votes[row.get("person")][actor] += 1
        #: Name in the scenario, by person. Background people have none.
        self.names = {person: names.most_common(1)[0][0] for person, names in votes.items()}
        self.people = [row.get("person") for row in rows]
        self.moments = [row["timestamp"] for row in rows]

    @staticmethod
    def fits(activity: Activity, row: dict) -> bool:
        by_directory = row["product"] == "azure" and bool({"sign_ins", "directory_audits"} & set(activity.logs))
        ahead = activity.at - row["timestamp"]
        return (activity.app == row["app"] or by_directory) and -0.000_01 < ahead < PRECISION_S[row["product"]]

    def actor(self, line: int) -> str:
        return self.names.get(self.people[line], "background")

    def label(self, line: int) -> str:
        """Of the activity that the line records, `benign` for what nobody wrote."""
        actor = self.actor(line)
        return next((a.label for a in self.candidates[line] if a.actor == actor), "benign")

    def deciding(self, at: float, lines: frozenset[int]) -> list[int]:
        """Those of the lines that are of that moment."""
        return [line for line in lines if abs(self.moments[line] - at) < 0.000_01]
