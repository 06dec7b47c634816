"""What the tab Live says. Its script chooses among these texts, which the page holds in both languages."""

from __future__ import annotations

STATES = {
    "idle": "Choose a portrait and tick the consent box, then press Start.",
    "ready": "Ready: press Start.",
    "unvoiced": "Add a voice to the page, or choose another source of the voice, then press Start.",
    "unspoken": "Press Listen to have your text spoken, then press Start.",
    "checking": "Checking the portrait",
    "asking": "Allow this page to use the microphone.",
    "reading": "Reading the voice",
    "connecting": "Connecting",
    "live": "Live: speak, and the portrait speaks along.",
    "speaking": "Live: the portrait speaks the voice.",
    "finished": "The voice is over. The portrait goes on moving until you press Stop.",
    "muted": "Live, but the microphone is muted.",
    "slow": "No pictures are arriving; the page waits for the network.",
    "reconnecting": "The connection was lost. The page connects again.",
    "ended": "The live session has ended.",
}
"""What the session does at the moment."""

PROBLEMS = {
    "denied": (
        "The browser does not let this page use the microphone. Allow it beside the page's address, then "
        "press Start."
    ),
    "no-microphone": ("The browser found no microphone. Connect one, or choose another source of the voice."),
    "microphone-busy": (
        "The microphone cannot be opened. Close other programs that use it, then press Start."
    ),
    "insecure": (
        "Browsers let a page use the microphone only over https, or on the machine itself. Choose another "
        "source of the voice, or ask the owner of the page for an https address."
    ),
    "unconsented": (
        "You have withdrawn your consent, which has ended the live session. Tick the box, then press Start."
    ),
    "unplugged": "The microphone was disconnected. Connect it, then press Start.",
    "unreadable-voice": (
        "The browser cannot decode this voice. Upload it as WAV, MP3 or FLAC, then press Start."
    ),
    "lost": "The connection to the server is lost. Press Start when the network is back.",
    "stopping": "The server is stopping, which has ended the session. Press Start in a minute.",
    "no-answer": "The server does not answer. Check the network, then press Start.",
}
"""Why a session ended, or did not begin."""

DONE = {
    "recorded": "The recording is in the gallery.",
    "finishing": "The recording is being finished. It will be in the gallery in a moment.",
    "recording-left": "The recording is in the gallery, unless the server could not write it.",
    "recording-cut": (
        "The connection was lost, which ended the recording. To record what follows, press Record."
    ),
    "later": "From the next start on:",
    "later-portrait": "Portrait",
    "later-source": "Source of the voice",
    "later-engine": "Engine",
    "later-look-ahead": "Look-ahead",
    "loaded-again": "The page was loaded again, and the live session has ended.",
}
"""What was kept, and what was not."""

BUTTONS = {
    "start": "Start",
    "stop": "Stop",
    "mute": "Mute",
    "unmute": "Unmute",
    "record": "Record",
    "stop-recording": "Stop recording",
    "download": "Download",
}
"""The labels of buttons that change."""

HEADPHONES = (
    "You hear your voice a moment late, together with the lips that speak it. Use headphones, so that the "
    "microphone does not hear it again."
)
MARKED = "The pictures are AI-generated, and say so in a corner. Tell those who see them, too."
UNMARKED = "The pictures are AI-generated. Tell those who see them."
