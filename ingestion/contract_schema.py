"""Prints the JSON Schema of a contract: ``python -m ingestion.contract_schema``.

docs/contract.schema.json is this text; a test holds the two equal. Editors use it; what a contract
must be is checked by the models themselves, which know more than a schema can say.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ingestion.contracts import Contract


def json_schema() -> dict[str, Any]:
    """The schema, with the keys as they are written in a file."""
    schema = Contract.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Contract of a source"
    return schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
