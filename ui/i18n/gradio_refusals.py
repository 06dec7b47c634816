"""What the page says in place of Gradio's own refusals, which are English and name no next step.

Gradio writes them in the browser, so `language.js` finds them there by these patterns.
"""

from __future__ import annotations

import json

from media.messages import said
from ui.i18n.catalogue import chinese

FIRST, SECOND = "{0}", "{1}"
"""Where the browser puts the groups of a pattern."""
REFUSALS = (
    (
        "^Connection to the server was lost",
        said(
            "The connection to the server was lost. This page connects again by itself, and your jobs "
            "continue."
        ),
    ),
    (
        "^Connection errored out",
        said("The server does not answer. Check your connection, and try again."),
    ),
    ("^This application is currently busy", said("The server is busy. Try again in a minute.")),
    ("^Error uploading file", said("The file did not arrive. Choose it again.")),
    ("^Waiting for file", said("A file is still on its way. Try again when it is here.")),
    ("^(An error occurred|Error)[.]?$", said("Something went wrong in the program. Try again.")),
    (
        "^Invalid file types?: (.*)[.] Only (.*) allowed[.]$",
        said(
            "{files} cannot be used here. Choose a file of these types: {types}.", files=FIRST, types=SECOND
        ),
    ),
    (
        "^File[(]s[)] exceed the maximum allowed size of (.*?): (.*)$",
        said("{files} is too large: a file may have {most}. Choose a smaller one.", files=SECOND, most=FIRST),
    ),
)
"""Patterns of Gradio's texts, as JavaScript reads them, and ours."""


def refusals_json() -> str:
    """The patterns with our text in both languages, for a script in the page's head."""
    rows = [[pattern, str(text), chinese(text) or str(text)] for pattern, text in REFUSALS]
    return json.dumps(rows, ensure_ascii=False).replace("</", "<\\/")
