"""`./run score`: reads the gold and says how well, per slot, language and story.

./run score                    the table
./run score --faults           and every miss and every false hit
./run score --only ru          one language, or the beginning of an id
./run score --write            writes docs/accuracy.md and tests/gold/floor.yaml
./run score --check            exit 1 when a figure is below tests/gold/floor.yaml (CI)
./run score --phrasebook       the articles and the sentences of the phrasebook, per language and class of wording
./run score --save FILE        keep what was read; --diff FILE shows what has changed since
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.reading import Article
from services.classifier.core.reading import RULES_VERSION, read
from services.standalone.annotated import BUNDLED, articles_of, replays_of
from services.standalone.expectation import judge
from services.standalone.replay import replay as replayed
from tests.gold.measures import SLOTS, Tally, compared
from tests.gold.phrasebook import SENTENCES, PhrasebookFault, is_sentences, sentences_of

HERE = Path(__file__).parent
FLOOR = HERE / "floor.yaml"
REPORT = HERE.parents[1] / "docs" / "accuracy.md"
BLIND = HERE / "blind-readings.md"
FOLDERS = (HERE / "articles", BUNDLED)
PHRASEBOOK = HERE.parent / "data" / "phrasebook"
STORIES = HERE.parent / "data" / "stories"
TOLERANCE = 0.001


@dataclass(frozen=True, slots=True)
class Scored:
    """Everything one run measured. Replays: expected alerts that came, all that were due, and false ones.

    `whole`: of each story (or class of sentences) the documents without any fault, and all of them.
    """

    articles: int
    slots: Mapping[str, Tally]
    languages: Mapping[str, Mapping[str, Tally]]
    stories: Mapping[str, Mapping[str, Tally]]
    replays: Mapping[str, tuple[int, int, int]]
    faults: Sequence[str]
    said: Mapping[str, Any]
    whole: Mapping[str, tuple[int, int]]

    @property
    def replay_figures(self) -> tuple[float, float]:
        """Precision and recall over all replays."""
        hit, due, false = (sum(row[k] for row in self.replays.values()) for k in range(3))
        return (hit / (hit + false) if hit + false else 1.0, hit / due if due else 1.0)


def gold_documents(folders: Iterable[Path]) -> dict[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            if path.name != "replay.yaml":
                document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
                documents.update(sentences_of(path) if is_sentences(document) else {document["id"]: document})
    return documents


def story_name(article_id: str) -> str:
    """Articles of one story share the first part of their id: d1-2016-04-02-a is of d1."""
    return article_id.split("-", maxsplit=1)[0]


def story_of(document: Mapping[str, Any]) -> str:
    """The story of an article, or the language and the class of a sentence."""
    return f"{document['lang']} {document['class']}" if "class" in document else story_name(document["id"])


def measure(folders: Sequence[Path], only: str = "", *, replays: bool = True) -> Scored:
    total: dict[str, Tally] = {slot: Tally() for slot in SLOTS}
    languages: dict[str, dict[str, Tally]] = defaultdict(lambda: {slot: Tally() for slot in SLOTS})
    stories: dict[str, dict[str, Tally]] = defaultdict(lambda: {slot: Tally() for slot in SLOTS})
    faults: list[str] = []
    said: dict[str, Any] = {}
    whole: dict[str, tuple[int, int]] = {}
    documents = {key: doc for key, doc in gold_documents(folders).items() if not only or doc["lang"] == only or key.startswith(only)}
    for key, document in documents.items():
        article = Article.model_validate(
            {name: document.get(name, "") for name in ("id", "url", "title", "text", "published_at", "outlet")}
        )
        said[key] = json.loads(read(article).model_dump_json())
        outcome = compared(key, said[key], document["gold"])
        faults.extend(outcome.faults)
        story = story_of(document)
        right, seen = whole.get(story, (0, 0))
        whole[story] = (right + (not outcome.faults), seen + 1)
        for slot, tally in outcome.tallies.items():
            total[slot].add(tally)
            languages[document["lang"]][slot].add(tally)
            stories[story][slot].add(tally)
    rows: dict[str, tuple[int, int, int]] = {}
    if replays and not only:
        for folder in folders:
            told = replays_of(folder)
            articles = articles_of(folder) if told else {}
            for one in told:
                alerts = list(replayed(articles[article_id].article() for article_id in one.articles))
                verdict = judge(one, alerts)
                rows[one.name] = (len(verdict.hit), len(one.expected_alerts), len(verdict.false))
                faults.extend(f"{one.name}: missed {due.model_dump(exclude_none=True, mode='json')}" for due in verdict.missed)
                faults.extend(f"{one.name}: false {alert.article_id} {alert.headline}" for alert in verdict.false)
    return Scored(len(documents), total, languages, stories, rows, faults, said, whole)


def slot_rows(slots: Mapping[str, Tally]) -> list[str]:
    return [
        f"| {slot} | {t.precision:.3f} | {t.recall:.3f} | {t.f1:.3f} | {t.hit} of {t.true}, {t.said} said |" for slot, t in slots.items()
    ]


def grouped_rows(groups: Mapping[str, Mapping[str, Tally]]) -> list[str]:
    short = SLOTS[1:]
    head = ["| | " + " | ".join(short) + " |", "|---" * (len(short) + 1) + "|"]
    ranked = sorted(groups.items(), key=lambda item: item[1]["casualty figures (all)"].f1)
    return head + [f"| {name} | " + " | ".join(f"{slots[slot].f1:.2f}" for slot in short) + " |" for name, slots in ranked]


PHRASED = (
    "casualty figures (all)",
    "casualty figures (current)",
    "casualty figure + side",
    "casualty figure + claimant body",
    "ceasefire statements",
)


def phrasebook_rows() -> list[str]:
    """The phrasebook's tables: articles per language, sentences per language and per class of wording."""
    head = ["| | read | without a fault | " + " | ".join(PHRASED) + " |", "|---" * (len(PHRASED) + 3) + "|"]

    def row(name: str, whole: Iterable[tuple[int, int]], slots: Mapping[str, Tally]) -> str:
        right, seen = (sum(part) for part in zip(*whole, strict=True))
        return f"| {name} | {seen} | {right} | " + " | ".join(f"{slots[slot].f1:.2f}" for slot in PHRASED) + " |"

    lines = ["### Articles, per language", "", *head]
    for folder in sorted(path for path in PHRASEBOOK.iterdir() if path.is_dir()):
        scored = measure((folder,), replays=False)
        lines.append(row(folder.name, scored.whole.values(), scored.slots))
    scored = measure((SENTENCES,), replays=False)
    by_language = {
        lang: row(lang, [whole for name, whole in scored.whole.items() if name.split()[0] == lang], slots)
        for lang, slots in scored.languages.items()
    }
    told = measure((STORIES,)).replays
    by_story = [f"| {name} | {due} | {hit} | {false} |" for name, (hit, due, false) in sorted(told.items())]
    by_class = [row(name, [scored.whole[name]], slots) for name, slots in sorted(scored.stories.items())]
    return [
        *[*lines, "", "### Sentences, per language", "", *head, *by_language.values()],
        *["", "### Short stories", "", "| | alerts due | came | false |", "|---|---|---|---|", *by_story],
        *["", "### Sentences, per class of wording", "", *head, *by_class],
    ]


