"""The closed lists of words that every part of the service shares.

The codes are those of the annotation manual of the gold standard, with their ACLED and PLOVER equivalents where
those exist. A word that is stored, counted or printed stands here, once; the log line, the metric label, the
database column and the message to the desk all use the same spelling.
"""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """What befell people. "Dead or missing" told as one figure is filed under the gravest: killed, missing, wounded."""

    KILLED = "killed"
    WOUNDED = "wounded"
    MISSING = "missing"
    CAPTURED = "captured"
    DISPLACED = "displaced"


class Bound(StrEnum):
    """How a stated figure limits the true one (UCDP's low/best/high, told by the words of the text)."""

    EXACT = "exact"  # "12": low 12, high 12
    AT_LEAST = "at_least"  # "at least 12": low 12, high None
    MORE_THAN = "more_than"  # "more than 100": low 100, high None
    UP_TO = "up_to"  # "up to 80": low None, high 80
    ABOUT = "about"  # "about 200": low 200, high 200; "30 to 40": low 30, high 40
    VAGUE = "vague"  # "dozens": low None, high None


class Group(StrEnum):
    """Who among a side's people."""

    MILITARY = "military"
    CIVILIAN = "civilian"
    CHILDREN = "children"
    POLICE = "police"
    PEACEKEEPERS = "peacekeepers"
    JOURNALISTS = "journalists"
    WOMEN = "women"
    ALL = "all"


class Sector(StrEnum):
    """The part of a body that acts or is hit (PLOVER's sectors, narrowed)."""

    GOV = "GOV"
    MIL = "MIL"
    PKO = "PKO"
    CVL = "CVL"
    OPP = "OPP"
    MED = "MED"
    POL = "POL"


class CeasefireStatus(StrEnum):
    """What a sentence says of a truce."""

    AGREED = "agreed"
    IN_FORCE = "in_force"
    VIOLATED = "violated"
    COLLAPSED = "collapsed"
    PROPOSED = "proposed"
    CALLED_FOR = "called_for"
    REJECTED = "rejected"
    DENIED = "denied"


class EventType(StrEnum):
    """What happens; see EVENT_EQUIVALENTS for ACLED's sub-event and PLOVER's root."""

    SHELLING = "shelling"
    AIR_STRIKE = "air_strike"
    ARMED_CLASH = "armed_clash"
    TERRITORIAL_CHANGE = "territorial_change"
    MINE_BLAST = "mine_blast"
    VIOLENCE_ON_CIVILIANS = "violence_on_civilians"
    ACCIDENT = "accident"
    CEASEFIRE = "ceasefire"
    PEACE_TALKS = "peace_talks"
    MILITARY_BUILDUP = "military_buildup"
    ARMS_TRANSFER = "arms_transfer"
    BLOCKADE = "blockade"
    HUMANITARIAN_AID = "humanitarian_aid"
    DISPLACEMENT = "displacement"
    DETENTION = "detention"
    PROTEST = "protest"
    DIPLOMACY = "diplomacy"
    SANCTIONS = "sanctions"
    POLITICAL_CHANGE = "political_change"


EVENT_EQUIVALENTS: dict[EventType, tuple[str | None, str | None]] = {
    EventType.SHELLING: ("Shelling/artillery/missile attack", "ASSAULT"),
    EventType.AIR_STRIKE: ("Air/drone strike", "ASSAULT"),
    EventType.ARMED_CLASH: ("Armed clash", "ASSAULT"),
    EventType.TERRITORIAL_CHANGE: ("Government regains territory", "RETREAT"),
    EventType.MINE_BLAST: ("Remote explosive/landmine/IED", "ASSAULT"),
    EventType.VIOLENCE_ON_CIVILIANS: ("Attack", "ASSAULT"),
    EventType.ACCIDENT: (None, None),
    EventType.CEASEFIRE: ("Agreement", "AGREE"),
    EventType.PEACE_TALKS: ("Agreement", "CONSULT"),
    EventType.MILITARY_BUILDUP: ("Other", "MOBILIZE"),
    EventType.ARMS_TRANSFER: ("Disrupted weapons use", "COOPERATE"),
    EventType.BLOCKADE: ("Other", "COERCE"),
    EventType.HUMANITARIAN_AID: (None, "AID"),
    EventType.DISPLACEMENT: (None, None),
    EventType.DETENTION: ("Arrests", "COERCE"),
    EventType.PROTEST: ("Protests", "PROTEST"),
    EventType.DIPLOMACY: (None, "REQUEST"),
    EventType.SANCTIONS: (None, "SANCTION"),
    EventType.POLITICAL_CHANGE: ("Change to group/activity", "CONCEDE"),
}
"""Event type -> (ACLED sub-event type, PLOVER root); None where the scheme has no place for it."""


