"""CDISC's own rules on an ADaM export: `PYTHON benchmarks/cdisc_core.py CHECKOUT DIR`.

PYTHON is that of an environment of its own (Python 3.12) with `cdisc-rules-engine`: the engine pins
other versions than this project, so nothing of the project is imported here. CHECKOUT is a checkout
of cdisc-org/cdisc-open-rules, of which the rules of ADaMIG are read; DIR is the folder of one study
that `atmp-rwe export cdisc` wrote (adsl.xpt, adtte.xpt, adqs.xpt). No key of the CDISC Library, no
network. Prints what each rule that is not passed says, and how many passed, reported, were skipped
(of variables or datasets that are not there) or could not be executed. Not here: what the results
mean (docs/guides/interoperability.md).
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import yaml
from cdisc_rules_engine.config import config
from cdisc_rules_engine.models import library_metadata_container as metadata
from cdisc_rules_engine.models.rule import Rule
from cdisc_rules_engine.models.sdtm_dataset_metadata import SDTMDatasetMetadata
from cdisc_rules_engine.rules_engine import RulesEngine
from cdisc_rules_engine.services import logger
from cdisc_rules_engine.services.cache import InMemoryCacheService

#: Where CDISC keeps drafts, and the one published rule of ADaM (ADSL is there).
DRAFTS, PUBLISHED = "Unpublished/ADAMIG/*/rule.yml", "Published/CORE-000560/rule.yml"
STANDARD, VERSION = "adamig", "1.3"
#: What the engine says of a dataset, the worst first: a rule is what its worst dataset is.
WORST = ("execution error", "issue reported", "success", "skipped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    logger.disabled = True
    engine = _engine(sorted(options.folder.glob("*.xpt")))
    counts: Counter[str] = Counter()
    for path in sorted([*options.checkout.glob(DRAFTS), *options.checkout.glob(PUBLISHED)]):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not _is_of_the_standard(written):
            continue
        name = path.parent.name
        verdict, said = _run(engine, written)
        counts[verdict] += 1
        for line in said:
            print(f"{verdict:15} {name}: {line}")
    print()
    for verdict in WORST:
        print(f"{verdict:15} {counts[verdict]:4}")
    print(f"{'all':15} {sum(counts.values()):4}")


def _engine(datasets: list[Path]) -> RulesEngine:
    """The engine on these files, without the metadata that the CDISC Library has behind a key."""
    # The engine (0.17.1) looks for the columns of an ADaM dataset where it does not keep them.
    SDTMDatasetMetadata.data = property(_columns)
    return RulesEngine(
        cache=InMemoryCacheService(),
        config_obj=config,
        standard=STANDARD,
        standard_version=VERSION,
        library_metadata=metadata.LibraryMetadataContainer(),
        dataset_paths=[str(path) for path in datasets],
        max_dataset_size=max(path.stat().st_size for path in datasets),
        ct_packages=[],
    )


def _columns(dataset: SDTMDatasetMetadata) -> pd.DataFrame:
    """No row, and the columns of a transport file."""
    _, about = pyreadstat.read_xport(str(dataset.full_path), metadataonly=True)
    return pd.DataFrame(columns=about.column_names)


def _is_of_the_standard(written: dict[str, Any]) -> bool:
    """Whether a rule is one of ADaMIG 1.3; older versions repeat most of them."""
    return any(
        str(standard.get("Name", "")).upper() == "ADAMIG"
        and str(standard.get("Version")) == VERSION
        for authority in written.get("Authorities", [])
        for standard in authority.get("Standards", [])
    )


def _run(engine: RulesEngine, written: dict[str, Any]) -> tuple[str, list[str]]:
    """What became of a rule, and a line for each dataset that it did not pass."""
    try:
        found = engine.validate_single_rule(Rule.from_cdisc_metadata(written))
    except Exception as error:  # whatever the engine raises is a finding here
        return "execution error", [f"{type(error).__name__} {str(error)[:120]}"]
    by_dataset = {name: results for name, results in found.items() if results}
    verdicts, said = [], []
    for dataset, results in by_dataset.items():
        for result in results:
            status = str(result.get("executionStatus", "execution error")).lower()
            if status == "success" and result.get("errors"):
                status = "issue reported"
            verdicts.append(status)
            if status in ("issue reported", "execution error"):
                said.append(f"{dataset}: {result.get('message')}")
    return next((verdict for verdict in WORST if verdict in verdicts), "skipped"), said


if __name__ == "__main__":
    main()
