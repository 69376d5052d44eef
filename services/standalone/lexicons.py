"""`lexicon check`: whether the reader's data files are of their form; each fault with its file, line and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files

from services.classifier.core import affairs, packs
from services.classifier.core.forms import PackFault
from services.region import checks


def _pack_faults() -> Iterator[str]:
    folder = files("services.classifier").joinpath("lexicon")
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml")):
        try:
            packs.load(name.removesuffix(".yaml"))
        except PackFault as fault:
            yield from str(fault).splitlines()


def faults() -> list[str]:
    """Every fault of the lexicons, patterns, affairs and the region's data, one line each."""
    return [*_pack_faults(), *affairs.faults(), *(str(fault) for fault in checks.faults())]


def check(say: Callable[[str], None]) -> int:
    """Say each fault, or that there is none; 0 where all is well, 1 where not."""
    found = faults()
    for fault in found:
        say(fault)
    if found:
        say(f"{len(found)} faults; the reader refuses these files until they are mended")
        return 1
    say("all lexicons, patterns, affairs and places are of their form; ./run score --diff shows what a change alters")
    return 0
