"""``atmp-rwe contract init``: a draft contract from sample files, on standard output."""

from __future__ import annotations

import argparse

from orchestration.settings import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    import ingestion

    print(ingestion.draft_contract(options.files))
    return 0
