"""Asks whether the Hub answers at all, before its client is used, which tries again for minutes."""

from __future__ import annotations

import urllib.error
import urllib.request

PATIENCE = 5.0
"""Seconds for a connection, and for an answer."""


def check_hub(patience: float = PATIENCE) -> None:
    """Raises OSError where the Hub, or the mirror in HF_ENDPOINT, does not answer. Any answer will do."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return  # the client refuses at once
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=patience).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except TimeoutError as error:
        raise OSError(f"no answer from {constants.ENDPOINT} within {patience:g} seconds") from error
    except urllib.error.URLError as error:
        raise OSError(f"{constants.ENDPOINT}: {error.reason}") from error