class AlertKind(StrEnum):
    """What an alert is about."""

    CASUALTY = "casualty"
    CEASEFIRE = "ceasefire"
    WATCH = "watch"  # about the service itself


class Severity(StrEnum):
    """How loudly a desk is told."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertReason(StrEnum):
    """Why a ledger changed in a way that a desk must know."""

    FIRST_FIGURE = "first_figure"
    RAISED = "raised"
    LOWERED = "lowered"
    DISPUTED = "disputed"
    CONFIRMED_ZERO = "confirmed_zero"
    CEASEFIRE_AGREED = "ceasefire_agreed"
    CEASEFIRE_IN_FORCE = "ceasefire_in_force"
    CEASEFIRE_VIOLATED = "ceasefire_violated"
    CEASEFIRE_COLLAPSED = "ceasefire_collapsed"
    CEASEFIRE_REJECTED = "ceasefire_rejected"
    CEASEFIRE_PROPOSED = "ceasefire_proposed"
    CEASEFIRE_CALLED_FOR = "ceasefire_called_for"
    WITHDRAWN = "withdrawn"  # a person marked an alert as wrong
    OUTLETS_SILENT = "outlets_silent"
    FEEDS_BLOCKED = "feeds_blocked"
    BUS_LAGGING = "bus_lagging"
    CHANNEL_FAILING = "channel_failing"
    CLOCK_SKEWED = "clock_skewed"
    CONFIG_REFUSED = "config_refused"
    WATCH_ENDED = "watch_ended"  # what a watch had told of is over


class EvidenceField(StrEnum):
    """The part of an article that a span of evidence points into."""

    TITLE = "title"
    TEXT = "text"


class ActorRole(StrEnum):
    """The part that an actor plays in what is told."""

    SPEAKS = "speaks"
    ACTS = "acts"
    HIT = "hit"
    NAMED = "named"


class TextSource(StrEnum):
    """Where the text of a revision was taken from."""

    FEED = "feed"
    PAGE = "page"


class FeedScope(StrEnum):
    """How much of a feed is wanted: all of a regional one, of a world-wide one what the keywords match."""

    REGION = "region"
    WORLD = "world"


class FeedState(StrEnum):
    """How a feed fares. No state stops the polling: a feed that fails is slowed, never switched off."""

    NEW = "new"  # never polled
    HEALTHY = "healthy"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    STALE = "stale"  # no new entry for much longer than usual
    BLOCKED = "blocked"  # refused, or a challenge page in its place
    BROKEN = "broken"  # what comes is no feed
    UNREACHABLE = "unreachable"  # no answer, or the server's own error
    SLOW = "slow"
    GONE = "gone"  # 410


class FetchReason(StrEnum):
    """What became of an entry of a feed."""

    PUBLISHED = "published"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    NO_KEYWORD = "no_keyword"
    NO_COMPANY = "no_company"  # all that it names may mean something else: Georgia the state of the USA, a club
    NO_LINK = "no_link"
    NO_TITLE = "no_title"
    NO_TEXT = "no_text"
    REPEATED = "repeated"  # the same article a second time in one body
    KNOWN_ELSEWHERE = "known_elsewhere"  # another feed brought it first and keeps its revisions
    TOO_MANY = "too_many"  # past the limit of entries of one body


class EntryNote(StrEnum):
    """What was wrong with an entry that was kept all the same."""

    NO_TITLE = "no_title"
    NO_TEXT = "no_text"
    DATE_MISSING = "date_missing"
    DATE_UNREADABLE = "date_unreadable"
    DATE_FUTURE = "date_future"
    DATE_ABSURD = "date_absurd"
    ZONE_ASSUMED = "zone_assumed"
    ZONE_WRONG = "zone_wrong"  # it says UTC and means the clock on the wall
    PAGE_FORBIDDEN = "page_forbidden"  # robots.txt says no
    PAGE_BLOCKED = "page_blocked"  # the outlet or its shield refuses us; the text is the feed's own
    PAGE_UNAVAILABLE = "page_unavailable"
    PAGE_WITHOUT_TEXT = "page_without_text"
    PAGE_OF_OTHER = "page_of_other"  # a front page, a login or another article in its place


class PollReason(StrEnum):
    """What became of one poll of a feed."""

    FRESH = "fresh"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    HTML_PAGE = "html_page"
    NOT_FOUND = "not_found"
    GONE = "gone"
    REFUSED = "refused"
    CHALLENGE = "challenge"  # a shield that wants to see a browser has answered in the outlet's place
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    TOO_LARGE = "too_large"
    PARSE_ABORTED = "parse_aborted"
    ADDRESS_REFUSED = "address_refused"
    EMPTY_BODY = "empty_body"
    JSON_BODY = "json_body"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_REDIRECTS = "too_many_redirects"


class FeedNotice(StrEnum):
    """What a poll has brought to light of a feed that its editor must hear."""

    MOVED = "moved"  # a permanent redirect has held: its target is asked from now on
    MOVED_BACK = "moved_back"  # the target failed: the address of the list is asked again
    GONE = "gone"  # 410: asked once a day
    RETIRED = "retired"  # 410 for days: asked no more until the list names another address
    STALE = "stale"  # no new entry for much longer than usual
    SCROLLED_OFF = "scrolled_off"  # nothing of the last body was left: entries may have come and gone unseen
    VALIDATORS_LIE = "validators_lie"  # "unchanged" was said of what had changed


class OffReason(StrEnum):
    """Why a feed of the list is not polled."""

    FAILING = "failing"  # a dated check found no feed there
    REFUSED = "refused"  # it answered 403 or a challenge
    UNVERIFIED = "unverified"  # only the usual form of such an address
    CHOSEN = "chosen"  # the desk does not want it


class ClassifyReason(StrEnum):
    """What became of an article at the classifier."""

    CLASSIFIED = "classified"
    REVISED = "revised"
    ALREADY_CLASSIFIED = "already_classified"
    NOT_RELEVANT = "not_relevant"
    COPY = "copy"
    NO_TEXT = "no_text"
    UNKNOWN_LANGUAGE = "unknown_language"


class ReadingNote(StrEnum):
    """What was left out of a reading."""

    TEXT_TOO_LONG = "text_too_long"  # only the first 600,000 characters of the text were read
    TITLE_TOO_LONG = "title_too_long"  # only the first 2,000 characters of the title were read


class StoryReason(StrEnum):
    """Why an article was put into its story."""

    NEW = "new"
    COPY = "copy"
    ALIKE_CODES = "alike_codes"
    ALIKE_WORDS = "alike_words"
    SAME_ARTICLE = "same_article"


class DecisionReason(StrEnum):
    """What the alerter decided about a classified article or one claim in it."""

    ALERTED = "alerted"
    NOTHING_CLAIMED = "nothing_claimed"
    NOTHING_NEW = "nothing_new"
    ALREADY_DECIDED = "already_decided"
    NOT_RELEVANT = "not_relevant"
    COPY = "copy"
    BACKGROUND = "background"
    SUBTOTAL = "subtotal"
    KNOWN_FIGURE = "known_figure"
    BELOW_KNOWN = "below_known"
    NIL_FIGURE = "nil_figure"
    VAGUE_FIGURE = "vague_figure"
    LOW_CONFIDENCE = "low_confidence"
    LATE_ARTICLE = "late_article"
    NO_DATE = "no_date"
    OUTSIDE_WINDOW = "outside_window"
    KNOWN_STATUS = "known_status"
    MINOR_STATUS = "minor_status"
    WITHDRAWN = "withdrawn"  # a person marked this article's claim as wrong before


class ZoneReason(StrEnum):
    """Why a line of a scraped text is read as part of the article, or passed over."""

    BODY = "body"
    HEADING = "heading"
    DUPLICATE_TITLE = "duplicate_title"
    BYLINE = "byline"
    PHOTO_CREDIT = "photo_credit"
    SHARE_BAR = "share_bar"
    ADVERTISEMENT = "advertisement"
    NEWSLETTER = "newsletter"
    INTERACTIVE = "interactive"
    COMMENTS = "comments"
    TAIL = "tail"
    DECORATION = "decoration"


class DeadLetterReason(StrEnum):
    """Why a message was put aside on a `.dlq` topic."""

    NOT_JSON = "not_json"
    NOT_OF_SCHEMA = "not_of_schema"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    POISON = "poison"


class DeliveryState(StrEnum):
    """Where one attempt to tell a desk stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    HELD = "held"  # a silence, an acknowledgement or a withdrawal kept it back


