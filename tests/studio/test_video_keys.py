"""Keys of addresses: each opens one kind of file of one video of one owner, also after a restart."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio.settings import Settings
from studio.video_keys import Keys

TEXT = st.text(max_size=30)


def test_a_key_opens_one_thing_and_survives_a_restart(settings: Settings, tmp_path: Path) -> None:
    key = Keys(settings).key("ann", "a1", "video")
    assert len(key) == 43
    assert Keys(settings).fits(key, "ann", "a1", "video")
    other = Keys(Settings(outputs=tmp_path / "other"))
    assert not other.fits(key, "ann", "a1", "video")
    triples = list(product(("ann", "ben", ""), ("a1", "a2", ""), ("video", "motion", "")))
    assert len({Keys(settings).key(*triple) for triple in triples}) == len(triples)


def test_other_texts_are_not_keys(settings: Settings) -> None:
    keys = Keys(settings)
    right = keys.key("ann", "a1", "video")

    @given(TEXT, TEXT, TEXT, TEXT)
    def tried(key: str, owner: str, subject: str, kind: str) -> None:
        assert not keys.fits(key, "ann", "a1", "video")
        if (owner, subject, kind) != ("ann", "a1", "video"):
            assert not keys.fits(right, owner, subject, kind)

    tried()
    for wrong in ("", right[:-1], right + "=", right.swapcase(), "é\udcff", right[1:] + right[0]):
        assert not keys.fits(wrong, "ann", "a1", "video")
    # What stands at the end of one part is not the beginning of the next.
    assert keys.key("ab", "c", "d") != keys.key("a", "bc", "d")
