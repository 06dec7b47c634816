"""Advice about animals names only modes and engines that the user has."""

from __future__ import annotations

from pathlib import Path

import pytest
from skimage import data

from engines import registry
from media.errors import NoFaceError
from studio.animal_advice import animal_advice
from studio.portrait_view import view_portrait
from ui.i18n.catalogue import chinese


@pytest.fixture
def half_a_cat(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "cat.png"
    Image.fromarray(data.chelsea()[:, :200]).save(path)
    return path


def test_every_engine_advises_what_it_or_another_one_has() -> None:
    assert animal_advice("preview") == "If it is an animal, use animal mode."
    assert animal_advice("joyvasa") == "If it is an animal, use animal mode."
    other = animal_advice("joyhallo")
    assert other == "If it is an animal, use an engine that animates animals: Express, JoyVASA."
    for name in registry.names():
        assert chinese(animal_advice(name))


@pytest.mark.parametrize(
    ("engine", "advice"),
    [("", "use animal mode"), ("joyhallo", "Express, JoyVASA"), ("preview", "use animal mode")],
)
def test_a_portrait_without_a_face_is_refused_with_that_advice(
    half_a_cat: Path, engine: str, advice: str
) -> None:
    with pytest.raises(NoFaceError, match=advice):
        view_portrait(half_a_cat, engine=engine)
