"""Reads the structure of an upload as it arrives, and gives the reason if it is refused."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from media.messages import said
from studio.settings import Settings

NO_FORM = "The upload is not a valid form with files (multipart/form-data). Send it as browsers do."


class UploadForm:
    """Counts the parts of a form and the bytes of each as they arrive.

    refusal: why the upload is refused, in a sentence; status: of the response.
    """

    def __init__(self, content_type: str, settings: Settings) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        self._settings, self._parts, self._size = settings, 0, 0
        self._name = bytearray()  # of the header that is arriving
        self._disposition = b""
        self._ended = False
        self.refusal, self.status = "", 413
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        self._parser: MultipartParser | None = None
        if boundary:
            with suppress(FormParserError):  # it is too long
                self._parser = MultipartParser(boundary, callbacks)
        if self._parser is None:
            self._refuse(NO_FORM)

    def take(self, data: bytes, *, last: bool) -> None:
        """Count what has arrived; nothing more is accepted after a refusal. last: whether this is the end."""
        if self._parser is None or self.refusal:
            return
        try:
            self._parser.write(data)
        except FormParserError:
            self._refuse(NO_FORM)
        if last and not self._ended:
            self._refuse("The upload ended before its last part was complete. Send it again.")

    def _refuse(self, why: str, status: int = 400) -> None:
        if not self.refusal:
            self.refusal, self.status = why, status

    def _begin(self) -> None:
        self._parts, self._size, self._disposition = self._parts + 1, 0, b""
        self._name.clear()
        if self._parts > self._settings.upload_files:
            self._refuse(
                said(
                    "One request may upload {most} files; this one has more. Send them in several requests.",
                    most=self._settings.upload_files,
                ),
                413,
            )

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition += data[start:end]

    def _header_end(self) -> None:
        self._name.clear()

    def _headers(self) -> None:
        # Gradio expects a file in every part, and fails on any other.
        if not parse_options_header(self._disposition)[1].get(b"filename"):
            self._refuse("A part of the upload has no file name. Send only files.")

    def _end(self) -> None:
        self._ended = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._size > self._settings.max_upload_mb * 1_000_000:
            self._refuse(too_large(self._size, self._settings), 413)


def too_large(size: int, settings: Settings) -> str:
    """The message for a file or a request of `size` bytes."""
    return said(
        "The upload has {size:.1f} MB or more; a file may have {most} MB. Send a smaller one.",
        size=size / 1e6,
        most=settings.max_upload_mb,
    )
