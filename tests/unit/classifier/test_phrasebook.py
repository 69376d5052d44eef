"""The sentences of the phrasebook are read strictly: a slip in an annotation must not pass for a fault of the reader."""

from pathlib import Path

import pytest

from tests.gold.phrasebook import SENTENCES, PhrasebookFault, sentences_of
from tests.gold.score import measure

HEAD = 'lang: en\nclass: passive\npublished_at: "2020-10-05T12:00:00Z"\nsentences:\n'
SOUND = '  - text: "Three soldiers fell, Baku said."\n    claims: ["killed 3 exact AZE military AZE.GOV"]\n'


def written(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "en" / "passive.yaml"
    path.parent.mkdir()
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_a_sentence_becomes_an_annotated_article(tmp_path: Path) -> None:
    [(key, document)] = sentences_of(written(tmp_path, SOUND))
    assert key == "en-passive-01"
    [claim] = document["gold"]["casualties"]
    assert (claim["effect"], claim["low"], claim["high"], claim["side"], claim["claimant"]) == ("killed", 3, 3, "AZE", "AZE.GOV")
    assert claim["current"]
    assert not claim["subset"]
    assert claim["quote"] == document["text"]


def test_open_ends_and_vague_numbers_are_those_of_the_manual(tmp_path: Path) -> None:
    claims = [
        "killed 30 at_least - all -",
        "killed 80 up_to - all - background",
        "killed 30-40 about - all -",
        "killed - vague - all - subset",
    ]
    rows = f'  - text: "Many."\n    claims: {claims}\n'.replace("'", '"')
    [(_, document)] = sentences_of(written(tmp_path, rows))
    ends = [(claim["low"], claim["high"]) for claim in document["gold"]["casualties"]]
    assert ends == [(30, None), (None, 80), (30, 40), (None, None)]
    assert [claim["current"] for claim in document["gold"]["casualties"]] == [True, False, True, True]
    assert document["gold"]["casualties"][3]["subset"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ('  - text: "A."\n', "claims or a ceasefire, or none: true"),
        ('  - {text: "A.", none: true, ceasefire: [agreed]}\n', "and not both"),
        ('  - {text: "A.", none: true, nones: 1}\n', "unknown key 'nones'"),
        ('  - {text: "A.", claims: ["killed three exact AZE military -"]}\n', "number 'three'"),
        ('  - {text: "A.", claims: ["killed 3 vague AZE military -"]}\n', "goes with vague"),
        ('  - {text: "A.", claims: ["killed 3-4 exact AZE military -"]}\n', "has the bound about"),
        ('  - {text: "A.", claims: ["killed 3 exact Baku military -"]}\n', "side 'Baku'"),
        ('  - {text: "A.", claims: ["killed 3 exact AZE military - old"]}\n', "then subset or background"),
        ('  - {text: "A.", claims: ["slain 3 exact AZE military -"]}\n', "'slain'"),
        ('  - {text: "A.", ceasefire: ["agreed | a truce"]}\n', "does not occur"),
        ('  - {text: "A.", none: true, published_at: "2020-10-05T12:00:00"}\n', "needs a zone"),
        ('  - {text: "Three soldiers fell, Baku said.", none: true}\n', "stands on line 5"),
        ('  - {text: "A.", none: true\n', "no YAML"),
    ],
)
def test_a_fault_names_the_file_and_the_line(tmp_path: Path, row: str, fault: str) -> None:
    path = written(tmp_path, SOUND + row)
    with pytest.raises(PhrasebookFault, match=fault) as raised:
        list(sentences_of(path))
    assert str(raised.value).startswith((f"{path}:7: ", f"{path}:8: "))


def test_a_file_says_what_its_path_says(tmp_path: Path) -> None:
    path = written(tmp_path, SOUND, HEAD.replace("passive", "active"))
    with pytest.raises(PhrasebookFault, match="those of the path: en, passive"):
        list(sentences_of(path))


def test_sentences_are_scored_by_class_and_not_on_what_they_do_not_say(tmp_path: Path) -> None:
    written(tmp_path, SOUND + '  - {text: "The mayor of Ganja is 45.", none: true}\n')
    scored = measure((tmp_path,))
    assert scored.articles == 2
    assert set(scored.whole) == {"en passive"}
    assert scored.slots["casualty figures (all)"].true == 1
    assert scored.slots["actors (body)"].true == scored.slots["actors (body)"].said == 0


def test_every_file_of_sentences_is_sound_and_a_quarter_at_least_are_neighbours() -> None:
    for folder in sorted(path for path in SENTENCES.iterdir() if path.is_dir()):
        rows = [document["gold"] for path in sorted(folder.glob("*.yaml")) for _, document in sentences_of(path)]
        neighbours = sum(not row["casualties"] and not row["ceasefire"] for row in rows)
        assert neighbours * 4 >= len(rows), folder.name
