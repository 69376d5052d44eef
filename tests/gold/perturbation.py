"""Gold articles rewritten in ways whose effect on the answer is known: `python -m tests.gold.perturbation [--faults]`.

The answer to the article as it stands is the measure, not the annotation: what was read must follow the change. A rule that
only fits one article fails here. Each way is a function from the article and its reading to the rewritten article and what
is expected of it, or None where it has nothing to change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.reading import Article, CasualtyClaim, Reading
from schemas.vocabulary import Bound
from services.classifier.core.reading import read
from services.standalone.annotated import BUNDLED
from tests.gold.score import gold_documents

ARTICLES = Path(__file__).parent / "articles"

Key = tuple[str, ...]
Answers = Counter[Key]


def key_of(claim: CasualtyClaim, numbers: Mapping[int, int] | None = None) -> Key:
    """A claim as it is compared, its numbers replaced."""
    low, high = ((numbers or {}).get(n, n) if n is not None else None for n in (claim.low, claim.high))
    side, body = claim.side or "-", (claim.claimant or "-").split(".")[0]
    return (claim.effect.value, str(low), str(high), claim.bound.value, side, body, "now" if claim.current else "background")


def answers_of(reading: Reading, numbers: Mapping[int, int] | None = None) -> Answers:
    """What a reading says of victims and truces."""
    found: Answers = Counter(key_of(claim, numbers) for claim in reading.casualties)
    found.update(("truce", truce.status.value, "now" if truce.current else "background") for truce in reading.ceasefire)
    return found


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The article in other words, and the answers that are expected of it; answers beyond `more` count against it."""

    title: str
    text: str
    expected: Answers
    more: bool = False


Way = Callable[[Article, Reading], Rewritten | None]

_NUMBER = re.compile(r"(?<![\d.,:/-])\d{1,3}(?![\d.,:/%-]|\s?(?:°|km|км|percent|years|year-old|лет|a\.m|p\.m))")
_MONTHS = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara"
    r"|yanv|fevr|avq|sent|okt|noy|dek|հուն|հուլ|փետ|մար|ապր|մայ|օգո|սեպ|հոկ|նոյ|դեկ|იან|თებ|მარ|აპრ|მაი|ივნ|ივლ|აგვ|სექ|ოქტ|ნოე|დეკ|août|juin|juil|mai)",
    re.IGNORECASE,
)


def other_numbers(article: Article, reading: Reading) -> Rewritten | None:
    """The counted numbers in digits are others: one more each, wherever they stand but in dates."""
    counted = {n for claim in reading.casualties for n in (claim.low, claim.high) if n is not None and n >= 3}
    digits = {int(found) for text in (article.title, article.text) for found in _NUMBER.findall(text)}
    numbers = {n: n + 1 for n in counted & digits if n + 1 not in counted}
    spelled = {claim.low for claim in reading.casualties if claim.low in numbers and str(claim.low) not in claim.evidence.text}
    for n in spelled:
        numbers.pop(n, None)
    if not numbers:
        return None

    def changed(text: str) -> str:
        def one(match: re.Match[str]) -> str:
            dated = _MONTHS.match(text[match.end() :].lstrip(" .-")) or _MONTHS.search(text[max(0, match.start() - 11) : match.start()])
            return match.group() if dated else str(numbers.get(int(match.group()), int(match.group())))

        return _NUMBER.sub(one, text)

    return Rewritten(changed(article.title), changed(article.text), answers_of(reading, numbers))


_SWAPPED = ("Armenian", "Azerbaijani"), ("Armenia", "Azerbaijan"), ("Yerevan", "Baku"), ("ARM", "AZE")
_OTHER = {a: b for pair in _SWAPPED for a, b in (pair, pair[::-1])}
_NAMES = re.compile(r"\b(" + "|".join(sorted(_OTHER, key=len, reverse=True)) + r")(?=s?\b|'s\b|-)")


def swapped_sides(article: Article, reading: Reading) -> Rewritten | None:
    """Armenia for Azerbaijan and back, in English articles that name no place whose holder would give it away."""
    text = f"{article.title}\n{article.text}"
    if (
        reading.language != "en"
        or not _NAMES.search(text)
        or any(place not in {"armenia", "azerbaijan", "yerevan", "baku"} for place in reading.places)
    ):
        return None
    if any(claim.side not in {None, "ARM", "AZE"} for claim in reading.casualties):
        return None

    def swap(words: str) -> str:
        return _NAMES.sub(lambda match: _OTHER[match.group(1)], words)

    expected: Answers = Counter()
    for key, times in answers_of(reading).items():
        expected[tuple(_OTHER.get(part, part) for part in key)] = times
    return Rewritten(swap(article.title), swap(article.text), expected)


