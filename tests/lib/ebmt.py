"""The EBMT example as tests use it: its script as a module, its wheel downloaded once a session."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "ebmt"


def prepare_module() -> ModuleType:
    """`examples/ebmt/prepare.py`, imported from its file."""
    path = ROOT / "examples" / "ebmt" / "prepare.py"
    spec = importlib.util.spec_from_file_location("ebmt_prepare", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
