"""
The browser of this machine, if it has one.
"""

from __future__ import annotations

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_BROWSER = "there is no browser: install chromium"
OPTIONS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")
