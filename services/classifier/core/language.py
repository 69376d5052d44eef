"""Which of the eight languages a text is in: the script first, then a restricted identifier for Latin letters."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("en", "ru", "az", "hy", "tr", "ka", "fr", "de")
"""What the service reads, ISO 639-1."""

UNDETERMINED = "und"

NEIGHBOURS = ("es", "it", "pt", "nl", "pl", "ro")
"""Languages that must not be taken for one of ours; a text in one of them is `und`."""

SAMPLE = 700
"""Characters that decide; more do not change the verdict."""

SHORT = 60
"""Letters: fewer than these are only told apart among our own languages."""

_NOT_RUSSIAN = frozenset("іїєґўјљњђћџқғұһөңәү")
_SHARE = 0.5


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages([code for code in (*LANGUAGES, *NEIGHBOURS) if code not in {"ru", "hy", "ka"}])
    # One made of the restricted tables alone: `whole` keeps those of all its languages, tens of megabytes that are never asked.
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output, norm_probs=True, tk_row=whole.tk_row
    )


def _script(letter: str) -> str:
    code = ord(letter)
    if code < 0x250 or 0x1E00 <= code < 0x1F00 or letter in "əƏ":
        return "latin"
    if 0x400 <= code < 0x530:
        return "cyrillic"
    if 0x530 <= code < 0x590 or 0xFB13 <= code <= 0xFB17:
        return "armenian"
    if 0x10A0 <= code < 0x1100 or 0x1C90 <= code < 0x1CC0:
        return "georgian"
    return "other"


def language_of(title: str, text: str) -> str:
    """The language of an article as ISO 639-1, or `und` where the letters do not tell or tell of another language."""
    sample = f"{title}\n{text[:SAMPLE]}"
    letters = [letter for letter in sample if letter.isalpha()]
    if not letters:
        return UNDETERMINED
    scripts = Counter(map(_script, letters))
    script, count = scripts.most_common(1)[0]
    if count < _SHARE * len(letters):
        return UNDETERMINED
    if script == "armenian":
        return "hy"
    if script == "georgian":
        return "ka"
    if script == "cyrillic":
        foreign = sum(letter in _NOT_RUSSIAN for letter in sample.lower())
        return "ru" if foreign * 50 < len(letters) else UNDETERMINED
    if script == "latin":
        if sum(letter in "əƏ" for letter in letters) * 50 > len(letters):
            return "az"
        ranked = [str(code) for code, _ in _identifier().rank(sample)]
        if len(letters) < SHORT:
            # A headline alone is too little to tell a neighbour by.
            ranked = [code for code in ranked if code in LANGUAGES]
        return ranked[0] if ranked[0] in LANGUAGES else UNDETERMINED
    return UNDETERMINED