class HoldReason(StrEnum):
    """Why an alert is not told, or not yet."""

    SILENCED = "silenced"  # a silence matches it
    SNOOZED = "snoozed"  # it is told when the snooze ends
    ACKNOWLEDGED = "acknowledged"  # somebody has taken it, and it says nothing new since
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"  # it was marked as wrong
    SUPERSEDED = "superseded"  # a repeat, and a later alert says something else
    MUTED = "muted"  # by the hours of its route; it is told when they end


class HandAction(StrEnum):
    """What a person does with an alert."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    NOTE = "note"
    WRONG = "wrong"
    RESEND = "resend"


class HandOutcome(StrEnum):
    """What the alerter made of a hand that asks it to do something."""

    WITHDRAWN = "withdrawn"
    ALREADY_WITHDRAWN = "already_withdrawn"
    NOT_IN_LEDGER = "not_in_ledger"  # the ledger does not hold it any more; those who had the alert are told all the same
    NOT_WITHDRAWABLE = "not_withdrawable"  # it tells of no claim
    RESENT = "resent"
    NOBODY_TO_TELL = "nobody_to_tell"
    NO_SUCH_ALERT = "no_such_alert"


class Standing(StrEnum):
    """Where an alert stands at the desk."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    REOPENED = "reopened"  # acknowledged, and then the figure or the status changed
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class DeskRole(StrEnum):
    """What the holder of a token may do at the desk's interface; each may do what those before it may."""

    VIEWER = "viewer"
    DESK = "desk"
    ADMIN = "admin"


