"""Holds the second judge's hits against what the simulator says of its stories. Started by `run`."""

import argparse
import concurrent.futures
import functools
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback
from typing import NamedTuple

import yaml

import lines
import story
from engine import DEFINITIONS, HERE, Definition, Episode, Lines, Rules, episodes
from story import Labels, Story

WORKSPACE = HERE.parents[2]
#: Products that repeat what other products' logs say.
ECHOES = {"defender"}
NEEDS_PLACES = "activity_from_infrequent_country"
#: Attacks that the simulator generates, by the definition they are made for.
GENERATED = {
    "multiple_failed_logins": "failed_logins",
    "password_spray": "password_spray",
    "mfa_fatigue": "mfa_fatigue",
    "mass_download": "mass_download",
    "mass_deletion": "mass_deletion",
    "activity_from_infrequent_country": "infrequent_country",
}
SEEDS = (1, 2, 3)


class Opinion(NamedTuple):
    """What the engine says of a story by one definition, and what of it nobody can account for."""

    story: str
    definition: str
    #: Whether the story is about the definition at all.
    asked: bool
    said: str
    wrong: list[str]


class Simulator(NamedTuple):
    """The program, asked for text."""

    program: str

    def prints(self, *command: str) -> str:
        done = subprocess.run([self.program, *command], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"simulator {' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def records(self, told: Story) -> list[dict]:
        until = ["--until", told.until] if told.until else []
        found = []
        for app, vendor in told.apps.items():
            if vendor not in ECHOES:
                found += lines.rows(vendor, app, self.prints("records", *told.flags, "--app", app, *until))
        lines.link(found)
        return found

    def places(self, told: Story) -> lines.Places:
        """The databases that `serve` writes for a stack before it greets."""
        with tempfile.TemporaryDirectory(prefix="opinion-") as folder:
            document = pathlib.Path(folder) / "connections.json"
            command = [self.program, "serve", *told.flags, "--listen", "127.0.0.1:0", "--connections", document]
            serve = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                greeting = ""
                while "Ctrl-C stops it" not in greeting:
                    line = serve.stdout.readline()
                    if not line:
                        raise RuntimeError(f"the simulator did not start: {greeting}")
                    greeting += line
                return lines.Places(pathlib.Path(folder))
            finally:
                serve.terminate()
                serve.communicate(timeout=20)

    def labels(self, told: Story, rows: list[dict]) -> Labels:
        return Labels(told.timeline(self.prints("timeline", *told.flags)), rows)

    def judged(self, told: Story, rules: Rules) -> list[Opinion]:
        """What the engine says of a story, by every definition that can be asked."""
        try:
            rows = self.records(told)
            asked = {d.name for d in DEFINITIONS if is_asked(told, d)}
            if told.networks or NEEDS_PLACES in asked:
                self.places(told).locate(rows)
            tables = {}
            opinions = []
            for definition in DEFINITIONS:
                if definition.name == NEEDS_PLACES and definition.name not in asked:
                    continue
                since = told.since(definition.name)
                if since not in tables:
                    kept = [row for row in rows if row["timestamp"] >= since]
                    tables[since] = Lines(rules, kept), functools.cache(lambda kept=kept: self.labels(told, kept))
                table, labels = tables[since]
                found = episodes(definition, table.hits(definition.name, told.numbers(definition.name)))
                opinions.append(compare(told, definition, definition.name in asked, found, labels() if found else None))
            return opinions
        # Whatever broke: this story failed, the others are judged.
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{pathlib.Path(at.filename).name}:{at.lineno}"
            return [Opinion(told.name, "", True, "", [f"{type(error).__name__}: {error} ({where})"])]


def is_asked(told: Story, definition: Definition) -> bool:
    """Whether a story is about a definition: its policy is in force, or an attack is of its technique."""
    techniques = {technique for of in told.attacks.values() for technique in of}
    named = definition.name in told.policies or definition.name == told.about
    return named or not techniques.isdisjoint(definition.techniques)


def compare(told: Story, definition: Definition, asked: bool, found: list[Episode], labels: Labels) -> Opinion:
    wrong = []
    left = list(found)
    judged_here = definition.name in told.policies
    for owed in owed_by(told, definition):
        mine = [e for e in left if fits(owed, e, labels)]
        whom = f"{owed.actor or 'anybody'}{f' ({owed.attack})' if owed.attack else ''}"
        if not mine:
            wrong.append(f"owed about {whom}, and no hit")
        elif owed.times is not None and len(mine) != owed.times:
            wrong.append(f"owed {owed.times} times about {whom}, and {len(mine)} hits")
        for episode in mine:
            left.remove(episode)
            # What makes a definition true is labelled as an attack.
            if all(labels.label(line) == "benign" for line in labels.deciding(episode.at, episode.lines)):
                wrong.append(f"owed, and decided by a line that is labelled benign: {tell(told, episode, labels)}")
    for episode in left:
        attacked = any(labels.label(line) != "benign" for line in episode.lines)
        of_here = [e for e in told.expect if e.policy in (None, definition.name) and fits(e, episode, labels)]
        forbidden = judged_here and any(e.kind == "must_not" for e in of_here)
        allowed = any(e.kind == "may" for e in of_here)
        if forbidden or not (attacked or allowed):
            wrong.append(f"a hit that nobody owes: {tell(told, episode, labels)}")
    said = "; ".join(tell(told, episode, labels) for episode in found) or "silent"
    return Opinion(told.name, definition.name, asked, said, wrong)


def owed_by(told: Story, definition: Definition) -> list[story.Expectation]:
    """What a stack owes by a definition; where its policy is off, a hit on each attack of its technique."""
    if definition.name in told.policies:
        return [e for e in told.expect if e.kind == "must" and e.policy == definition.name]
    mine = [name for name, of in told.attacks.items() if not set(definition.techniques).isdisjoint(of)]
    return [story.Expectation("must", definition.name, None, attack, None) for attack in mine]


def fits(owed: story.Expectation, episode: Episode, labels: Labels) -> bool:
    """Whether an expectation is about these lines. A group's members are called by its name and a number."""
    actors = {labels.actor(line) for line in episode.lines}
    groups = {actor.rpartition("-")[0] for actor in actors}
    attacks = {labels.label(line) for line in episode.lines}
    return (owed.actor is None or owed.actor in actors | groups) and (owed.attack is None or owed.attack in attacks)


def tell(told: Story, episode: Episode, labels: Labels) -> str:
    actors = sorted({labels.actor(line) for line in episode.lines})
    whom = actors[0] if len(actors) == 1 else f"{len(actors)} people"
    attacks = sorted({labels.label(line) for line in episode.lines})
    return f"{whom}, {told.told(episode.at)}, {len(episode.lines)} lines of {' and '.join(attacks)}"


def stories(simulator: Simulator) -> list[Story]:
    """Every scenario of the library, the cases beside this file, and generated attacks."""
    library = WORKSPACE / "scenarios"
    found = [story.scenario(p, p.relative_to(library).with_suffix("").as_posix()) for p in sorted(library.rglob("*.yaml"))]
    cases = sorted((HERE / "cases").rglob("*.yaml"))
    found += [story.scenario(p, f"case {p.stem}", about=p.parent.name) for p in cases]
    known = simulator.prints("attacks")
    shapes = {line.split()[0] for line in known.splitlines() if line and not line.startswith(" ")}
    pairs = [(shape, seed, d) for d, shape in GENERATED.items() if shape in shapes for seed in SEEDS]
    return found + [story.generated(*pair) for pair in pairs]


def built() -> str:
    subprocess.run(["cargo", "build", "--quiet", "--release", "--bin", "simulator"], cwd=WORKSPACE, check=True)
    return str(pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or WORKSPACE / "target") / "release/simulator")


