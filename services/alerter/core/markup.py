"""A message as Markdown, as a page for mail, and as the few tags that chat services know. Whatever comes from outside is escaped."""

from __future__ import annotations

import re
from html import escape

from schemas.vocabulary import Severity
from services.alerter.core.message import Letter, Message

COLOURS = {Severity.INFO: "#6b7280", Severity.NOTICE: "#2563eb", Severity.WARNING: "#b45309", Severity.CRITICAL: "#b91c1c"}
_MARKED = re.compile(r"([\\`*_\[\]#|<>~@])")
_WEB = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)


def markdown_of(message: Message) -> str:
    """Markdown as Discord, Mattermost and most others read it; no word of an article is taken for a mark."""
    return "\n\n".join([f"**{marked(message.first)}**", *(_letter_markdown(letter, message) for letter in message.letters)])


def chat_html_of(message: Message, *, newline: str = "\n") -> str:
    """The message in b, i, a and blockquote alone, as Telegram and Matrix allow."""
    parts = [f"<b>{escape(message.first)}</b>"]
    words = message.wording.form.message
    for letter in message.letters:
        lines = [] if message.whole else [f"<b>{escape(letter.headline)}</b>"]
        if letter.quote:
            lines.append(f"<blockquote>{escape(letter.quote)}</blockquote>")
        lines += [f"{escape(label)}: {escape(value)}" for label, value in letter.facts]
        if letter.rivals:
            lines.append(f"{escape(words.rivals)}: {escape('; '.join(letter.rivals))}")
        if link := web_address(letter.link):
            lines.append(f'<a href="{escape(link)}">{escape(words.link)}</a>')
        lines += [f"{escape(label)}: {escape(value)}" for label, value in letter.times]
        if letter.so_far:
            lines.append(f"<i>{escape(words.so_far)}</i>")
            lines += [f"{escape(moment)}  {escape(told)}" for moment, told in letter.so_far]
        parts.append(newline.join(lines))
    return (newline * 2).join(parts)


def page_of(message: Message) -> str:
    """A whole page for a mail: styles in line, one column, readable at the width of a phone."""
    letters = "".join(_letter_page(letter, message) for letter in message.letters)
    return (
        f'<!DOCTYPE html><html lang="{escape(message.wording.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light">'
        f"<title>{escape(message.first)}</title></head>"
        '<body style="margin:0;padding:12px;background:#ffffff;color:#111827;'
        'font:16px/1.45 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">'
        f'<div style="max-width:640px;margin:0 auto">{_several(message)}{letters}</div></body></html>'
    )


def marked(text: str) -> str:
    """The text with every character that Markdown reads as a mark escaped, so that it reads as it stands."""
    return _MARKED.sub(r"\\\1", " ".join(text.split()))


def web_address(address: str) -> str:
    """The address where it is one of the web; empty else: no other scheme becomes a link."""
    return address if _WEB.fullmatch(address) else ""


def _letter_markdown(letter: Letter, message: Message) -> str:
    words = message.wording.form.message
    lines = [] if message.whole else [f"**{marked(letter.headline)}**"]
    if letter.quote:
        lines.append(f"> {marked(letter.quote)}")
    lines += [f"{marked(label)}: {marked(value)}" for label, value in letter.facts]
    if letter.rivals:
        lines.append(f"{marked(words.rivals)}: {marked('; '.join(letter.rivals))}")
    if link := web_address(letter.link):
        lines.append(f"{marked(words.link)}: <{link}>")
    lines += [f"{marked(label)}: {marked(value)}" for label, value in letter.times]
    if letter.so_far:
        lines.append(f"{marked(words.so_far)}:")
        lines += [f"- {marked(moment)}  {marked(told)}" for moment, told in letter.so_far]
    return "\n".join(lines)


def _several(message: Message) -> str:
    if message.whole:
        return ""
    return f'<h1 style="margin:0 0 16px;font-size:20px;line-height:1.25">{escape(message.first)}</h1>'


def _letter_page(letter: Letter, message: Message) -> str:
    words, colour = message.wording.form.message, COLOURS[letter.severity]
    headline = message.first if message.whole else letter.headline
    parts = [
        f'<div style="border-left:4px solid {colour};padding:0 0 0 12px;margin:0 0 24px;overflow-wrap:anywhere">',
        f'<div style="color:{colour};font-size:13px;font-weight:600">{escape(letter.severity_word)}</div>',
        f'<h2 style="margin:2px 0 10px;font-size:20px;line-height:1.25">{escape(headline)}</h2>',
    ]
    if letter.quote:
        parts.append(
            '<blockquote style="margin:0 0 12px;padding:8px 12px;background:#f3f4f6;border-radius:6px;font-style:italic">'
            f"{escape(letter.quote)}</blockquote>"
        )
    parts.append(_table([*letter.facts, *letter.times, *(((words.rivals, "; ".join(letter.rivals)),) if letter.rivals else ())]))
    if link := web_address(letter.link):
        parts.append(
            f'<p style="margin:12px 0"><a href="{escape(link)}" style="color:#1d4ed8">{escape(words.link)}: {escape(link)}</a></p>'
        )
    if letter.so_far:
        parts.append(f'<h3 style="margin:16px 0 4px;font-size:15px">{escape(words.so_far)}</h3>')
        parts.append(_table(letter.so_far))
    parts.append("</div>")
    return "".join(parts)


def _table(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    cell = "padding:3px 10px 3px 0;vertical-align:top;text-align:left"
    lines = "".join(
        f'<tr><th style="{cell};color:#6b7280;font-weight:400;font-size:14px;width:38%;overflow-wrap:normal">{escape(label)}</th><td style="{cell}">{escape(value)}</td></tr>'
        for label, value in rows
    )
    return f'<table role="presentation" style="border-collapse:collapse;width:100%;font-size:15px">{lines}</table>'
