from __future__ import annotations

import pytest

from media.errors import ConsentMissing, InputError
from studio.consent import STATEMENT, check_consent


def test_the_statement_is_enough() -> None:
    check_consent(True)
    assert "right to use this face and this voice" in STATEMENT


@pytest.mark.parametrize("given", [False, None, "", "true", "false", 1, 0, [True], {}])
def test_nothing_else_counts_as_consent(given: object) -> None:
    with pytest.raises(ConsentMissing, match="consent=true"):
        check_consent(given)


def test_it_is_reported_like_other_bad_input() -> None:
    assert issubclass(ConsentMissing, InputError)
