"""Files of aligners: those in `sounds` were written by praatio 6.2.2 and textgrid 1.6.1."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evaluation.clips import find_clips
from evaluation.sounds.reading import read_sounds
from media.errors import InputError
from media.spoken_sounds import TimedSound

FILES = Path(__file__).parent / "sounds"
SAID = [
    TimedSound("m", 0.1, 0.18),
    TimedSound("ɑ", 0.18, 0.26),
    TimedSound("m", 0.26, 0.33),
    TimedSound("ʌ", 0.33, 0.42),
    TimedSound("b", 0.42, 0.5),
    TimedSound("ɑ", 0.5, 0.66),
    TimedSound("p", 0.66, 0.75),
    TimedSound("s", 0.75, 0.85),
    TimedSound("n", 1.1, 1.2),
    TimedSound("ɑ", 1.2, 1.42),
    TimedSound("t", 1.42, 1.6),
]
GENTLE = """{"transcript": "mama", "words": [{"case": "not-found-in-audio", "word": "um"},
 {"case": "success", "start": 0.1, "end": 0.42, "word": "mama", "phones":
  [{"phone": "m_B", "duration": 0.08}, {"phone": "aa_I", "duration": 0.08},
   {"phone": "m_E", "duration": 0.07}]}]}"""
CTM = """;; phones
other 1 0.000 0.500 SIL
talk 1 0.100 0.080 M_B 1.00
talk 1 0.260 0.070 M_E 1.00
talk 1 0.180 0.080 AA1_I 0.98
talk 1 0.330 0.300 SIL 1.00
"""
HEAD = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n2\n<exists>\n'


def read(folder: Path, name: str, text: str | bytes, recording: str = "") -> list[TimedSound]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sounds(path, recording)


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_every_aligners_file_reads_the_same(path: Path) -> None:
    assert read_sounds(path) == SAID


def test_a_text_grid_may_be_utf_16_and_have_remarks(tmp_path: Path) -> None:
    text = (FILES / "praat-long.TextGrid").read_text(encoding="utf-8")
    assert read(tmp_path, "a.TextGrid", text.encode("utf-16")) == SAID
    assert (
        read(tmp_path, "b.TextGrid", text.replace("\n", "\r\n").replace("size = 3", "size = 3 ! tiers"))
        == SAID
    )


def test_a_ctm_file_gives_the_recording_of_that_name(tmp_path: Path) -> None:
    assert [(s.name, s.start) for s in read(tmp_path, "a.ctm", CTM, "talk")] == [
        ("m", 0.1),
        ("ɑ", 0.18),
        ("m", 0.26),
    ]
    with pytest.raises(InputError, match=r"2 recordings \(other, talk\), and none is called speech"):
        read(tmp_path, "a.ctm", CTM, "speech")
    alone = CTM.replace("other", "talk")
    assert len(read(tmp_path, "a.ctm", alone, "speech")) == 3


def test_json_of_gentle_and_plain_lists_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, "a.json", GENTLE)
    assert [name for name, _, _ in found] == ["m", "ɑ", "m"]
    assert [end for _, _, end in found] == pytest.approx([0.18, 0.26, 0.33])
    plain = '{"phones": [{"start": 0.5, "end": 0.6, "phone": "a"}, {"start": 0.4, "end": 0.5, "phone": "m"}]}'
    assert read(tmp_path, "a.json", plain) == [TimedSound("m", 0.4, 0.5), TimedSound("a", 0.5, 0.6)]


def test_tiers_of_several_speakers_are_joined_and_an_only_tier_may_have_any_name(tmp_path: Path) -> None:
    def tier(name: str, start: float, sound: str) -> str:
        return f'"IntervalTier"\n"{name}"\n0\n2\n1\n{start}\n{start + 0.1}\n"{sound}"\n'

    two = (
        HEAD
        + "3\n"
        + tier("A - words", 0, "mama")
        + tier("B - phones", 1, "b")
        + tier("A - phones", 0.2, "a")
    )
    assert [(name, start) for name, start, _ in read(tmp_path, "a.TextGrid", two)] == [("a", 0.2), ("b", 1.0)]
    assert len(read(tmp_path, "b.TextGrid", HEAD + "1\n" + tier("Laute", 0, "a"))) == 1
    with pytest.raises(InputError, match='called phones, phonemes or MAU; it has "A - words", "Silben"'):
        read(tmp_path, "c.TextGrid", HEAD + "2\n" + tier("A - words", 0, "mama") + tier("Silben", 0, "ma"))


@pytest.mark.parametrize(
    ("spelled", "wanted"),
    [
        ("M AA1 TH IY0 NG sp spn", "m ɑ θ i ŋ"),
        ("m aa sh ey hh", "m ɑ ʃ eɪ h"),
        ("b a1 zh ong1 x ve4 sil", "p a tʂ ʊŋ ɕ ɥɛ"),
        ("pʰ aɪ tʃ ŋ̍ mʲ ʈʂ aj˥˩ ɔː", "p aɪ tʃ ŋ m ʈʂ aj ɔ"),
        ("p ˈa ʃ ɡ", "p a ʃ ɡ"),
        ("g @ S 6 aI p_h N <p:>", "ɡ ə ʃ ɐ aɪ p ŋ"),
        ("M ˈa p b", "m a p b"),
    ],
)
def test_sounds_are_read_in_the_alphabet_of_their_file(tmp_path: Path, spelled: str, wanted: str) -> None:
    lines = [f"{i / 10},{(i + 1) / 10},{name}" for i, name in enumerate(spelled.split())]
    found = read(tmp_path, "a.csv", "\n".join(["start,end,phoneme", *lines]))
    assert " ".join(name for name, _, _ in found).replace("g", "ɡ") == wanted


def test_words_and_syllables_are_no_sounds(tmp_path: Path) -> None:
    words = "start,end,phoneme\n0,1,hello\n1,2,everybody\n2,3,Straße\n"
    with pytest.raises(InputError, match="not that of words or syllables"):
        read(tmp_path, "a.csv", words)


def test_silence_is_not_an_error(tmp_path: Path) -> None:
    assert read(tmp_path, "a.phonemes.csv", "") == []
    assert read(tmp_path, "b.csv", "start,end,phoneme\n0,1,sil\n") == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "start,end\n0,1\n", "column phoneme is missing"),
        ("a.csv", "start,end,phoneme\na,b,m\n", "line 2: a to b are not times"),
        ("a.csv", "start,end,phoneme,end\n0,1,m,2\n", "both called"),
        ("a.csv", "start,end,phoneme\n0,1\n", "line 2: a cell is missing"),
        ("a.csv", "start,end,phoneme\n1,0,m\n", "1 to 0 s are not times"),
        ("a.csv", "start,end,phoneme\n0,inf,m\n", "are not times"),
        ("a.ctm", "talk 1 0.1 m\n", "line 1 has 4 columns"),
        ("a.ctm", "talk 1 x 0.1 m\n", 'line 1 has "x" where a time should stand'),
        ("a.json", '{"text": "mama"}', "where a sound should stand; known are"),
        ("a.json", '{"phones": [{"start": true, "end": 1, "phone": "m"}]}', "where a time should stand"),
        ("a.json", '{"phones": [', "it is not JSON"),
        ("a.TextGrid", "ooBinaryFile\x08TextGrid", "save it in Praat with Save as text file"),
        ("a.TextGrid", 'File type = "ooTextFile"\n"Pitch 1"\n0 1', 'it is not a TextGrid but "Pitch 1"'),
        (
            "a.TextGrid",
            HEAD + '1\n"IntervalTier"\n"phones"\n0\n2\n3\n0\n1\n"m"',
            "it ends where the beginning",
        ),
        (
            "a.TextGrid",
            HEAD + '1\n"IntervalTier"\n"phones"\n0\n2\n1\n0\n"m"',
            'it has "m" where the end of an',
        ),
        ("a.TextGrid", HEAD + "1e9\n", "claims to have 1e+09 tiers"),
    ],
)
def test_an_unusable_file_gives_the_reason(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, name, text)
    assert said in str(caught.value)
    assert "does not give the times of sounds" in str(caught.value)


@given(st.text(alphabet='01.!"<>\n m=[]', max_size=200))
@example('"' * 41)
def test_any_text_after_the_head_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("grids")
    with suppress(InputError):
        assert all(0 <= start <= end for _, start, end in read(folder, "a.TextGrid", HEAD + text))


def test_a_video_finds_its_file_of_sounds(tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4", "three.mp4", "two.TextGrid", "three.phonemes.json", "three.json"):
        (tmp_path / name).touch()
    found = {clip.name: clip.phonemes and clip.phonemes.name for clip in find_clips([tmp_path])}
    assert found == {"one.mp4": None, "two.mp4": "two.TextGrid", "three.mp4": "three.phonemes.json"}
