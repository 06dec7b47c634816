"""Files, archives and paths of strangers."""

from __future__ import annotations

import itertools
import json
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from media.documents.archives import check_unpacked, directory_bytes, open_archive, read_entry
from media.documents.bounds import SETTINGS
from media.documents.csv_text import MOST_LINES, records
from media.documents.paths import exists, given_path, is_file
from media.documents.tensor_file import open_tensors
from media.documents.text import MOST_FILLED, decoded_loosely, filled_lines, read_bytes, read_text
from media.errors import DocumentError, InputError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_read_in_the_encodings_that_name_themselves(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a").write_bytes("肖像, café".encode(encoding))
    assert read_text(tmp_path / "a", SETTINGS) == "肖像, café"


def test_bytes_that_are_not_text_are_reported_with_their_position(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"caf\xe9")
    with pytest.raises(DocumentError, match="byte 4 is not valid UTF-8"):
        read_text(tmp_path / "a", SETTINGS)
    assert decoded_loosely(b"caf\xe9") == "caf\udce9"


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(101))
    with pytest.raises(DocumentError, match="more than 100 bytes"):
        read_bytes(tmp_path / "a", 100)
    assert len(read_bytes(tmp_path / "a", 10**12)) == 101
    for place in (tmp_path, tmp_path / "absent", tmp_path / ("n" * 300), Path("a\0b")):
        with pytest.raises(DocumentError):
            read_bytes(place, 100)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("~nobodyhere/a.png", "no home folder for ~nobodyhere"),
        ("a\0b", "zero byte"),
        ("n" * 256, "256 bytes, and file systems take at most 255"),
        ("肖" * 100 + ".png", "304 bytes"),
        ("a/" * 3000, "a path takes at most 4095"),
        ("\ud800.png", "half of a character"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        given_path(text)
    assert len(str(caught.value)) < 300


def test_ordinary_paths_are_accepted_and_odd_ones_do_not_exist(tmp_path: Path) -> None:
    assert given_path("~/a.png") == Path.home() / "a.png"
    assert given_path("caf\udce9.png") == Path("caf\udce9.png")  # bytes of a name that is no UTF-8
    assert exists(tmp_path)
    assert not any((exists(Path("n" * 5000)), is_file(Path("a\0b")), is_file(tmp_path)))


def test_an_unclosed_quotation_mark_costs_its_line_only() -> None:
    text = 'portrait,voice\na.png,b.wav\n"c.png,d.wav\ne.png,f.wav\n"g, h.png",i.wav\n"two\nlines",j.wav\n'
    found = list(records(text))
    assert [one.number for one in found if one.trouble] == [3]
    assert [one.cells for one in found if not one.trouble] == [
        ("portrait", "voice"), ("a.png", "b.wav"), ("e.png", "f.wav"), ("g, h.png", "i.wav"),
        ("two\nlines", "j.wav"),
    ]  # fmt: skip


def test_lines_end_as_every_system_ends_them() -> None:
    found = list(records('a,b\r1,2\r\n3,4\n\n"5\r\n6",7\u2028\r8,9'))
    assert [(one.number, one.cells) for one in found] == [
        (1, ("a", "b")), (2, ("1", "2")), (3, ("3", "4")), (5, ("5\r\n6", "7\u2028")), (7, ("8", "9")),
    ]  # fmt: skip


def test_an_open_quotation_mark_is_followed_through_a_few_lines_only() -> None:
    text = '"open\n' + "b\n" * (MOST_LINES - 1) + '"\n'
    first, second, *_ = records(text)
    assert (first.number, first.trouble) == (1, "A quotation mark opens in it and does not close.")
    assert (second.number, second.cells) == (2, ("b",))
    (whole,) = records(text.replace("b\n", "", 1))
    assert whole.cells == ("open\n" + "b\n" * (MOST_LINES - 2),)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_blank_lines_take_no_memory_and_count_as_lines(end: str) -> None:
    text = "a,b" + end * 500_000 + " \t" + end + "c,d"
    tracemalloc.start()
    found = list(records(text))
    filled = list(filled_lines(text)) if end == "\n" else []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(one.number, one.cells) for one in found] == [(1, ("a", "b")), (500_002, ("c", "d"))]
    assert [number for number, line in filled] == ([1, 500_001, 500_002] if filled else [])
    assert peak < 4_000_000


def test_a_list_of_too_many_lines_is_refused_where_they_are_too_many() -> None:
    table = records("a,b\n" + "1,2\n" * (MOST_FILLED + 1))
    assert sum(1 for _ in itertools.islice(table, MOST_FILLED + 1)) == MOST_FILLED + 1
    with pytest.raises(DocumentError, match="more than 100000 lines, the limit for one list; split it"):
        next(table)


def test_a_line_of_any_length_costs_itself_only() -> None:
    found = list(records(f"a,b\n1,2\n{'x' * 300_000},y\n{'z' * 150_000},y\n3,4\n"))
    assert [one.number for one in found if one.trouble] == [3, 4]
    assert found[-1].cells == ("3", "4")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.pkl", bytes(100_000))
    with (
        open_archive(tmp_path / "a.zip") as archive,
        pytest.raises(DocumentError, match="100000 bytes; at most 99"),
    ):
        read_entry(archive, "data.pkl", 99)
    with open_archive(tmp_path / "a.zip") as archive:
        assert len(read_entry(archive, "data.pkl", 100_000)) == 100_000
        check_unpacked(archive, 10)  # compressed, and little
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("data.pkl", bytes(1000))
    with (
        open_archive(tmp_path / "b.zip") as archive,
        pytest.raises(DocumentError, match="claims to unpack to 1000"),
    ):
        check_unpacked(archive, 999)


def test_an_archive_of_too_many_entries_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(50):
            archive.writestr(f"{number}.png", b"")
    with (tmp_path / "a.zip").open("rb") as file:
        assert directory_bytes(file) > 50 * 46
    with open_archive(tmp_path / "a.zip") as archive:
        assert len(archive.namelist()) == 50
    with pytest.raises(DocumentError, match="at most 20 are allowed"), open_archive(tmp_path / "a.zip", 20):
        pass
    (tmp_path / "c.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    with pytest.raises(DocumentError), open_archive(tmp_path / "c.zip"):
        pass


def test_a_header_that_claims_more_than_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path, metadata={"facts": json.dumps({"b": 1})})
    with open_tensors(path, "numpy") as file:
        assert file.get_tensor("a").tolist() == [0, 0, 0]
    with pytest.raises(DocumentError, match="at most 10 are allowed"), open_tensors(path, "numpy", 10):
        pass
    path.write_bytes((2**40).to_bytes(8, "little") + path.read_bytes()[8:])
    with pytest.raises(DocumentError, match="header claims 1099511627776 bytes"), open_tensors(path, "numpy"):
        pass