def report(scored: Scored, commit: str) -> str:
    # They measure by this module themselves.
    from tests.gold import ablation, perturbation
    from tests.gold import train_assurance as assurance

    precision, recall = scored.replay_figures
    blind = BLIND.read_text(encoding="utf-8") if BLIND.exists() else "Not measured yet."
    lines = [
        "# Accuracy",
        "",
        f"Measured by `./run score --write` at commit {commit}, rules version {RULES_VERSION}, on {scored.articles} annotated articles",
        "of `tests/gold/` and the demo's story. P is precision, R recall. These articles are open: the rules were made with them in",
        "sight, so the figures say how well the rules fit them; the blind readings below say how well they carry over.",
        "",
        "## Per slot",
        "",
        "| slot | P | R | F1 | |",
        "|---|---|---|---|---|",
        *slot_rows(scored.slots),
        f"| alerts of {len(scored.replays)} replays | {precision:.3f} | {recall:.3f} | | |",
        "",
        "## Per language (F1, the weakest first)",
        "",
        *grouped_rows(scored.languages),
        "",
        "## Per story (F1, the weakest first)",
        "",
        *grouped_rows(scored.stories),
        "",
        "## Phrasebook",
        "",
        "Short articles and single sentences, written apart from the rules. A third of the sentences are neighbours, in which nothing is to be read.",
        "They are open now: how each batch was read the first time stands below.",
        "",
        *phrasebook_rows(),
        "",
        "## Confidence",
        "",
        "How often a claim is right in number, time, side and claimant at once, by what is stated of it; learnt without its own story",
        "(`python -m tests.gold.train_assurance`).",
        "",
        *assurance.table(assurance.judged()),
        "",
        "## Articles rewritten",
        "",
        "The gold rewritten in ways whose effect on the answer is known, against how it was read before (`python -m tests.gold.perturbation`).",
        "",
        *perturbation.table(perturbation.measured()),
        "",
        "## What each stage brings",
        "",
        "F1 of the gold with one stage turned off (`python -m tests.gold.ablation`). The gold holds no scraped pages: what cleaning",
        "brings is seen in the row `junk around` above.",
        "",
        *ablation.table(),
        "",
        "## Blind readings",
        "",
        blind.strip(),
        "",
    ]
    return "\n".join(lines)