_SAID = re.compile(
    r"(?<=\n)((?:The|Armenia's|Azerbaijan's|Georgia's|Russia's) [^.,;:\n\"“”]{3,60}?) said (?:that )?([^.\n\"“”;]{15,200})\.(?=\s)"
)


def said_behind(article: Article, reading: Reading) -> Rewritten | None:
    """ "X said A" becomes "A, X said" at the beginning of paragraphs."""
    if reading.language != "en":
        return None
    text, times = _SAID.subn(
        lambda m: f"{m.group(2)[:1].upper()}{m.group(2)[1:]}, {m.group(1)[:1].lower()}{m.group(1)[1:]} said.", f"\n{article.text}"
    )
    return Rewritten(article.title, text[1:], answers_of(reading)) if times else None


_BACKGROUND = {
    "en": "The earthquake of December 1988 killed about 25,000 people in the north of Armenia.",
    "ru": "Землетрясение в декабре 1988 года унесло жизни около 25 тысяч человек на севере Армении.",
    "az": "1988-ci ilin dekabrında Ermənistanın şimalında zəlzələ 25 minə yaxın insanın həyatına son qoymuşdu.",
    "tr": "Aralık 1988'de Ermenistan'ın kuzeyindeki deprem yaklaşık 25 bin kişinin ölümüne yol açmıştı.",
    "hy": "1988 թվականի դեկտեմբերի երկրաշարժը Հայաստանի հյուսիսում խլել է շուրջ 25 հազար մարդու կյանք։",
    "ka": "1988 წლის დეკემბრის მიწისძვრამ სომხეთის ჩრდილოეთში დაახლოებით 25 ათასი ადამიანი იმსხვერპლა.",
    "fr": "Le tremblement de terre de décembre 1988 a fait quelque 25 000 morts dans le nord de l'Arménie.",
    "de": "Beim Erdbeben vom Dezember 1988 kamen im Norden Armeniens etwa 25 000 Menschen ums Leben.",
}


def with_background(article: Article, reading: Reading) -> Rewritten | None:
    """A paragraph of history at the end adds no current claim."""
    paragraph = _BACKGROUND.get(reading.language)
    if paragraph is None:
        return None
    current = Counter({key: times for key, times in answers_of(reading).items() if key[-1] == "now"})
    return Rewritten(article.title, f"{article.text.rstrip()}\n\n{paragraph}\n", current, more=True)


def other_quotes(article: Article, reading: Reading) -> Rewritten | None:
    """Quotation marks of another style."""
    style = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
    text = article.text.translate(style)
    if text == article.text:
        text = re.sub(r'"([^"\n]*)"', "“\\1”", article.text)
    return Rewritten(article.title.translate(style), text, answers_of(reading)) if text != article.text else None


_JUNK = (
    "Share\nTweet\nWhatsApp\nPrint\n\n",
    "\n\nSubscribe to our newsletter and never miss a story.\n\nRead more\n\nAll rights reserved. © 2024\n",
)


def amid_junk(article: Article, reading: Reading) -> Rewritten | None:
    """What scraped pages bring along."""
    return Rewritten(article.title, f"{_JUNK[0]}{article.text.rstrip()}{_JUNK[1]}", answers_of(reading))


def unseen_marks(article: Article, reading: Reading) -> Rewritten | None:
    """No-break spaces before numbers, soft hyphens and marks of direction within words."""
    text = re.sub(r" (?=\d)", "\u00a0", article.text)
    # Few enough that the places of things in the text hardly move.
    text = re.sub(r"(\w{7})(\w{7})", "\\1\u00ad\\2", text)
    return Rewritten(article.title, "\u200e" + text, answers_of(reading))


_HEDGED = re.compile(r"^\d{2,3} [^\W\d_]")


