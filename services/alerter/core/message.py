"""An alert as a message: first what changed, then who says so, the words themselves, the link, the times and the story so far.

The first line fits the notification of a phone. Everything is text here; `markup` puts it into Markdown and HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import AlertKind, AlertReason, DeliverySubject, Severity
from services.alerter.core.wording import Wording

FIRST_LINE = 110
"""Characters of the first line."""
_GRAVEST = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Letter:
    """One alert in words. `facts` are labels and values; `so_far` are times and what was told then."""

    headline: str
    severity: Severity
    severity_word: str
    quote: str
    facts: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, str], ...]
    rivals: tuple[str, ...]
    so_far: tuple[tuple[str, str], ...]
    link: str
    story_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: the first line, and one letter or several."""

    first: str
    letters: tuple[Letter, ...]
    wording: Wording

    @property
    def severity(self) -> Severity:
        """That of its gravest alert."""
        return max((letter.severity for letter in self.letters), key=_GRAVEST.__getitem__)

    @property
    def whole(self) -> bool:
        """Whether the first line says all of the only headline."""
        return len(self.letters) == 1 and self.first.endswith(self.letters[0].headline)


def message_of(
    alerts: Sequence[AlertRaised], wording: Wording, *, subject: DeliverySubject = DeliverySubject.ALERT, own: bool = False
) -> Message:
    """The message that tells these alerts, in their order; `own` words the headlines anew, in another language than they have."""
    letters = tuple(letter_of(reworded(alert, wording) if own else alert, wording) for alert in alerts)
    words = wording.form.message
    first = letters[0].headline
    if len(letters) > 1:
        # The gravest of the latest stands for all.
        gravest = max(reversed(letters), key=lambda letter: _GRAVEST[letter.severity])
        first = words.several.format(count=len(letters), headline=gravest.headline)
    if subject is DeliverySubject.REPEAT:
        first = words.again.format(headline=first)
    return Message(clipped(first), letters, wording)


def reworded(alert: AlertRaised, wording: Wording) -> AlertRaised:
    """The alert with its headline in the language of the wording; what is said of the service itself stays as it is."""
    if alert.kind is AlertKind.WATCH:
        return alert
    return alert.model_copy(update={"headline": wording.headline(alert, joint=alert.joint, addition=alert.addition)})


def letter_of(alert: AlertRaised, wording: Wording) -> Letter:
    """One alert in words."""
    words = wording.form.message
    service = alert.kind is AlertKind.WATCH
    facts: list[tuple[str, str]] = []
    if alert.reopens:
        facts.append((wording.form.reopened, alert.reopens))
    withdrawn = alert.reason is AlertReason.WITHDRAWN
    if withdrawn and alert.because:
        facts.append((wording.form.withdrawn.because, alert.because))
    elif not service and not withdrawn:
        facts.append((words.says, wording.claimant(alert.claimant) or wording.form.unnamed))
    # The headline of a withdrawal says what was taken back, and what is known without it.
    if alert.previous is not None and not withdrawn:
        by = wording.claimant(alert.previous.claimant) or wording.form.unnamed
        facts.append((words.before, f"{wording.previous(alert.previous)} ({by})"))
    elif alert.kind is AlertKind.CEASEFIRE and alert.previous_status is not None and not withdrawn:
        facts.append((words.before, wording.status(alert.previous_status)))
    if not service:
        facts.append((words.outlet, alert.outlet or words.unknown))
    if alert.publishers:
        facts.append((words.publishers, str(alert.publishers)))
    if alert.title and not service:
        facts.append((words.title, alert.title))
    moments = ((words.published, alert.published_at), (words.seen, alert.fetched_at), (words.alerted, alert.raised_at))
    return Letter(
        headline=alert.headline,
        severity=alert.severity,
        severity_word=wording.form.severities[alert.severity],
        quote=alert.evidence.sentence or alert.evidence.text,
        facts=tuple(facts),
        times=tuple((label, stamp(moment) or words.unknown) for label, moment in moments if not service or moment is not None),
        rivals=tuple(wording.rival(rival) for rival in alert.rivals),
        so_far=tuple((stamp(line.stated_at), wording.story_line(line)) for line in alert.so_far),
        link=alert.url,
        story_id=alert.story_id,
    )


def plain_text(alert: AlertRaised, wording: Wording) -> str:
    """The message of one alert; its first line stands alone on a phone."""
    return text_of(message_of((alert,), wording))


def text_of(message: Message) -> str:
    """The message as plain text."""
    parts = [message.first, ""]
    for letter in message.letters:
        parts += _letter_text(letter, message)
    return "\n".join(parts).rstrip("\n") + "\n"


def _letter_text(letter: Letter, message: Message) -> list[str]:
    words = message.wording.form.message
    lines = [] if message.whole else [letter.headline]
    lines += [f"{label}: {value}" for label, value in letter.facts[:2]]
    if letter.quote:
        lines.append(f"{words.quote}: «{letter.quote}»")
    lines += [f"{label}: {value}" for label, value in letter.facts[2:]]
    if letter.link:
        lines.append(f"{words.link}: {letter.link}")
    lines += [f"{label}: {value}" for label, value in letter.times]
    if letter.rivals:
        lines.append(f"{words.rivals}: {'; '.join(letter.rivals)}")
    if letter.so_far:
        lines.append(f"{words.so_far}:")
        lines += [f"  {moment}  {told}" for moment, told in letter.so_far]
    return [*lines, ""]


def clipped(line: str, longest: int = FIRST_LINE) -> str:
    """The line on one line, cut at a word where it is too long."""
    line = " ".join(line.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:(") + "…"


def stamp(moment: datetime | None) -> str:
    """A time to the minute in UTC; empty where there is none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
