"""The folders of comparisons: their owners, and the files that others can open."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import InputError
from studio.comparison.folders import delete_comparison, find_comparison, list_comparisons, new_comparison
from studio.settings import Settings


def test_only_the_files_of_the_comparison_are_found(settings: Settings, tmp_path: Path) -> None:
    with new_comparison("ann", settings) as made:
        (made.path / "1-preview.mp4").write_bytes(b"video")
        (made.path / ".joystudio-half.mp4").write_bytes(b"part")
        (made.path / "notes.txt").write_bytes(b"other")
        (made.path / "inner").mkdir()
        (made.path / "inner" / "deep.mp4").write_bytes(b"deep")
        (made.path / "link.mp4").symlink_to(settings.history)
    (settings.outputs / "secret.mp4").write_bytes(b"secret")
    assert made.file("1-preview.mp4").read_bytes() == b"video"
    for name in (
        "", ".", "..", "../secret.mp4", "..\\secret.mp4", "/etc/passwd", "inner/deep.mp4", "link.mp4",
        ".joystudio-half.mp4", "notes.txt", "inner", "1-preview.mp4/", "missing.mp4", "a\0.mp4",
            "x" * 5000 + ".mp4",
    ):  # fmt: skip
        with pytest.raises(InputError):
            made.file(name)
    assert made.names() == ["1-preview.mp4", "link.mp4"]


def test_each_owner_has_their_own_until_it_is_deleted(settings: Settings) -> None:
    with new_comparison("ann", settings) as first, new_comparison("ben", settings) as second:
        assert first.path != second.path
    assert [one.id for one in list_comparisons(settings, owner="ann")] == [first.id]
    assert len(list_comparisons(settings)) == 2
    delete_comparison(first, settings)
    assert find_comparison(first.id, settings) is None
    assert not first.path.exists()
    assert second.path.is_dir()