def figures(scored: Scored) -> dict[str, float]:
    precision, recall = scored.replay_figures
    found = {slot: round(tally.f1, 4) for slot, tally in scored.slots.items()}
    return found | {"replays precision": round(precision, 4), "replays recall": round(recall, 4)}


def fallen(now: Mapping[str, float], floor: Mapping[str, float]) -> list[str]:
    """The figures that are below the floor, in words."""
    return [f"{slot}: {now[slot]:.4f}, was {least:.4f}" for slot, least in floor.items() if slot in now and now[slot] < least - TOLERANCE]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is read otherwise than before, article by article."""
    rows: list[str] = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, {}), after.get(key, {})
        for slot in ("relevant", "actors", "event_types", "casualties", "ceasefire"):
            a, b = old.get(slot), new.get(slot)
            if isinstance(a, list) and isinstance(b, list):
                rows.extend(f"{key}: {slot}: - {json.dumps(row, ensure_ascii=False)}" for row in a if row not in b)
                rows.extend(f"{key}: {slot}: + {json.dumps(row, ensure_ascii=False)}" for row in b if row not in a)
            elif a != b:
                rows.append(f"{key}: {slot}: {a} -> {b}")
    return rows


def commit_now() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run score", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", action="store_true", help="print each miss and each false hit")
    parser.add_argument("--only", default="", metavar="LANG|ID", help="one language, or articles whose id begins so")
    parser.add_argument("--folder", type=Path, action="append", help="other folders of annotated articles")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md and the floor")
    parser.add_argument("--check", action="store_true", help="exit 1 when a figure fell")
    parser.add_argument("--save", type=Path, help="keep what was read in FILE")
    parser.add_argument("--diff", type=Path, help="show what is read otherwise than in FILE")
    parser.add_argument("--phrasebook", action="store_true", help="the tables of the phrasebook, and nothing else")
    options = parser.parse_args(argv)
    try:
        if options.phrasebook:
            print("\n".join(phrasebook_rows()))
            return 0
        scored = measure(tuple(options.folder or FOLDERS), options.only)
    except PhrasebookFault as fault:
        print(fault, file=sys.stderr)
        return 1
    if options.faults:
        print("\n".join(scored.faults))
    for slot, tally in scored.slots.items():
        print(
            f"{slot:34} P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}   ({tally.hit} of {tally.true} true, {tally.said} said)"
        )
    if scored.replays:
        precision, recall = scored.replay_figures
        print(f"{'replays':34} P {precision:.3f}  R {recall:.3f}   ({len(scored.replays)} replays)")
    print(f"{scored.articles} articles")
    if options.save:
        options.save.write_text(json.dumps(scored.said, ensure_ascii=False), encoding="utf-8")
    if options.diff:
        print("\n".join(changes(json.loads(options.diff.read_text(encoding="utf-8")), scored.said)) or "nothing is read otherwise")
    if options.write:
        REPORT.write_text(report(scored, commit_now()), encoding="utf-8")
        FLOOR.write_text(yaml.safe_dump(figures(scored), sort_keys=False, allow_unicode=True), encoding="utf-8")
    if options.check:
        faults = fallen(figures(scored), yaml.safe_load(FLOOR.read_text(encoding="utf-8")))
        print("\n".join(f"fell: {fault}" for fault in faults) or "no figure fell")
        return 1 if faults else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
