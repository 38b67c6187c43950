"""Prints the JSON Schema of a study file: ``python -m analyses.studies.schema``.

docs/study.schema.json is this text; a test holds the two equal.
"""

from __future__ import annotations

import json
import sys

from analyses.studies import json_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
