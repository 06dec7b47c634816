"""The link to log out; only visitors who have logged in see it."""

from __future__ import annotations

from ui.i18n import say

HEAD = """<script>
if (window.gradio_config?.username) document.documentElement.classList.add("logged-in");
</script>
<style>
  .log-out { display: none; }
  .logged-in .log-out { display: inline; }
</style>"""
"""For the page's head; Gradio tells a page the name of its login."""


def log_out_html() -> str:
    """The link. Gradio ends every login of the name, in other browsers as well."""
    return f'<a class="log-out" href="logout">{say("Log out")}</a>'
