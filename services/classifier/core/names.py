"""Names that no list holds (villages, the fallen, mines and ships), in a form that is the same in every script.

"Tkibuli", "Ткибули" and "Տկիբուլի" become `tkibu`. Two texts on one happening share such names whatever their language;
those that the region's own lists know are left out, because codes and places stand for them already.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache

from services.region import loading

LETTERS = 5
"""Letters of a name that are compared: endings of case hang behind."""
FEWEST = 4
"""A shorter name is too like others."""
MOST = 16
"""Names of a text that are kept, those named most often first."""

_SOUNDS = {
    "аa бb вv гk дd еe жc зz иi йy кk лl мm нn оo пp рr сs тt уu фf хh цc чc шs щs ыi эe юu яa ґk єe іi їi": 2,
    "աa բb գk դd եe զz էe թt ժc իi լl խh ծc կk հh ձc ղk ճc մm յy նn շs ոo չc պp ջc ռr սs վv տt րr ցc փp քk օo ֆf": 2,
    "აa ბb გk დd ეe ვv ზz თt იi კk ლl მm ნn ოo პp ჟc რr სs ტt უu ფp ქk ღk ყk შs ჩc ცc ძc წc ჭc ხh ჯc ჰh": 2,
    "gk qk jc wv xh ıi əe": 2,
}
_TABLE = {ord(pair[0]): pair[1] for row in _SOUNDS for pair in row.split()} | {ord("ъ"): "", ord("ь"): "", ord("ը"): "", ord("ւ"): "v"}
_DIGRAPHS = re.compile(r"kh|gh|ch|sh|zh|ts|tz|dz|dj|ph|th")
_AS_ONE = {"kh": "h", "gh": "k", "ch": "c", "sh": "s", "zh": "c", "ts": "c", "tz": "c", "dz": "c", "dj": "c", "ph": "p", "th": "t"}
_GLIDE = re.compile(r"y(?=[aeiou])")
_TWICE = re.compile(r"(.)\1+")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_OPENS = frozenset(".!?։:;…\"“”„«»‘’'()[]—–-•\n\r\t/")
_CALENDAR = """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October
November December Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi Pazar Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım
Aralık Yanvar Fevral Aprel İyun İyul Avqust Sentyabr Oktyabr Noyabr Dekabr Christian Muslim Orthodox Telegram Facebook Twitter Youtube
Republic President Minister Ministry"""


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The beginning of a name as it sounds, roughly, in Latin letters; empty where it is too short."""
    plain = "".join(one for one in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(one))
    latin = _DIGRAPHS.sub(lambda found: _AS_ONE[found.group()], plain).replace("ու", "u").translate(_TABLE)
    latin = _TWICE.sub(r"\1", _GLIDE.sub("", latin)).replace("y", "i")
    letters = "".join(one for one in latin if "a" <= one <= "z")
    return letters[:LETTERS] if len(letters) >= FEWEST else ""


def names_of(text: str, language: str) -> tuple[str, ...]:
    """The names in a text, as they sound, the most frequent first.

    A name is a word written large within a sentence. German writes all nouns so, Georgian none: their texts have no names here.
    """
    if language in {"de", "ka", "und"}:
        return ()
    counts: Counter[str] = Counter()
    for word in _large(text):
        name = sound(word)
        if name and name not in _known():
            counts[name] += 1
    return tuple(name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST])


def _large(text: str) -> Iterator[str]:
    small = set()
    large = []
    for found in _WORD.finditer(text):
        word = found.group()
        if word[0].islower():
            small.add(word)
        elif word[1:].islower() and not _opens(text, found.start()):
            large.append(word)
    return (word for word in large if word.lower() not in small)


def _opens(text: str, start: int) -> bool:
    """Whether a sentence, a quotation or a line begins there."""
    before = text[max(0, start - 2) : start].rstrip(" \u00a0")
    return not before or before[-1] in _OPENS


@cache
def _known() -> frozenset[str]:
    """How the names sound that the region's lists know, and words that are written large and name nothing."""
    names = [name for _, languages in loading.entries() for forms in languages.values() for name in forms]
    bodies = loading.read("bodies.yaml")
    for row in bodies["countries"].values():
        names += [name for kind in ("names", "peoples") for forms in row.get(kind, {}).values() for name in forms]
    for row in bodies["bodies"].values():
        names += [name for key, forms in row.items() if key not in {"sector", "kind"} for name in forms]
    return frozenset(sound(word) for name in (*names, _CALENDAR) for word in _WORD.findall(name))
