"""The Chromium that the tests and the pictures drive: the headless shell, where there is one.

A whole Chromium without a screen still opens windows with menus and address bars of their own, and now and
then never answers when a context beside others is closed; the shell has pages only (and is what Playwright
itself takes).
"""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str:
    """GRIDMAP_CHROMIUM, else the first of NAMES on the path; LookupError where there is none."""
    found = os.environ.get("GRIDMAP_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise LookupError(f"GRIDMAP_CHROMIUM is not set and none of {', '.join(NAMES)} is on the path")
    return found
