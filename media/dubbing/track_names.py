"""The title and the language of a sound or subtitle track, as files of different kinds keep them.

Matroska has both as texts. MP4 has a language of three letters (ISO 639-2), and no field for a title that all
players read: FFmpeg and mpv read the user data `name`, VLC, QuickTime and MediaInfo the name of the handler.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_USUAL_HANDLER = re.compile(
    r"(sound|audio|subtitle|text|video|media|data|stereo|mono|timed) ?(handler|media|track)?|.*handler.*"
    r"|core media .*|.*mainconcept.*|iso media file.*|.*gpac.*|apple .*|vide|soun|sbtl|\W*",
    re.IGNORECASE | re.DOTALL,
)
"""Names that programs give to every handler."""
_CODES = (
    "af:afr am:amh ar:ara as:asm az:aze be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat cs:ces cy:cym "
    "da:dan de:deu el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas fi:fin fr:fra fy:fry ga:gle gd:gla "
    "gl:glg gu:guj ha:hau he:heb hi:hin hr:hrv ht:hat hu:hun hy:hye id:ind ig:ibo is:isl it:ita ja:jpn "
    "jv:jav ka:kat kk:kaz km:khm kn:kan ko:kor ku:kur ky:kir la:lat lb:ltz lo:lao lt:lit lv:lav mg:mlg "
    "mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya nb:nob ne:nep nl:nld nn:nno no:nor om:orm "
    "or:ori pa:pan pl:pol ps:pus pt:por qu:que ro:ron ru:rus rw:kin sa:san sd:snd si:sin sk:slk sl:slv "
    "sn:sna so:som sq:sqi sr:srp st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk "
    "tl:tgl tr:tur tt:tat ug:uig uk:ukr ur:urd uz:uzb vi:vie wo:wol xh:xho yi:yid yo:yor zh:zho zu:zul"
)
_LETTERS = dict(pair.split(":") for pair in _CODES.split())
"""Codes of two letters (ISO 639-1), and those of three (ISO 639-2/T)."""


def track_title(metadata: Mapping[str, str]) -> str:
    """The title of a track by its metadata; "" if it has none."""
    for name in ("title", "name"):
        if metadata.get(name):
            return metadata[name]
    handler = metadata.get("handler_name", "").strip()
    return "" if _USUAL_HANDLER.fullmatch(handler) else handler


def track_metadata(container: str, language: str, title: str) -> dict[str, str]:
    """The metadata for FFmpeg that keeps a track's language and title. container: FFmpeg's name of it."""
    if container == "matroska":
        found = {"language": language, "title": title}
    else:
        found = {"language": three_letters(language), "title": title, "handler_name": title}
    return {name: text for name, text in found.items() if text}


def three_letters(language: str) -> str:
    """The code of three letters of a language such as `fra`, `fr` or `fr-CA`; "" for another text."""
    first = language.lower().split("-")[0].split("_")[0]
    return first if re.fullmatch("[a-z]{3}", first) else _LETTERS.get(first, "")


def loses(container: str, language: str) -> bool:
    """Whether a file of this kind cannot hold the language at all."""
    return bool(language) and container != "matroska" and not three_letters(language)
