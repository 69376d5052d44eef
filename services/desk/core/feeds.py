"""Alerts as a feed: Atom (RFC 4287) and JSON Feed 1.1. What an entry says first is what changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from schemas.alert_raised import AlertRaised

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

ET.register_namespace("", ATOM)


def atom(title: str, address: str, alerts: Sequence[AlertRaised]) -> bytes:
    """The feed at `address` as Atom, the newest first."""
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", f"urn:caucasus-watch:feed:{title}")
    _add(feed, "title", title)
    _add(feed, "updated", _stamp(alerts[0].raised_at if alerts else None))
    ET.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "href": address})
    _add(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", "caucasus-watch")
    for alert in alerts:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", f"urn:uuid:{alert.alert_id}")
        _add(entry, "title", alert.headline)
        _add(entry, "updated", _stamp(alert.raised_at))
        if alert.url.startswith(("http://", "https://")):
            ET.SubElement(entry, f"{{{ATOM}}}link", {"rel": "alternate", "href": alert.url})
        for term in (alert.severity, alert.kind, alert.reason, *([alert.side] if alert.side else [])):
            ET.SubElement(entry, f"{{{ATOM}}}category", {"term": _clean(str(term))})
        _add(entry, "summary", "\n".join(_lines(alert)))
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def json_feed(title: str, address: str, alerts: Sequence[AlertRaised]) -> bytes:
    """The feed at `address` as JSON Feed, the newest first."""
    items = []
    for alert in alerts:
        item = {
            "id": alert.alert_id,
            "title": alert.headline,
            "content_text": "\n".join(_lines(alert)),
            "date_published": _stamp(alert.raised_at),
            "tags": [str(term) for term in (alert.severity, alert.kind, alert.reason, alert.side) if term],
            "_alert": alert.model_dump(mode="json"),
        }
        if alert.url.startswith(("http://", "https://")):
            item["external_url"] = alert.url
        items.append(item)
    document = {"version": "https://jsonfeed.org/version/1.1", "title": title, "feed_url": address, "items": items}
    return json.dumps(document, ensure_ascii=False).encode()


def _lines(alert: AlertRaised) -> list[str]:
    lines = [alert.headline]
    if alert.reopens:
        lines.append(f"Reopened: {alert.reopens}")
    if alert.because:
        lines.append(f"Marked as wrong by {alert.because}")
    if alert.evidence.text:
        lines.append(f"«{alert.evidence.sentence or alert.evidence.text}»")
    if alert.outlet or alert.title:
        lines.append(" · ".join(part for part in (alert.outlet, alert.title) if part))
    return lines


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = _clean(text)


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(
        sign for sign in text if sign in "\t\n" or (sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff")
    )


def _stamp(moment: datetime | None) -> str:
    return (moment or _BEGINNING).astimezone(UTC).isoformat().replace("+00:00", "Z")
