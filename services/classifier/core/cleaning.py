"""Which parts of a scraped text are the article, and why the others are not.

A text is cut into zones at its line breaks; every zone is kept or dropped with a reason of `ZoneReason`. Nothing is
deleted: zones are spans of the stored text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.vocabulary import ZoneReason
from services.classifier.core.text import fold


@dataclass(frozen=True, slots=True)
class Zone:
    """A line of the text, from its first to its last visible character; `kept` says whether it is read."""

    start: int
    end: int
    reason: ZoneReason

    @property
    def kept(self) -> bool:
        """Whether the zone belongs to the article itself."""
        return self.reason in KEPT


KEPT = frozenset({ZoneReason.BODY, ZoneReason.HEADING})

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_WORDS = re.compile(r"\w+")

MAX_SHORT = 14
"""Words: what a share bar, a byline or a menu line may hold at most."""

# Each of these ends the article: what follows is readers' talk or the machine's.
_TAIL = re.compile(
    r"^\W*(?:"
    r"(?:reporting|writing|editing|additional reporting) by\b|"
    r"leave a (?:reply|comment)\b|(?:\d+ )?comments?\b\s*(?:\(\d+\))?\W*$|"
    r"source link\W*$|you may also like\b|you might also like\b|related (?:articles|stories|posts|news)\b|"
    r"more (?:from|on this story)\b|recommended(?: for you| stories)?\W*$|read next\W*$|most (?:read|popular|viewed)\W*$|"
    r"summary:|in summary:|key takeaways\W*$|(?:ai|auto)[- ]generated summary|"
    r"weather, rates of currency|"
    r"комментарии\b|оставить комментарий|оставьте комментарий|добавить комментарий|читайте также\W*$|"
    r"(?:похожие|другие) (?:новости|материалы)|материалы по теме\W*$|"
    r"şərhlər\b|oxşar xəbərlər|yorumlar\b|yorum yap|ilgili haberler|"
    r"մեկնաբանություններ|կարդացեք նաեւ\W*$|კომენტარები|მსგავსი სიახლეები|"
    r"commentaires?\b\s*(?:\(\d+\))?\W*$|à lire aussi\W*$|sur le même sujet|kommentare\b\s*(?:\(\d+\))?\W*$|mehr zum thema|lesen sie auch\W*$"
    r")",
    re.IGNORECASE,
)

# A credit of the wire in brackets: nothing that stands below it was written by its reporters.
_CREDIT = re.compile(r"^\W*\(?(?:additional )?(?:reporting|writing|editing) by\b", re.IGNORECASE)

_NOISE: tuple[tuple[ZoneReason, re.Pattern[str]], ...] = (
    (
        ZoneReason.PHOTO_CREDIT,
        re.compile(
            r"^\W*(?:(?:photo(?:graph)?s?|images?|pictures?|credits?|illustration|caption|фото|фотография|иллюстрация|снимок|foto|fotoqraf|fotoğraf|լուսանկար|ֆոտո|ფოტო|bild)\s*[:/|(©]|"
            r"photo (?:of author|credit|by)\b|image (?:credit|source)|getty images|file photo|crédit photo)"
            r"|(?:/|\||©|\(c\)|\()\s*(?:file/)?(?:getty|reuters|afp|ap photo|handout|epa|tass|istock|shutterstock)\b.{0,40}$|^\W*©",
            re.IGNORECASE,
        ),
    ),
    (
        ZoneReason.BYLINE,
        re.compile(
            r"^\W*(?:by (?-i:[A-Z])[\w.' -]{2,40}(?:\s*[|,·•/–—-].{0,60})?$|by newsroom\b|(?:published|updated|last updated|posted|автор|опубликовано|обновлено|müəllif|yazar|հեղինակ|ავტორი)(?:\s*[:|\d]| on \d| by )|written by|yayınlanma|par (?-i:[A-Z])[\w.' -]+$|von (?-i:[A-Z])[\w.' -]+$|\d+ min(?:ute)?s? read\b)",
            re.IGNORECASE,
        ),
    ),
    (
        ZoneReason.SHARE_BAR,
        re.compile(
            r"^\W*(?:share(?:$|\s*[:|]| (?:this|on|via|article)\b)|tweet(?:$|\s*[:|]| (?:this|pin)\b|\s{2})|pin it\b|(?:email|print)(?:$|\s*[:|]|\s{2})|follow (?:us|\S+ (?:on|official)|[\w’']+ official)|like us on|(?:facebook|twitter)(?:$|\s*[:|]|\s{2})|telegram\W*$|whatsapp\b|поделиться|подписывайтесь|следите за|paylaş|abunə ol|takip ed|կիսվել|გააზიარ|partager\b|suivez[- ]nous|teilen\b|folgen sie)",
            re.IGNORECASE,
        ),
    ),
    (
        ZoneReason.ADVERTISEMENT,
        re.compile(
            r"^\W*(?:advertisement\W*$|advertising\W*$|sponsored(?: content)?\W*$|ad\W*$|please disable your ad|(?:it looks like |we (?:have )?noticed )?you(?:'|’)?(?:re| are)? using an ad|ad ?block|(?:реклама|reklam|գովազդ|რეკლამა|publicité|anzeige|werbung)\W*$)|ad[- ]?block(?:er)?\b.{0,60}$",
            re.IGNORECASE,
        ),
    ),
    (
        ZoneReason.NEWSLETTER,
        re.compile(
            r"^\W*(?:sign up (?:for|to|here|now)\b|sign up$|subscribe\b|get (?:the|our) .{0,40}(?:inbox|newsletter)|join [\d,.]+ |unsubscribe\b|support (?:us|our work|independent)\b|donate(?:$| (?:now|to us|here))|become a (?:member|patron)|(?:enjoy|like)(?:ing|ed)? (?:this|our) |подпишитесь|подписаться|поддержите|bülten|abonnez|abonnieren|newsletter\b)",
            re.IGNORECASE,
        ),
    ),
    (
        ZoneReason.INTERACTIVE,
        re.compile(
            r"^\W*(?:view this (?:interactive|content)|this content (?:is|was)|watch(?: now| the video)?\s*[:|]|(?:video|listen|видео)(?:$|\s*[:|(])|read (?:more|also|next)\b|see also\b|also read\b|click here|continue reading|log in (?:to|or)\b|log in$|register (?:to|now|here)\b|your email address|required fields|accept cookies|we use cookies|this site uses|all rights reserved|copyright\b|читать (?:также|далее|ещё|еще)\W|смотрите также\W|читайте (?:также|нас)\W|все права|həmçinin oxu|ayrıca oku|կարդացեք նաեւ\W|წაიკითხეთ|à lire\W|lire aussi\W|lesen sie auch\W|mehr lesen)",
            re.IGNORECASE,
        ),
    ),
)

_HEADING_END = tuple('.!?…։:;,"”»’)')


def zones_of(title: str, text: str) -> tuple[Zone, ...]:
    """Every line of `text` that holds more than blanks, in order, with what became of it."""
    found: list[Zone] = []
    headline = _bare(title)
    tail: ZoneReason | None = None
    kept_words = 0
    for match in _LINE.finditer(text):
        line = match.group()
        stripped = line.strip()
        if not stripped:
            continue
        start = match.start() + len(line) - len(line.lstrip())
        end = start + len(stripped)
        if tail is None:
            reason = _reason(stripped, headline)
            if reason in {ZoneReason.TAIL, ZoneReason.COMMENTS} and kept_words:
                tail = reason
        else:
            reason = tail
        if reason is ZoneReason.BODY:
            kept_words += 1
        found.append(Zone(start, end, reason))
    return tuple(found)


def _bare(line: str) -> str:
    return " ".join(_WORDS.findall(fold(line)))


def _reason(line: str, headline: str) -> ZoneReason:
    head = line[:160]
    if _CREDIT.match(head):
        return ZoneReason.TAIL
    if _TAIL.match(head) and len(line) < 400:
        return ZoneReason.COMMENTS
    if _TAIL.match(head) and head[:8].lower().startswith(("summary", "in summ")):
        return ZoneReason.TAIL
    words = _WORDS.findall(line[:2000])
    if not words:
        return ZoneReason.DECORATION
    short = len(words) <= 2 * MAX_SHORT
    if short and headline:
        bare = " ".join(map(fold, words))
        if bare == headline or (len(words) > 3 and headline.startswith(bare)) or (len(bare) > 20 and bare.startswith(headline)):
            return ZoneReason.DUPLICATE_TITLE
    if short:
        for reason, pattern in _NOISE:
            if pattern.search(head) and not (reason is ZoneReason.BYLINE and line.endswith(".")) and not _speaks(line, words):
                return reason
    if len(words) <= MAX_SHORT and not line.endswith(_HEADING_END):
        return ZoneReason.HEADING
    return ZoneReason.BODY


def _speaks(line: str, words: list[str]) -> bool:
    """Whether a line that begins like noise is a sentence all the same ("Watch towers were hit, the army said.")."""
    return len(words) > MAX_SHORT and line.endswith((".", "։")) and not line.lower().startswith(("photo", "фото", "image"))
