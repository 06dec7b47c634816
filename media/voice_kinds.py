"""The only list of file kinds that are accepted as a voice.

The page, the command line, the API and the documentation use it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VoiceKind:
    """One file kind. suffixes: without the dot, the usual one first. video: whether it may contain frames."""

    name: str
    suffixes: tuple[str, ...]
    video: bool = False


KINDS = (
    VoiceKind("WAV, also RF64, BW64 and Wave64", ("wav", "wave", "rf64", "bw64", "w64")),
    VoiceKind("MP3", ("mp3", "mp2", "mpga")),
    VoiceKind("M4A and AAC", ("m4a", "m4b", "m4r", "aac", "adts")),
    VoiceKind("FLAC", ("flac",)),
    VoiceKind("Ogg with Opus, Vorbis, Speex or FLAC", ("ogg", "oga", "opus", "spx")),
    VoiceKind("WebM audio", ("weba",)),
    VoiceKind("Matroska audio", ("mka",)),
    VoiceKind("AIFF", ("aiff", "aif", "aifc")),
    VoiceKind("Core Audio", ("caf",)),
    VoiceKind("AMR, as phones record it", ("amr", "awb")),
    VoiceKind("Windows Media Audio", ("wma",)),
    VoiceKind("Sun and NeXT audio", ("au", "snd")),
    VoiceKind("Dolby Digital", ("ac3", "eac3", "ec3")),
    VoiceKind("DTS", ("dts",)),
    VoiceKind("Monkey's Audio, WavPack, TTA, TAK and Musepack", ("ape", "wv", "tta", "tak", "mpc")),
    VoiceKind("RealAudio", ("ra", "rm", "ram"), video=True),
    VoiceKind("DSD (DSF and DSDIFF)", ("dsf", "dff")),
    VoiceKind("Creative Voice and SoX", ("voc", "sox")),
    VoiceKind("MP4", ("mp4", "m4v"), video=True),
    VoiceKind("QuickTime", ("mov", "qt"), video=True),
    VoiceKind("WebM", ("webm",), video=True),
    VoiceKind("Matroska", ("mkv",), video=True),
    VoiceKind("AVI", ("avi",), video=True),
    VoiceKind("MPEG transport and program streams", ("ts", "mts", "m2ts", "mpg", "mpeg", "vob"), video=True),
    VoiceKind("3GP", ("3gp", "3g2", "3gpp"), video=True),
    VoiceKind("Windows Media Video", ("wmv", "asf"), video=True),
    VoiceKind("Flash Video", ("flv", "f4v"), video=True),
    VoiceKind("Ogg video", ("ogv",), video=True),
)
"""The supported kinds. A file's content decides its kind; the suffixes are for file pickers."""

SUFFIXES = tuple(suffix for kind in KINDS for suffix in kind.suffixes)
