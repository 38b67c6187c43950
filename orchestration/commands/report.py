"""``atmp-rwe report``: where the current report is, and opening it."""

from __future__ import annotations

import argparse
import webbrowser

from orchestration.commands.query import database
from orchestration.settings import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    page = database(settings).parent.resolve() / "report" / "index.html"
    print(page)
    if options.open:
        webbrowser.open(page.as_uri())
    return 0
