"""Markup into the words that a reader would see: valid text, paragraphs kept, nothing that a database refuses."""

from __future__ import annotations

import html
import re

import lxml.etree
import lxml.html

INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
LINE_END = re.compile(r"\r\n?|[\u2028\u2029]")
WINDOWS = re.compile(r"[\x80-\x9f]")
"""Controls that nobody means: the writer meant the characters that windows-1252 has in these places."""
UNSHOWN = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
INVISIBLE = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
CDATA = re.compile(r"<!\[CDATA\[|\]\]>|<!\[CDATA\b", re.IGNORECASE)
CUT_CDATA = re.compile(r"\]\]?$")
TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]{0,20}(?:\s[^<>]*)?/?>|<!--.*?(?:-->|$)|<[!?][a-zA-Z][^<>]*>", re.DOTALL)
INLINE = re.compile(
    r"</?(?:a|abbr|b|big|bdi|cite|code|em|font|i|kbd|mark|q|s|small|span|strike|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
"""Tags that part no words: H<sub>2</sub>O is one."""
ESCAPED_TAG = re.compile(
    r"&lt;\s*/?\s*(?:p|br|div|span|a|b|i|em|strong|img|ul|ol|li|table|h[1-6]|blockquote|figure|iframe)\b", re.IGNORECASE
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
SPACE = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
"""What is not a single space already: of most texts nothing."""
LINES = re.compile(r"\s*\n\s*\n\s*")
MORE = (
    "read more", "read full article", "read the full story", "read more of this story at .{1,60}", "continue reading.{0,200}", "view full coverage on google news",
    "to read this article in full, please click here", "читать далее", "читать полностью", "читайте полностью", "подробнее", "подробности",
    "devamını oku", "devamı için tıklayınız", "haberin devamı", "davamı", "davamını oxu", "ətraflı", "կարդալ ավելին", "ավելին", "სრულად", "ვრცლად",
    "lire la suite", "lire plus", "weiterlesen", "mehr lesen",
)  # fmt: skip
"""What sites hang on a text that goes on elsewhere, in small letters."""
TAIL = re.compile(
    r"\s*(?:The post .{1,400}? (?:appeared first|first appeared) on .{1,200}?\.|\[(?:…|\.\.\.|&#8230;)\]"
    rf"|(?:^|(?<=[.!?…»”\"'\n])\s*|\.\.\.\s*)(?:{'|'.join(MORE)})\s*(?:…|\.\.\.|\.|»|>>|→|:)*)\s*$",
    re.DOTALL | re.IGNORECASE,
)
REACH = 1_000
"""Characters at the end of a text in which such a tail is looked for; the longest one is shorter."""
COUNTER = re.compile(
    r"^[ \t]*(?:views?|reads?|read by|comments?|likes?|shares?|просмотр\w*|прочитан\w*|комментари\w*|baxış\w*(?: sayı)?|baxılıb|oxun\w*|şərh\w*"
    r"|okunma\w*|görüntülenme|yorum\w*|դիտում\w*|դիտումներ|ნახვა|ნახვები|კომენტარ\w*|vues|lectures|commentaires?|aufrufe|kommentare?)"
    r"\s*(?:[:(–—-]|sayı:)?\s*\d[\d  .,]*(?:k|K|тыс\.?|min)?\)?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that counts readers: it changes at every poll and would make a revision of an article each time."""
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)  # fmt: skip
PARAGRAPHS = BLOCKS - {"br", "td", "th", "li", "tr", "dd", "dt"}
UNSEEN = frozenset({"script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "head", "title", "button", "select", "textarea"})  # fmt: skip
LONGEST_TEXT = 200_000
LONGEST_TITLE = 1_000


def valid(text: str) -> str:
    """The text without NUL, control characters, lone surrogates and non-characters; line ends as line feeds."""
    if text.replace("\n", " ").isprintable():
        # Most texts by far: nothing in them is to be looked for.
        return text
    text = INVALID.sub("", LINE_END.sub("\n", text))
    return WINDOWS.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    return found.group().encode("latin-1").decode("cp1252", "ignore")


def title_text(markup: str) -> str:
    """A title in one line, as a reader sees it: wrappers and tags off, entities resolved twice where they were escaped twice."""
    text = _unwrapped(markup)
    for _ in range(3):
        text = TAG.sub(" ", INLINE.sub("", UNSHOWN.sub(" ", text))) if "<" in text else text
        if not ENTITY.search(text):
            break
        text = _unwrapped(html.unescape(text))
    text = INVISIBLE.sub("", valid(TAG.sub(" ", text)))
    return " ".join(text.split())[:LONGEST_TITLE]


def body_text(markup: str) -> str:
    """The text of HTML or of plain words, in paragraphs set apart by an empty line."""
    text = _unwrapped(valid(markup))
    if not TAG.search(text) and ESCAPED_TAG.search(text):
        # The markup itself was escaped once too often: what looks like text is HTML.
        text = _unwrapped(html.unescape(text))
    text = _without_tags(text) if TAG.search(text) else html.unescape(text)
    if ENTITY.search(text) or CDATA.search(text):
        text = _unwrapped(html.unescape(text))
        text = _without_tags(text) if TAG.search(text) else text
    return _arranged(valid(text))


def plain_text(words: str) -> str:
    """A text that holds no markup: what looks like a tag in it is meant as it stands."""
    return _arranged(valid(words))


def _arranged(text: str) -> str:
    """The words in paragraphs, without what a site hangs on every text."""
    text = SPACE.sub(" ", text if text.isascii() else INVISIBLE.sub("", text.replace("\u00a0", " ")))
    text = COUNTER.sub("", text)
    if "\n" in text:
        text = LINES.sub("\n\n", text)
        text = "\n".join(line.strip() for line in text.split("\n"))
    text = text.strip()
    return (text[:-REACH] + TAIL.sub("", text[-REACH:]))[:LONGEST_TEXT].strip()


def _unwrapped(text: str) -> str:
    """The text without the marks of CDATA sections that stand in it as text; a closing mark may be cut off."""
    marked = ("<!" in text or "]]>" in text) and CDATA.search(text)
    return CUT_CDATA.sub("", CDATA.sub("", text)) if marked else text


def _without_tags(markup: str) -> str:
    try:
        parser = lxml.html.HTMLParser(recover=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8")
        root = lxml.html.document_fromstring(markup.encode("utf-8", "ignore"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return html.unescape(TAG.sub(" ", markup))
    pieces: list[str] = []
    _collect(root, pieces)
    text = "".join(pieces)
    # The tree ends where elements lie too deep in one another; the words are there all the same.
    return text if text.strip() else html.unescape(TAG.sub(" ", UNSHOWN.sub(" ", markup)))


def _collect(root: lxml.html.HtmlElement, pieces: list[str]) -> None:
    """The words of a tree in order; without recursion, so that depth cannot exhaust the stack."""
    unseen = 0
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            unseen += name in UNSEEN
            if unseen:
                continue
            pieces.append(_break(name))
            if element.text:
                pieces.append(element.text if name == "pre" else element.text.replace("\n", " "))
        else:
            unseen -= name in UNSEEN
            if unseen:
                continue
            if name not in UNSEEN and name != "br":
                pieces.append(_break(name))
            if element.tail and element is not root:
                pieces.append(element.tail.replace("\n", " "))


def _break(name: str) -> str:
    return "\n\n" if name in PARAGRAPHS else "\n" if name in BLOCKS else ""
