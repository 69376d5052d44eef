"""Articles filed one after the other, as a desk's day brings them."""

from __future__ import annotations

from datetime import timedelta

from schemas.reading import Reading
from schemas.vocabulary import ClassifyReason, StoryReason
from services.classifier.core.comparison import NOWHERE
from services.classifier.core.filing import MOST_HEADS, Filed, Files, Read, prepared
from tests.builders import THE_MORNING, a_claim, a_reading

REPORT = """Azerbaijani forces shelled towns in Nagorno-Karabakh on Tuesday, killing five people and wounding dozens, the ombudsman said. Baku called
it a local operation against terrorists. Residents of the main city spent the afternoon in cellars while the electricity failed.
(Reporting by Reuters; editing by A. Name)"""


def read(name: str, reading: Reading | None = None, *, text: str = REPORT, title: str = "Shells fall", hours: float = 0) -> Read:
    return prepared(
        reading or a_reading(name, claims=[a_claim(5)]),
        title=title,
        text=text,
        seen_at=THE_MORNING + timedelta(hours=hours),
        outlet="Example Wire",
    )


def filed(*articles: Read) -> list[Filed]:
    files = Files(NOWHERE)
    return [files.file(article) for article in articles]


def test_a_scrape_is_filed_as_a_copy_in_the_story_of_its_original() -> None:
    first, scrape = filed(read("first"), read("scrape", text=REPORT.replace("on Tuesday", "today"), hours=3))

    assert first.reason is ClassifyReason.CLASSIFIED
    assert scrape.reason is ClassifyReason.COPY
    assert scrape.copy_of == a_reading("first").id
    assert scrape.story_id == first.story_id
    assert scrape.assignment is not None
    assert scrape.assignment.reason is StoryReason.COPY


def test_a_raised_toll_in_the_same_words_is_classified_in_the_same_story() -> None:
    update = a_reading("update", claims=[a_claim(25)])
    first, second = filed(read("first"), read("update", update, text=REPORT.replace("five", "25"), hours=3))

    assert second.reason is ClassifyReason.CLASSIFIED
    assert second.copy_of is None
    assert second.story_id == first.story_id


def test_a_revision_keeps_its_story_even_where_it_now_tells_of_something_else() -> None:
    files = Files(NOWHERE)
    first = files.file(read("first"))
    other = a_reading("first", actors=["GEO.GOV"], events=["accident"])
    again = files.file(read("first", other, text="A bus fell. " * 20), story_before=first.story_id, revised=True)

    assert again.reason is ClassifyReason.REVISED
    assert again.story_id == first.story_id
    assert again.assignment is not None
    assert again.assignment.reason is StoryReason.SAME_ARTICLE


def test_what_does_not_concern_the_region_has_no_story_and_is_nobodys_original() -> None:
    files = Files(NOWHERE)
    foreign = files.file(read("foreign", a_reading("foreign", relevant=False)))
    local = files.file(read("local"))

    assert (foreign.reason, foreign.story_id) == (ClassifyReason.NOT_RELEVANT, None)
    assert local.copy_of is None
    assert len(files.stories) == 1


def test_an_article_without_words_has_no_story() -> None:
    (blank,) = filed(read("blank", title=" ", text="\n"))

    assert (blank.reason, blank.story_id) == (ClassifyReason.NO_TEXT, None)


def test_a_title_alone_is_enough() -> None:
    (flash,) = filed(read("flash", title="25 killed in Karabakh", text=""))

    assert flash.reason is ClassifyReason.CLASSIFIED
    assert flash.story_id is not None


def test_a_relevant_article_in_an_unknown_language_is_kept_and_named_so() -> None:
    (strange,) = filed(read("strange", a_reading("strange", language="und")))

    assert strange.reason is ClassifyReason.UNKNOWN_LANGUAGE
    assert strange.story_id is not None


def test_the_credit_is_read_from_the_whole_text_and_the_likeness_from_the_article_itself() -> None:
    with_bar = read("bar", text="Share on Facebook\nFacebook\nTwitter\n" + REPORT)

    assert with_bar.origin == "reuters"
    assert with_bar.signature == read("first").signature


def test_a_figure_that_no_event_can_have_is_no_figure() -> None:
    reading = a_reading(claims=[a_claim(10**400), a_claim(7), a_claim(None, high=MOST_HEADS + 1, bound="up_to")])

    assert [claim.low for claim in read("first", reading).reading.casualties] == [7]


def test_what_is_forgotten_is_neither_original_nor_story() -> None:
    files = Files(NOWHERE)
    files.file(read("first"))
    files.forget_before(THE_MORNING + timedelta(hours=1))

    again = files.file(read("second", hours=2))
    assert again.copy_of is None
    assert again.assignment is not None
    assert again.assignment.new


def a_battle(name: str, *, hours: float = 0) -> Read:
    reading = a_reading(name, claims=[a_claim(12, side="AZE")], actors=["AZE.MIL", "NKR.MIL"], events=["armed_clash"], places=["martakert"])
    return read(name, reading, text="", title=name, hours=hours)


def two_stories_of_one_battle() -> tuple[Files, Filed, Filed]:
    """Files in which the same battle was begun twice, as when the first reports said too little of it."""
    first, second = Files(NOWHERE), Files(NOWHERE)
    earlier, later = first.file(a_battle("earlier")), second.file(a_battle("later", hours=1))
    return Files(NOWHERE, stories=first.stories | second.stories), earlier, later


def test_an_article_that_fits_two_stories_of_one_battle_makes_them_one() -> None:
    files, earlier, later = two_stories_of_one_battle()
    third = files.file(a_battle("third", hours=2))

    assert third.story_id == earlier.story_id
    assert third.absorbed == (later.story_id,)
    assert files.aliases == {later.story_id: earlier.story_id}
    assert list(files.stories) == [earlier.story_id]
    assert files.stories[earlier.story_id or ""].articles == 3


def test_a_revision_of_an_article_whose_story_is_gone_is_filed_in_the_one_it_is_now() -> None:
    files, earlier, later = two_stories_of_one_battle()
    files.file(a_battle("third", hours=2))
    again = files.file(a_battle("later", hours=3), story_before=later.story_id, revised=True)

    assert again.story_id == earlier.story_id


def test_two_battles_that_one_round_up_names_stay_two() -> None:
    def a_raid(name: str, place: str, *, dead: int) -> Read:
        reading = a_reading(name, claims=[a_claim(dead, side="REB")], actors=["DAG.POL", "REB"], events=["armed_clash"], places=[place])
        return read(name, reading, text="", title=name)

    files = Files(NOWHERE)
    one, other = files.file(a_raid("one", "buynaksk", dead=4)), files.file(a_raid("other", "derbent", dead=11))
    claims = [a_claim(4, side="REB"), a_claim(11, side="REB")]
    both = a_reading("round-up", claims=claims, actors=["DAG.POL", "REB"], events=["armed_clash"], places=["buynaksk", "derbent"])
    files.file(read("round-up", both, text="", title="The week"))

    assert one.story_id != other.story_id
    assert files.aliases == {}
    assert len(files.stories) == 2
