"""When an outlet says that it published: never "now", and None with the reason where it cannot be believed.

Reads RFC 822 and its relatives, ISO 8601, day.month.year, and the longer forms with weekday and month names of the
region's languages. A date without a zone is the outlet's own time, not UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from html import unescape

from schemas.vocabulary import EntryNote

TOLERANCE = timedelta(days=1)
"""Clocks and zones are wrong by hours; what is further ahead than this is no date of publication."""
SLACK = timedelta(minutes=10)
"""Clocks differ by so much and mean the same moment."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the first news sites: an epoch or a typing error."""
LONGEST = 120

ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "MSD": 240, "TRT": 180, "SAMT": 240, "AZT": 240, "AZST": 300, "GET": 240, "GEST": 300, "AMT": 240,
    "AMST": 300, "GST": 240, "IRST": 210, "IRDT": 270, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "МСК": 180, "YEKT": 300, "UZT": 300, "TMT": 300, "PKT": 300, "ALMT": 360, "KGT": 360, "HKT": 480, "SGT": 480,
    "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "EAT": 180, "CAT": 120, "SAST": 120, "AKST": -540, "HST": -600, "BRT": -180,
}  # fmt: skip
"""Names of zones -> minutes east of Greenwich. AMT is Armenia's here, GST the Gulf's."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero oca январь января янв yanvar yan ocak հունվար հունվարի հնվ იანვარი იანვარს იან ژانویه січня",
            "february feb şub subat februar février février fév fevral şubat февраль февраля фев февр փետրվար փետրվարի փտվ თებერვალი თებ فوریه",
            "march mar mars märz mart март марта мар mart մարտ մարտի մրտ მარტი მარ مارس",
            "april apr avril abril avr aprel nisan nis апрель апреля апр ապրիլ ապրիլի ապր აპრილი აპრ آوریل",
            "may mai mayo mayıs mayis май мая մայիս մայիսի մյս მაისი მაი مه",
            "june jun juni juin junio iyun iyn haziran haz июнь июня июн հունիս հունիսի հնս ივნისი ივნ ژوئن",
            "july jul juli juillet julio iyul iyl temmuz tem июль июля июл հուլիս հուլիսի հլս ივლისი ივლ ژوئیه",
            "august aug août aout agosto avqust avq ağustos agustos ağu август августа авг օգոստոս օգոստոսի օգս აგვისტო აგვ اوت",
            "september sep sept septembre septiembre sentyabr sen eylül eylul eyl сентябрь сентября сен сент սեպտեմբեր սեպտեմբերի սեպ სექტემბერი სექ سپتامبر",
            "october oct oktober okt octobre octubre oktyabr ekim eki октябрь октября окт հոկտեմբեր հոկտեմբերի հոկ ოქტომბერი ოქტ اکتبر",
            "november nov novembre noviembre noyabr noy kasım kasim kas ноябрь ноября ноя նոյեմբեր նոյեմբերի նոյ ნოემბერი ნოე نوامبر",
            "december dec dezember dez décembre déc diciembre dekabr dek aralık aralik ara декабрь декабря дек դեկտեմբեր դեկտեմբերի դեկ დეკემბერი დეკ دسامبر",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names and their usual short forms, in lower case -> 1 to 12."""
STEMS = {name.removesuffix("ი"): number for name, number in MONTHS.items() if len(name) >= 4}
"""What the names begin with where an ending is hung on them: հունիսին, ივნისს, iyunun."""
LONGEST_ENDING = 4