def with_hedges(article: Article, reading: Reading) -> Rewritten | None:
    """ "at least" before an exact number at the beginning of its evidence."""
    hedge = {"en": "at least", "ru": "не менее", "fr": "au moins", "de": "mindestens"}.get(reading.language)
    found = [c for c in reading.casualties if c.bound is Bound.EXACT and c.evidence.field == "text" and _HEDGED.match(c.evidence.text)]
    found = [
        c for c in found if article.text.count(str(c.low)) == 1 and not article.text[: c.evidence.start].rstrip().endswith(("the", "all"))
    ]
    if hedge is None or not found:
        return None
    one = found[0]
    at = one.evidence.start
    opens = at == 0 or article.text[:at].rstrip(" ").endswith((".", "\n"))
    words = hedge[:1].upper() + hedge[1:] if opens else hedge
    expected = answers_of(reading)
    expected[key_of(one)] -= 1
    old = key_of(one)
    expected[(old[0], old[1], "None", Bound.AT_LEAST.value, *old[4:])] += 1
    return Rewritten(article.title, f"{article.text[:at]}{words} {article.text[at:]}", +expected)


_WORDS = dict(enumerate("zero one two three four five six seven eight nine ten eleven twelve".split()))  # noqa: SIM905 - a list of words
_SMALL = re.compile(
    r"(?<![\d.,:/-])\b([2-9]|1[0-2])(?= (?:[a-z]+ ){0,2}(?:soldiers|servicemen|people|civilians|policemen|officers|troops|men|women|children|others))"
)


def in_words(article: Article, reading: Reading) -> Rewritten | None:
    """Small numbers of people in words."""
    if reading.language != "en":
        return None
    text, times = _SMALL.subn(lambda m: _WORDS[int(m.group(1))], article.text)
    return Rewritten(article.title, text, answers_of(reading)) if times else None


_SPELLED = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?= (?:soldiers|servicemen|people|civilians|policemen|officers|troops|men|women|children|others)\b)"
)


def in_digits(article: Article, reading: Reading) -> Rewritten | None:
    """Small numbers of people in digits."""
    if reading.language != "en":
        return None
    values = {word: value for value, word in _WORDS.items()}
    text, times = _SPELLED.subn(lambda m: str(values[m.group(1)]), article.text)
    return Rewritten(article.title, text, answers_of(reading)) if times else None


WAYS: Mapping[str, Way] = {
    "other numbers": other_numbers,
    "sides swapped": swapped_sides,
    '"X said A" to "A, X said"': said_behind,
    "a paragraph of history": with_background,
    "quotation marks of another style": other_quotes,
    "junk around": amid_junk,
    "no-break spaces, soft hyphens": unseen_marks,
    "hedges put in": with_hedges,
    "digits to words": in_words,
    "words to digits": in_digits,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """One article under one way: answers expected, those that came, and what is otherwise."""

    way: str
    article: str
    expected: int
    came: int
    otherwise: tuple[str, ...]


def followed(documents: Iterable[Mapping[str, Any]]) -> Iterator[Followed]:
    """Every article under every way that changes it."""
    for document in documents:
        article = Article.model_validate(
            {name: document.get(name, "") for name in ("id", "url", "title", "text", "published_at", "outlet")}
        )
        reading = read(article)
        for name, way in WAYS.items():
            other = way(article, reading)
            if other is None:
                continue
            got = answers_of(read(article.model_copy(update={"title": other.title, "text": other.text})))
            missed, beyond = other.expected - got, got - other.expected
            if other.more:
                beyond = Counter({key: times for key, times in beyond.items() if key[-1] == "now"})
            total = max(other.expected.total(), 1)
            came = max(0, total - max(missed.total(), beyond.total()))
            rows = (*(f"- {key}" for key in missed.elements()), *(f"+ {key}" for key in beyond.elements()))
            yield Followed(name, article.id, total, came, rows)


def table(found: Sequence[Followed]) -> list[str]:
    """The share of answers that follow, per way and together, as Markdown."""
    rows = ["| way | articles | answers | that follow |", "|---|---|---|---|"]
    for name in (*WAYS, ""):
        mine = [one for one in found if not name or one.way == name]
        expected, came = sum(one.expected for one in mine), sum(one.came for one in mine)
        rows.append(f"| {name or 'together'} | {len(mine)} | {expected} | {came / expected if expected else 1:.3f} |")
    return rows


def measured() -> list[Followed]:
    """The gold and the demo's story, under every way."""
    return list(followed(gold_documents((ARTICLES, BUNDLED)).values()))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; with --faults every answer that does not follow."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.perturbation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args(argv)
    found = measured()
    if options.faults:
        for one in found:
            for row in one.otherwise:
                print(f"{one.way}: {one.article}: {row}")
    print("\n".join(table(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
