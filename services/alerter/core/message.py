"""An alert as plain text: first what changed, then who says so, the words themselves, the link and the times."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import AlertKind
from services.alerter.core.wording import Wording


def plain_text(alert: AlertRaised, wording: Wording) -> str:
    """The message; its first line stands alone on a phone."""
    words = wording.form.message
    lines = [alert.headline, ""]
    lines.append(f"{words.says}: {wording.claimant(alert.claimant) or wording.form.unnamed}")
    if alert.previous is not None:
        by = wording.claimant(alert.previous.claimant) or wording.form.unnamed
        lines.append(f"{words.before}: {wording.previous(alert.previous)} ({by})")
    elif alert.kind is AlertKind.CEASEFIRE and alert.previous_status is not None:
        lines.append(f"{words.before}: {alert.previous_status.value.replace('_', ' ')}")
    lines.append(f"{words.quote}: «{alert.evidence.sentence or alert.evidence.text}»")
    lines.append(f"{words.outlet}: {alert.outlet or words.unknown}")
    if alert.title:
        lines.append(f"{words.title}: {alert.title}")
    if alert.url:
        lines.append(f"{words.link}: {alert.url}")
    lines.extend(
        f"{label}: {stamp(moment) or words.unknown}"
        for label, moment in ((words.published, alert.published_at), (words.seen, alert.fetched_at), (words.alerted, alert.raised_at))
    )
    return "\n".join(lines) + "\n"


def stamp(moment: datetime | None) -> str:
    """A time to the minute in UTC; empty where there is none."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