ISO = re.compile(
    r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:(?:[T\s]|,|\s-\s)+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?)?\s*(?P<zone>\S.*)?$",
    re.IGNORECASE,
)
COMPACT = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<zone>\S.*)?$"
)
DAY_FIRST = re.compile(
    r"^(?P<day>\d{1,2})[./-](?P<month>\d{1,2})[./-](?P<year>\d{4})"
    r"(?:(?:[T\s]|,|\s-\s)+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?)?\s*(?P<zone>\S.*)?$"
)
TIME_FIRST = re.compile(r"^(?P<time>\d{1,2}:\d{2}(?::\d{2})?)[,\s]+(?P<rest>\d{1,4}[./-]\d{1,2}[./-]\d{1,4})$")
EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?", re.IGNORECASE
)
HALF = re.compile(r"([ap])\.?m\b\.?\s*", re.IGNORECASE)
OFFSET = re.compile(r"^(?:GMT|UTC|UT)?\s*(?P<sign>[+\-−])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?$", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
NUMBER = re.compile(r"(?<![\d:+\-])\d{1,4}(?![\d:])")
DISORDERED_OFFSET = re.compile(r"(?:(?:GMT|UTC|UT)\s*)?[+\-−]\d{1,2}(?::?\d{2})?\s*(?:\([^)]*\))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dating:
    """When an entry was published (aware, UTC), or None; `note` says what was wrong with what the feed said."""

    at: datetime | None
    note: EntryNote | None = None
    detail: str = ""


def calls_local_time_utc(written: Iterable[str], *, zone: tzinfo, now: datetime) -> bool:
    """Whether a date that names Greenwich lies ahead of `now`, and would not if it were the outlet's own time.

    Nobody publishes in the future: such a feed writes the time on its wall and calls it UTC, in all its entries.
    """
    for text in written:
        read = read_date(text, zone)
        if read is not None:
            local = read.as_local(zone)
            return local is not None and read.at > now + SLACK and local <= now + SLACK
    return False


def published(
    written: Iterable[str], *, zone: tzinfo, now: datetime, fallback: datetime | None = None, utc_is_local: bool = False
) -> Dating:
    """The first believable of the dates as the feed writes them, best first.

    `zone` is the outlet's, for dates that name none, and for those that name UTC where `utc_is_local`. `fallback` is what
    a general parser made of them, used only where no form known here fits. `now` serves to tell a future date, and is
    never returned.
    """
    worst = Dating(None, EntryNote.DATE_MISSING)
    for text in written:
        if not text.strip():
            continue
        read = read_date(text, zone)
        if read is None:
            worst = _graver(worst, Dating(None, EntryNote.DATE_UNREADABLE, text[:LONGEST]))
            continue
        local = read.as_local(zone) if utc_is_local else None
        note = EntryNote.ZONE_WRONG if local is not None else EntryNote.ZONE_ASSUMED if read.assumed else None
        dating = _believed(local or read.at, now, text)
        if dating.at is not None:
            return Dating(dating.at, note, text[:LONGEST] if note else "")
        worst = _graver(worst, dating)
    if worst.note is EntryNote.DATE_UNREADABLE and fallback is not None and _says(worst.detail, fallback):
        dating = _believed(fallback, now, worst.detail)
        return dating if dating.at is not None else _graver(worst, dating)
    return worst


def _says(text: str, moment: datetime) -> bool:
    """Whether a date in words can mean the moment: general parsers fill in from today's date what a text leaves out."""
    years = {int(number) for number in NUMBER.findall(text) if len(number) == 4}
    return any(len(word) > 2 for word in WORD.findall(text)) and any(abs(year - moment.year) <= 1 for year in years)


@dataclass(frozen=True, slots=True)
class Read:
    """The moment (UTC) that a written date means; `assumed` where it named no zone and got the outlet's."""

    at: datetime
    assumed: bool
    is_utc: bool = False

    def as_local(self, zone: tzinfo) -> datetime | None:
        """The moment, were the clock on the wall meant though the date says UTC; None where it does not say so."""
        return self.at.replace(tzinfo=zone).astimezone(UTC) if self.is_utc else None


def read_date(text: str, zone: tzinfo) -> Read | None:
    """What a written date means; None where it is no date."""
    text = " ".join(unescape(text).replace("\u00a0", " ").replace("İ", "i").split()).strip(" ,;").removesuffix(" г.")
    if not text or len(text) > LONGEST:
        return None
    try:
        if EPOCH.match(text):
            return Read(datetime.fromtimestamp(int(text[:10]), UTC), assumed=False)
        swapped = TIME_FIRST.match(text)
        if swapped:
            text = f"{swapped['rest']} {swapped['time']}"
        for form in (ISO, COMPACT, DAY_FIRST):
            found = form.match(text)
            if found:
                return _moment(*_in_numbers(form, found), zone)
        return _in_words(text, zone)
    except (ValueError, OverflowError, OSError):
        return None


def _in_numbers(form: re.Pattern[str], found: re.Match[str]) -> tuple[dict[str, int], str | None]:
    """The parts of a date in numbers, and what names its zone. Month before day is read only where nothing else is possible, or half days show an American hand."""
    parts = {name: int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
    half = HALF.match(found["zone"] or "")
    if half is not None and parts["hour"] <= 12:
        parts["hour"] = parts["hour"] % 12 + (12 if half[1].lower() == "p" else 0)
    if form is DAY_FIRST and parts["day"] <= 12 and (parts["month"] > 12 or half is not None):
        parts["day"], parts["month"] = parts["month"], parts["day"]
    return parts, found["zone"][half.end() :] if half is not None else found["zone"]


def _in_words(text: str, zone: tzinfo) -> Read | None:
    """A date with a month's name: the parts in any order, weekdays and particles passed over."""
    clock = CLOCK.search(text)
    rest = text
    hour = minute = second = 0
    zone_text: str | None = None
    if clock:
        hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
        if clock["half"]:
            hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
        zone_text = text[clock.end() :].strip(" ,-")
        rest = text[: clock.start()] + " " + text[clock.end() :]
    words = [word.lower() for word in WORD.findall(rest)]
    month = next((number for number in map(_month, words) if number is not None), None)
    if month is None:
        return None
    offset = DISORDERED_OFFSET.search(rest) if clock else None
    numbers = [int(number) for number in NUMBER.findall(rest[: offset.start()] if offset else rest)]
    year = next((number for number in numbers if number >= 1900), None)
    if year is not None:
        numbers.remove(year)
    day = next((number for number in numbers if 1 <= number <= 31), None)
    if day is None:
        return None
    numbers.remove(day)
    if year is None:
        short = next(iter(numbers), None)
        if short is None or short > 99:
            return None
        year = 2000 + short if short < 70 else 1900 + short
    if zone_text and offset and not OFFSET.match(zone_text.partition("(")[0].strip()):
        zone_text = offset.group()
    return _moment({"year": year, "month": month, "day": day, "hour": hour, "minute": minute, "second": second}, zone_text, zone)


def _month(word: str) -> int | None:
    """The month that the word names, with or without an ending; None where it names none."""
    if word in MONTHS:
        return MONTHS[word]
    stems = (word[:length] for length in range(len(word) - 1, max(3, len(word) - LONGEST_ENDING - 1), -1))
    return next((STEMS[stem] for stem in stems if stem in STEMS), None)


def _moment(parts: dict[str, int], zone_text: str | None, zone: tzinfo) -> Read:
    """The moment in UTC. 24:00 is the end of the day, a leap second the second before it."""
    days = timedelta(0)
    if parts["hour"] == 24 and parts["minute"] == 0:
        parts, days = parts | {"hour": 0}, timedelta(days=1)
    parts = parts | {"second": min(parts["second"], 59)}
    own = _zone(zone_text)
    local = datetime(**parts, tzinfo=own or zone) + days
    return Read(local.astimezone(UTC), assumed=own is None, is_utc=own is not None and own.utcoffset(None) == timedelta(0))


def _zone(text: str | None) -> timezone | None:
    """The zone that the end of a date names; None where it names none that is known."""
    if not text:
        return None
    plain = text.partition("(")[0].strip() or text.strip("() ")
    offset = OFFSET.match(plain)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes > 14 * 60:
            return None
        return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    first = plain.upper().split(" ")[0].rstrip(".")
    return timezone(timedelta(minutes=ZONES[first])) if first in ZONES else None


def _believed(moment: datetime, now: datetime, text: str) -> Dating:
    if moment > now + TOLERANCE:
        return Dating(None, EntryNote.DATE_FUTURE, text[:LONGEST])
    if moment < EARLIEST:
        return Dating(None, EntryNote.DATE_ABSURD, text[:LONGEST])
    return Dating(moment)


def _graver(known: Dating, other: Dating) -> Dating:
    """The first fault of a date that was there tells more than that one was missing."""
    return other if known.note is EntryNote.DATE_MISSING else known
