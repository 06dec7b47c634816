"""Downloads the files that programs name by a web address, within the limits of uploads.

Gradio's own function holds the whole response in memory, decompressed and without a limit, so that one call
could fill the server.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urljoin, urlsplit

import httpx
import safehttpx
from gradio_client.utils import strip_invalid_filename_characters

from media.documents.quoting import quoted, reason_of
from media.errors import InputError, JoyStudioError, LineFull, OutputError
from studio.settings import Settings
from ui.errors import as_answer
from ui.server.given_files import example_file, given_text, uploaded_file
from ui.server.local_files import check_size, copied, local_file
from ui.server.upload_ledger import Ledger

SILENCE, LONGEST = 10.0, 120.0
"""Seconds without a byte, and in total, after which a download is aborted."""
MOST_REDIRECTS = 5
PIECE = 65_536
NAMED = "named by an address"
"""The owner of these files in the ledger."""


class NamedFiles:
    """Downloads them for a page.

    ledger: what all visitors have uploaded; these files are added to it.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._open = 0

    async def fetch(self, url: str, cache_dir: str) -> str:
        """Download the file of an http or https address into a new folder in `cache_dir`. Returns its path.

        An upload to this server that is named by its address or its path is used where it is, and a file of
        this machine only in the owner's folder for that. Raises gr.Error with a sentence, and then leaves no
        file behind.
        """
        given = given_text(url)
        if (uploaded := uploaded_file(url if given is None else given, Path(cache_dir))) is not None:
            return str(uploaded)
        folder = Path(cache_dir) / token_hex(16)
        try:
            here = example_file(url)
            if here is None and given is not None:
                here = await asyncio.to_thread(local_file, given, self._settings)
            with self._place():
                if here is not None:
                    path = await asyncio.to_thread(copied, here, folder, self._settings)
                    self._ledger.note(NAMED, path.stat().st_size)
                    return str(path)
                return str(await self._fetched(url, folder))
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, JoyStudioError):
                raise as_answer(error) from None
            raise

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Raises LineFull if too many downloads run, or too much has arrived within the hour."""
        if self._open >= self._settings.uploads_at_once:
            raise LineFull(
                "The server is fetching {count} files from other addresses, its limit. Try again in a "
                "minute, or upload the file.",
                count=self._open,
            )
        if why := self._ledger.refusal_of_all():
            raise LineFull(why)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _fetched(self, url: str, folder: Path) -> Path:
        size = 0
        try:
            async with asyncio.timeout(LONGEST), _answer(url) as answer:
                check_size(_number(answer.headers.get("content-length", "")), self._settings)
                path = folder / _name(url)
                folder.mkdir(parents=True)
                with path.open("wb") as file:
                    async for piece in answer.aiter_raw(PIECE):  # never decompressed: that has no limit
                        size += len(piece)
                        check_size(size, self._settings)
                        file.write(piece)
        except (TimeoutError, httpx.TimeoutException):
            raise _cannot(url, "it arrived too slowly") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _cannot(url, reason_of(error)) from None
        except OSError as error:
            raise OutputError(
                "The server has no room for the file ({reason}). Try again later.", reason=reason_of(error)
            ) from None
        finally:
            self._ledger.note(NAMED, size)
        return path


@asynccontextmanager
async def _answer(url: str) -> AsyncIterator[httpx.Response]:
    """The response whose body is the file, after at most a few redirects. Raises InputError and
    httpx.HTTPError.

    Each host is looked up once, and the request goes to the public address from that look-up.
    """
    asked = url
    for _ in range(MOST_REDIRECTS + 1):
        transport = safehttpx.AsyncSecureTransport(await _public_address(asked, url))
        async with (
            httpx.AsyncClient(transport=transport, timeout=SILENCE) as client,
            client.stream("GET", asked, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            if not answer.has_redirect_location:
                if answer.status_code != 200:
                    raise _cannot(url, f"its server answers with status {answer.status_code}")
                yield answer
                return
            asked = urljoin(asked, answer.headers["location"])
    raise _cannot(url, f"it has more than {MOST_REDIRECTS} redirects")


async def _public_address(asked: str, url: str) -> str:
    """The public address of a host. Private and unknown ones get the same refusal."""
    try:
        parts = urlsplit(asked)
        if parts.scheme in ("http", "https") and parts.hostname:
            address: str = await safehttpx.async_validate_url(parts.hostname)
            return address
    except ValueError:
        pass
    raise _cannot(url, "its host has no public address")


def _name(url: str) -> str:
    """The file's name, in characters that every file system accepts."""
    return strip_invalid_filename_characters(Path(urlsplit(url).path).name) or "file"


def _cannot(url: str, why: str) -> InputError:
    return InputError(
        'The file at "{url}" cannot be fetched: {why}. Check the address, or upload the file.',
        url=quoted(url),
        why=why,
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 20 else 0
