"""The page: one self-contained HTML document about a release.

Belongs here: what surrounds the studies (release, deliveries, checks, methods, traceability) and
the rendering. Does not: what a study's section holds (section.py).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from analyses.report import formatting as fmt
from analyses.report.cohort_tables import status_of
from analyses.report.context import StudyContext, as_mapping
from analyses.report.methods import methods_of, reference_files
from analyses.report.section import section
from analyses.report.tables import Table, records

_CHECKS = {
    "fail": "Checks that did not pass",
    "warn": "Checks that warned",
    "pass": "Checks that passed",
}


def render(
    studies: Sequence[object],
    results: Mapping[str, pd.DataFrame],
    manifest: Mapping[str, Any],
    checks: pd.DataFrame,
) -> str:
    """The report as one HTML page that loads nothing from anywhere.

    `studies`: study objects (anything with `model_dump`) or mappings, in the order of the page.
    `results`: released table name -> frame with the columns of `analyses.results.RESULT_TABLES`;
    a table that is missing or empty leaves its part out. `manifest`: release_id, profile,
    synthetic, git_revision, packages, as_of, created_at, deliveries, rejected, studies, checks,
    suppression; absent keys are shown as unknown. `checks`: layer, table, check, severity, status,
    n_rows, n_unexpected, share_unexpected, reason.

    The same input gives the same bytes. Every text from outside is escaped. Only aggregates are
    read: there is no patient-level table among the results.
    """
    ticks = str(manifest.get("profile") or "internal") == "internal"
    known = dict(results)
    contexts = [StudyContext(as_mapping(s), known, ticks) for s in studies]
    sections = [section(context) for context in contexts]
    environment = _environment()
    script = _file("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        manifest=manifest,
        sections=sections,
        deliveries=_deliveries(manifest),
        rejected=_rejected(manifest),
        failed=_checks(checks, "fail"),
        warned=_checks(checks, "warn"),
        passed=_checks(checks, "pass"),
        counts=_counts(manifest, checks),
        packages=_pairs(manifest.get("packages")),
        suppression=_pairs(manifest.get("suppression")),
        study_files=_study_files(manifest),
        methods=[methods_of(context, manifest) for context in contexts],
        style=Markup(_file("style.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_digest=digest,
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("analyses.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.filters["count"] = fmt.count
    return environment


def _printable(value: Any) -> Any:
    """Texts from outside without control characters, which no browser can show."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(c for c in value if c.isprintable() or c in "\n\t\u202f")
    return value


def _file(name: str) -> str:
    environment = jinja2.PackageLoader("analyses.report")
    source, _, _ = environment.get_source(jinja2.Environment(autoescape=True), name)
    return source


def _pairs(value: object) -> list[tuple[str, str]]:
    """A mapping as sorted pairs of texts; any other value as one pair."""
    if isinstance(value, Mapping):
        return [(str(k), str(v)) for k, v in sorted(value.items())]
    return [] if value is None else [("policy", str(value))]


def _deliveries(manifest: Mapping[str, Any]) -> Table:
    rows = []
    marks = {}
    for number, d in enumerate(manifest.get("deliveries") or ()):
        read, loaded, kept = (d.get(k) for k in ("read", "loaded", "quarantined"))
        adds_up = (
            fmt.NONE
            if any(fmt.missing(v) for v in (read, loaded, kept))
            else ("yes" if read == loaded + kept + (d.get("erased") or 0) else "no")
        )
        names = (str(d.get("source", "")), str(d.get("delivery", "")), str(d.get("sha8", "")))
        counts = (fmt.count(read), fmt.count(loaded), fmt.count(kept))
        rows.append((*names, str(d.get("status", "")), *counts, adds_up))
        if adds_up == "no":
            marks[number] = "fail"
    headers = (
        *("Source", "Delivery", "SHA-256", "Status"),
        *("Rows read", "Loaded", "Quarantined", "Read = loaded + quarantined"),
    )
    public = str(manifest.get("profile") or "internal") == "public"
    notes = ("Rows are withheld in a public release.",) if public else ()
    return Table("Deliveries of this release", headers, tuple(rows), 4, notes, marks)


def _rejected(manifest: Mapping[str, Any]) -> list[str]:
    """A sentence per rejected delivery: its reason, or what its contract found wrong."""
    sentences = []
    for item in manifest.get("rejected") or ():
        if not isinstance(item, Mapping):
            sentences.append(str(item))
            continue
        name = f"{item.get('source', '')} {item.get('delivery', '')}".strip()
        errors = [
            str(finding.get("message"))
            for finding in item.get("findings") or ()
            if finding.get("severity") == "ERROR"
        ]
        why = item.get("reason") or "; ".join(errors) or "it breaks its contract"
        sentences.append(f"{name}: {why}".rstrip("."))
    return sentences


def _counts(manifest: Mapping[str, Any], checks: pd.DataFrame) -> dict[str, int]:
    """Checks passed, warned and failed: as the manifest says, else counted."""
    given = manifest.get("checks")
    if isinstance(given, Mapping):
        return {k: int(given.get(k) or 0) for k in ("passed", "warned", "failed")}
    words = [_mark(r) for r in records(checks)]
    names = (("passed", "pass"), ("warned", "warn"), ("failed", "fail"))
    return {name: words.count(word) for name, word in names}


def _mark(check: Mapping[str, Any]) -> str:
    """fail: an ERROR check that did not pass; warn: any other that did not."""
    if status_of(check.get("status")) == "pass":
        return "pass"
    blocking = str(check.get("severity")).upper() == "ERROR"
    return "fail" if blocking and status_of(check.get("status")) == "fail" else "warn"


def _checks(checks: pd.DataFrame, wanted: str) -> Table:
    found = [(_mark(r), r) for r in records(checks)] if not checks.empty else []
    found = [pair for pair in found if pair[0] == wanted]
    rows = []
    for mark, r in found:
        share = fmt.percent(r.get("share_unexpected"), 1, null=fmt.NONE)
        texts = (mark, f"{r.get('layer')}.{r.get('table')}", str(r.get("check")))
        reason = "" if fmt.missing(r.get("reason")) else str(r.get("reason"))
        if reason == texts[2]:  # a test of dbt that nobody described
            reason = ""
        counts = (fmt.count(r.get("n_unexpected")), fmt.count(r.get("n_rows")), share)
        rows.append((*texts, str(r.get("severity")), reason, *counts))
    headers = (
        *("Status", "Table", "Check", "Severity", "Why it is expected"),
        *("Unexpected", "Rows", "%"),
    )
    marks = {number: mark for number, (mark, _) in enumerate(found)}
    return Table(_CHECKS[wanted], headers, tuple(rows), 5, (), marks)


def _study_files(manifest: Mapping[str, Any]) -> Table:
    studies = manifest.get("studies") or ()
    rows = [
        tuple(str(s.get(key, "")) for key in ("id", "title", "file", "sha256")) for s in studies
    ]
    rows += [
        (study, f"Reference rates: {file.get('key')}", str(file.get("file")), str(file["sha256"]))
        for study, file in reference_files(manifest)
    ]
    rows.sort(key=lambda row: row[0])
    return Table("Study files", ("Study", "Title", "File", "SHA-256"), tuple(rows), 4)
