"""What is the same article: the canonical form of an address, and the article's id made from it.

The canonical form is an identity, not an address to fetch: http and https, `www.`, mobile and AMP forms, tracking
parameters, a trailing slash and a fragment make no other article. `tidy` is the address that readers are given.
"""

from __future__ import annotations

import contextlib
import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

LONGEST = 2048
"""Characters of an address; longer ones are taken for no address at all."""

TRACKING = frozenset(
    {
        "fbclid", "gclid", "yclid", "dclid", "msclkid", "gbraid", "wbraid", "igshid", "twclid", "mc_cid", "mc_eid", "_openstat", "openstat",
        "_ga", "_gl", "cmp", "cmpid", "xtor", "ocid", "maca", "spm", "ref", "referrer", "ref_src", "ref_url", "source", "smid",
        "at_medium", "at_campaign", "at_custom1", "at_link_id", "ito", "traffic_source", "rss", "feed",
        "amp", "is_amp", "amp_js_v", "usqp", "outputtype", "mobile", "nocache", "__twitter_impression", "utm", "mibextid", "ysclid",
        "s_cid", "ftag", "intcmp", "rssid", "from_rss", "phpsessid", "jsessionid",
    }
)  # fmt: skip
"""Names of parameters that say how a reader came, never which article it is."""
TRACKING_PREFIXES = ("utm_", "ns_", "pk_", "mtm_", "hsa_", "at_", "wt_", "oly_", "vero_", "sc_", "itm_")
SITE_PREFIXES = ("www.", "m.", "mobile.", "amp.", "wap.", "pda.", "touch.")
GOOGLE_AMP = re.compile(r"^/amp/(?:s/)?(?P<rest>[^/]+\.[^/]+/.*)$")
AMP_CACHE = re.compile(r"^/[cv]/(?:s/)?(?P<rest>[^/]+\.[^/]+/.*)$")
HOST = re.compile(r"^(?=.*[^\W_])[\w.:~-]+$")
PLACES = frozenset(
    {
        "comments", "comment", "respond", "reply", "replies", "discussion", "disqus_thread", "fb-comments", "top", "start", "more", "content",
        "main", "main-content", "maincontent", "page-content", "primary", "article", "story", "body", "text", "rss", "feed", "share", "social",
        "related", "new", "new_tab", "newtab", "read-more", "readmore", "footer", "header", "home",
    }
)  # fmt: skip
"""Fragments that name a place on every page of its kind, never a post of its own."""
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
SPLIT_WORD = re.compile(r"[\t\r\n]")


def absolute(link: str, base: str = "") -> str | None:
    """The absolute http(s) address that `link` means on the page `base`; None where it means none.

    Spaces within are kept as %20; scripts, mail, local files, user names and over-long addresses are none.
    """
    link = SPLIT_WORD.sub("", link).strip()
    if not link or len(link) > LONGEST:
        return None
    try:
        joined = urljoin(base, link) if base else link
        parts = urlsplit(joined.replace(" ", "%20"))
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or not HOST.match(host):
        return None
    if parts.username is not None or parts.password is not None:
        return None
    # Joining again would drop a bare question mark, which servers may tell from none.
    address = parts.scheme + joined.replace(" ", "%20")[len(parts.scheme) :]
    return None if FORBIDDEN.search(address) or len(address) > LONGEST else address


def unescaped(link: str) -> str:
    """The link with `&amp;` resolved, as feeds leave it that escape their links twice."""
    return link.replace("&amp;", "&") if "&amp;" in link else link


def tidy(address: str) -> str:
    """The address without tracking parameters and fragment; scheme and host stay, so that it can be opened."""
    parts = urlsplit(address)
    return urlunsplit(
        (parts.scheme, parts.netloc.lower(), parts.path or "/", _kept_query(parts.query, ordered=False), _kept_fragment(parts))
    )


def canonical(address: str) -> str:
    """The identity of the article at an absolute address: always https, one spelling of host, path and parameters."""
    parts = _out_of_cache(urlsplit(address))
    host = _plain_host(parts.hostname or "")
    port = parts.port
    netloc = host if port in {None, 80, 443} else f"{host}:{port}"
    return urlunsplit(("https", netloc, _plain_path(parts.path), _kept_query(parts.query, ordered=True), _kept_fragment(parts)))


def article_id(address: str) -> str:
    """The article's id: the UUIDv5 of the canonical form of `address`."""
    return str(uuid5(NAMESPACE_URL, canonical(address)))


def host_of(address: str) -> str:
    """The host and port that a request to `address` goes to, for politeness: one at a time there."""
    return urlsplit(address).netloc.lower()


def site_of(address: str) -> str:
    """The host of the site that an address is of, without `www.` and the like."""
    return _plain_host(urlsplit(address).hostname or "")


def without_credentials(address: str) -> str:
    """The address as a log may show it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _out_of_cache(parts: SplitResult) -> SplitResult:
    """The publisher's own address inside one of Google's AMP caches."""
    host = parts.hostname or ""
    form = GOOGLE_AMP if host in {"www.google.com", "google.com"} else AMP_CACHE if host.endswith(".cdn.ampproject.org") else None
    found = form.match(parts.path) if form else None
    return urlsplit(f"https://{found['rest']}" + (f"?{parts.query}" if parts.query else "")) if found else parts


def _plain_host(host: str) -> str:
    host = host.lower().rstrip(".")
    # Names that IDNA 2003 does not know stay as they are written; the spelling is an identity all the same.
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    for prefix in SITE_PREFIXES:
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest:
            return rest
    return host


def _plain_path(path: str) -> str:
    path = re.sub(r"/{2,}", "/", quote(unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~-._", errors="surrogateescape"))
    path = re.sub(r"/(?:index|default)\.(?:html?|php|aspx?)$", "/", path)
    path = re.sub(r";jsessionid=[^/]*", "", path, flags=re.IGNORECASE)
    path = re.sub(r"/amp(?=/|$)|\.amp(?=\.html$|$)", "", path)
    return re.sub(r"(?:/|%20)+$", "", path) or "/"


def _kept_query(query: str, *, ordered: bool) -> str:
    if not query:
        return ""
    pairs = [
        pair
        for pair in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if not _tracks(pair[0]) and pair != ("output", "amp")
    ]
    if not ordered and len(pairs) == len(query.split("&")):
        # Nothing was dropped: the server's own spelling is the safest to ask for.
        return query
    return urlencode(sorted(pairs) if ordered else pairs, errors="surrogateescape")


def _tracks(name: str) -> bool:
    name = name.lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)


def _kept_fragment(parts: SplitResult) -> str:
    """A fragment that may name one post of many on a page, or a page of a script (`#!/7`); not a place, nor how the reader came."""
    fragment = parts.fragment
    if fragment.startswith(("!", "/")):
        return fragment
    return "" if "=" in fragment or fragment.lower() in PLACES else fragment
