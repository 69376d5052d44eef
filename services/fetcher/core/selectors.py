"""The few forms of CSS selectors that a hint about an outlet's pages needs, as XPath.

div.news-body        an element by its name and classes
#content .texts      one within another, at any depth
[itemprop=articleBody], [data-text]
"""

from __future__ import annotations

import re

STEP = re.compile(r"(?P<name>[a-zA-Z][a-zA-Z0-9]*|\*)?(?P<tests>(?:[.#][\w-]+|\[[\w-]+(?:=[\w-]+)?\])*)")
TEST = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:=([\w-]+))?\]")


def xpath_of(selector: str) -> str:
    """The XPath of the selector.

    Raises:
        ValueError: it is of another form; the message names those that are known.
    """
    steps = []
    for part in selector.split():
        found = STEP.fullmatch(part)
        if found is None or not part:
            raise ValueError(
                f"{selector!r} is no selector known here: write such as div.news-body, #content .texts or [itemprop=articleBody]"
            )
        steps.append((found["name"] or "*").lower() + "".join(_test(*test) for test in TEST.findall(found["tests"])))
    if not steps:
        raise ValueError("a selector is empty: write such as div.news-body")
    return "//" + "//".join(steps)


def _test(mark: str, name: str, attribute: str, value: str) -> str:
    if mark == ".":
        return f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
    if mark == "#":
        return f'[@id="{name}"]'
    return f'[@{attribute}="{value}"]' if value else f"[@{attribute}]"
