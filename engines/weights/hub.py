"""Asks whether the Hub answers at all, before its client is used, which tries again for minutes."""

from __future__ import annotations

import urllib.error
import urllib.request

PATIENCE = 5.0
"""Seconds for a connection, and for an answer."""


def check_hub(patience: float = PATIENCE) -> None:
    """Raises OSError where the Hub, or the mirror in HF_ENDPOINT, does not answer. Any answer will do."""
    from huggingface_hub import constants

    if not constants.HF_HUB_OFFLINE:  # otherwise the client refuses at once
        check_endpoint(constants.ENDPOINT, patience)


def check_endpoint(address: str, patience: float = PATIENCE) -> None:
    """The same for any address."""
    request = urllib.request.Request(address, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=patience).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except TimeoutError as error:
        raise OSError(f"no answer from {address} within {patience:g} seconds") from error
    except urllib.error.URLError as error:
        raise OSError(f"{address}: {error.reason}") from error
