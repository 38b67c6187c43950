"""The command line: ``atmp-rwe [--home DIR] VERB``.

Only parsing and exit codes belong here; each verb is a module of ``orchestration.commands``,
imported when it is called, so that a run with nothing to do stays quick.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path

from orchestration.failures import explain
from orchestration.settings import Settings, umask_of

#: What `figure` draws; kept here so that parsing imports nothing.
FIGURES = (
    "survival", "log_log", "incidence", "incidence_stacked", "states", "extrapolation",
    "hazard", "mean_count", "forest", "subgroups", "swimmer",
    "quality_of_life", "quality_of_life_estimands", "quality_of_life_change",
    "quality_of_life_scales", "quality_of_life_heat_map", "quality_adjusted",
)  # fmt: skip
DONE, FAILED, USAGE, REJECTED = 0, 1, 2, 3


class UsageError(Exception):
    """The command was called in a way that cannot work."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns 0 done, 1 failed, 2 usage, 3 released with a rejected delivery."""
    options = parser().parse_args(arguments)
    if threading.current_thread() is threading.main_thread():
        # A service manager ends a run as a person does with Ctrl-C: with a sentence.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(options)
    except UsageError as error:
        print(f"atmp-rwe: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print(
            "\natmp-rwe: stopped. The current release and all deliveries are unchanged.",
            file=sys.stderr,
        )
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if options.traceback:
            traceback.print_exc()
        print(f"atmp-rwe: {explain(error)}", file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="atmp-rwe",
        description="Registry deliveries in, survival and quality-of-life curves out.",
    )
    top.add_argument("--home", type=Path, help="data directory (default: ATMP_RWE_HOME or ./data)")
    top.add_argument("--traceback", action="store_true", help="show the traceback of an error")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    simulate = verbs.add_parser("simulate", help="write synthetic deliveries and their truth")
    simulate.add_argument("--patients", type=_positive, required=True, metavar="N")
    simulate.add_argument("--seed", type=int, required=True, metavar="S")
    simulate.add_argument("--deliveries", type=_positive, default=2, metavar="K")

    validate = verbs.add_parser("validate", help="check deliveries without loading them")
    validate.add_argument("folder", nargs="?", type=Path, metavar="DIR")

    run = verbs.add_parser("run", help="load, check, harmonise, evaluate, release")
    run.add_argument("--study", type=Path, action="append", metavar="FILE", dest="studies")
    run.add_argument("--as-of", type=_date, metavar="DATE", help="deliveries dated up to then")
    run.add_argument("--like", metavar="RELEASE_ID", help="exactly a past release's deliveries")

    verbs.add_parser("status", help="deliveries, last run, checks and releases at a glance")

    query = verbs.add_parser("query", help="read-only SQL on the current release")
    query.add_argument("sql", metavar="SQL")
    query.add_argument("--format", choices=("table", "csv", "json"), default="table")
    verbs.add_parser("sql", help="a read-only SQL shell on the current release")

    report = verbs.add_parser("report", help="where the current report is")
    report.add_argument("--open", action="store_true", help="open it in the browser")

    figure = verbs.add_parser("figure", help="a figure of the current release as a file")
    figure.add_argument("study", metavar="STUDY", help="id of the study")
    figure.add_argument("kind", choices=FIGURES, metavar="KIND", help=", ".join(FIGURES))
    figure.add_argument(
        "--endpoint",
        metavar="E",
        help="default: the first one of the table; <instrument>[:<scale>] of quality of life",
    )
    figure.add_argument("--to", type=Path, required=True, metavar="FILE.{svg,png,pdf}")
    figure.add_argument(
        "--patient-level", action="store_true", help="needed for a swimmer plot: it shows people"
    )

    serve = verbs.add_parser("serve", help="the Dagster UI on loopback")
    serve.add_argument("--port", type=_positive, default=3000)

    contract = verbs.add_parser("contract", help="draft a contract from a sample delivery")
    init = contract.add_subparsers(dest="action", required=True).add_parser("init")
    init.add_argument("files", nargs="+", type=Path, metavar="FILE")

    forget = verbs.add_parser("forget", help="take a person out of everything built from now on")
    forget.add_argument("pseudonym", type=_pseudonym, metavar="PSEUDONYM")
    forget.add_argument("--mode", choices=("exclude", "erase"), required=True)

    key = verbs.add_parser("key", help="the pseudonym key: its fingerprint, its rotation")
    actions = key.add_subparsers(dest="action", required=True)
    actions.add_parser("status", help="which key this is, and whether the home follows it")
    actions.add_parser("rotate", help="new pseudonyms for all that is stored")

    export = verbs.add_parser("export", help="a release as OMOP CDM or CDISC ADaM")
    models = export.add_subparsers(dest="model", required=True, metavar="omop|cdisc")
    omop = models.add_parser("omop", help="OMOP CDM 5.4, one file a table")
    omop.add_argument("--vocabulary", type=Path, metavar="DIR", help="a folder of Athena files")
    omop.add_argument("--format", choices=("parquet", "duckdb"), default="parquet")
    cdisc = models.add_parser("cdisc", help="ADSL, ADTTE and ADQS of each study")
    cdisc.add_argument("--study", metavar="ID", help="one study (default: all of the release)")
    for model in (omop, cdisc):
        model.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new folder")
        model.add_argument("--release", metavar="ID", help="a past release (default: current)")
    return top


def _run(options: argparse.Namespace) -> int:
    before = os.umask(umask_of(os.environ))
    try:
        return _command(options)
    finally:
        os.umask(before)


def _command(options: argparse.Namespace) -> int:
    studies = getattr(options, "studies", None)
    for path in studies or ():
        if not path.is_file():
            raise UsageError(f"--study {path}: there is no such file.")
    settings = Settings.from_environment(
        os.environ,
        home=options.home,
        studies=tuple(path.resolve() for path in studies) if studies else None,
    )
    command = import_module(f"orchestration.commands.{options.verb}")
    return int(command.run(settings, options))


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive whole number")
    return number


def _pseudonym(value: str) -> str:
    # What was typed may be a patient's own number: it is not repeated.
    if not re.fullmatch("[0-9a-f]{32}", value.lower()):
        raise argparse.ArgumentTypeError(
            "a pseudonym is 32 hexadecimal digits, as in marts.patient"
        )
    return value.lower()


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date like 2026-06-30") from None


if __name__ == "__main__":
    sys.exit(main())
