"""Colours, type, and the little CSS and script that the page needs; everything comes from this machine."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from studio.comparison.assets import players_style

ASSETS = Path(__file__).resolve().parent / "assets"

STYLE_SHEETS = tuple(f"{part}.css" for part in "page takes tabs compare inputs cards live phone".split())
"""In order: later rules win."""

SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Noto Sans CJK SC", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

NARROW_FOOTER = "@media (max-width: 700px) { footer .divider { display: none !important; } }"
"""On a narrow screen, the footer shows one of two links, and needs no dot between them."""
TOASTS = """
.toast-wrap { top: auto !important; bottom: 12px; display: flex; flex-direction: column-reverse; gap: 8px; }
"""
"""Messages are at the bottom, where they cover neither the tabs nor the inputs that they are about."""
PHONE = """
@media (max-width: 700px) {
  .toast-wrap { bottom: calc(112px + env(safe-area-inset-bottom)); }
  html { scroll-padding-bottom: calc(112px + env(safe-area-inset-bottom)); }
}
"""
"""On a phone, the bars at the bottom cover neither messages nor what has the focus."""


def theme() -> gr.themes.Base:
    """A calm theme with the fonts of the visitor's own system."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        font=SANS,
        font_mono=MONO,
        radius_size=gr.themes.sizes.radius_md,
        spacing_size=gr.themes.sizes.spacing_md,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        block_info_text_color="*neutral_500",
        block_info_text_color_dark="*neutral_400",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_300",
        block_title_text_color="*neutral_800",
        block_title_text_color_dark="*neutral_100",
        block_label_text_weight="500",
        block_title_text_weight="600",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_800",
        button_primary_text_color="white",
        button_primary_text_color_dark="white",
        slider_color="*primary_600",
        slider_color_dark="*primary_500",
    )


def head_style() -> str:
    """Rules for elements outside the one to which Gradio limits the style sheet; for the page's head."""
    return f"<style>{NARROW_FOOTER}{TOASTS}{PHONE}</style>"


def style_sheet() -> str:
    """The page's CSS, with that of the players, which a comparison's own page also has."""
    # As plain texts: what is added to HTML would be escaped, and with it every ">" and quote of the rules.
    rules = (script(name) for name in STYLE_SHEETS)
    return "".join(rules) + str(players_style())


def script(name: str) -> str:
    """A script or style sheet of the page, by file name in ui/assets."""
    return (ASSETS / name).read_text(encoding="utf-8")