def main() -> int:
    parser = argparse.ArgumentParser(prog="run", description=__doc__)
    parser.add_argument("--simulator", help="the program; default: $SIMULATOR, or built from this workspace")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only stories whose name has this part")
    told = parser.parse_args()
    simulator = Simulator(os.path.abspath(told.simulator or os.environ.get("SIMULATOR") or built()))
    began = time.monotonic()
    rules = Rules()
    chosen = [s for s in stories(simulator) if not told.names or any(part in s.name for part in told.names)]
    differences = yaml.safe_load((HERE / "differences.yaml").read_text()) or []
    unmet = {(d["story"], d["definition"]): d["why"] for d in differences}
    passed = failed = 0
    swept = {definition.name: 0 for definition in DEFINITIONS}

    def line(word: str, name: str, definition: str, said: str) -> None:
        print(f"{word:<8} {name:<44} {definition:<32} {said}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for opinions in pool.map(lambda s: simulator.judged(s, rules), chosen):
            for opinion in opinions:
                why = unmet.pop((opinion.story, opinion.definition), None)
                if why and opinion.wrong:
                    line("differs", opinion.story, opinion.definition, f"{opinion.said} (README.md: {why})")
                    passed += 1
                elif opinion.wrong or why:
                    line("FAIL", opinion.story, opinion.definition, opinion.said)
                    print("\n".join(f"         {wrong}" for wrong in opinion.wrong or [f"no longer differs: {why}"]))
                    failed += 1
                elif opinion.asked:
                    line("ok", opinion.story, opinion.definition, opinion.said)
                    passed += 1
                else:
                    swept[opinion.definition] += 1
    for definition, count in swept.items():
        if count:
            line("ok", f"{count} stories about something else", definition, "no hit on benign lines alone")
            passed += 1
    if not told.names:
        for name, definition in unmet:
            line("FAIL", name, definition, "in differences.yaml, and there is no such story")
            failed += 1
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