class DeliveryReason(StrEnum):
    """How one attempt to tell a desk ended."""

    DELIVERED = "delivered"
    TIMED_OUT = "timed_out"  # no whole answer within the time limit
    UNREACHABLE = "unreachable"  # the name is unknown, nothing listens, or TLS fails
    NO_ANSWER = "no_answer"  # the connection was closed without an answer
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    WEB_PAGE = "web_page"  # 200 with an HTML page: a login, a captive portal, a parked domain
    REDIRECTED = "redirected"
    REFUSED = "refused"
    GONE = "gone"
    ADDRESS_REFUSED = "address_refused"  # it leads into a private network
    CHANNEL_FAULT = "channel_fault"  # our own side of the channel failed
    MISCONFIGURED = "misconfigured"  # the receiver's own configuration cannot work
    TOO_OLD = "too_old"  # given up after all attempts


class DeliverySubject(StrEnum):
    """Why a delivery was made."""

    ALERT = "alert"  # an alert was raised
    REPEAT = "repeat"  # nobody took it within the route's repeat_interval
    RESEND = "resend"  # somebody asked for it, or an alert that was told is taken back


SAME_PEOPLE = {"NKR": "ARM"}
"""The dead of Karabakh are told as Armenians by some and as Karabakh's by others; comparisons treat the codes as one."""
