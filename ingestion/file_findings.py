"""Findings on delivered files: what was counted of their rows, and names that must not be shown.

Sentences only; nothing is counted or judged here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath

from ingestion.checking import Tally
from ingestion.errors import UnreadableFileError
from ingestion.readers import Note
from ingestion.records import Finding, Severity
from ingestion.tables import Table

_QUARANTINED = "quarantined"
_SNIFFED = "not declared, sniffed: "


def of_notes(notes: Iterable[Note], severity: Severity, table: str, file: str) -> Iterator[Finding]:
    """What a reader found out about a file."""
    for note in notes:
        message = f"{file}: {note.message}"
        yield Finding(
            severity=severity, rule=note.rule, message=message, file=file, table=table,
            count=note.count,
        )  # fmt: skip


def add_sniffed(findings: list[Finding], what: str, table: str, file: str) -> None:
    """Say what was found out about how a file is written, where the same is said of it already."""
    for place, finding in enumerate(findings):
        if finding.rule == "sniffed" and finding.file == file and _SNIFFED in finding.message:
            message = f"{finding.message}, {what}"
            findings[place] = finding.model_copy(update={"message": message})
            return
    findings += of_notes([Note("sniffed", f"{_SNIFFED}{what}")], "INFO", table, file)


def of_tally(tally: Tally, table: str, file: str) -> Iterator[Finding]:
    """What was refused of a file, by rule, column and reason, and codes that are in no list."""
    for key in sorted(tally.reasons, key=str):
        rule, column, reason = key
        count, first = tally.reasons[key], tally.first[key]
        rows = "1 row" if count == 1 else f"{count} rows"
        about = f"{column} {reason}" if column else reason
        message = f"{rows} {_QUARANTINED}: {about} (first: row {first})"
        yield Finding(
            severity="WARN", rule=rule, table=table, column=column, file=file, row=first,
            count=count, message=message,
        )  # fmt: skip
    for name, count in sorted(tally.errors.items()):
        cells = "1 cell holds" if count == 1 else f"{count} cells hold"
        message = f"{name}: {cells} an error of a spreadsheet (#N/A, #REF!); have it mended there"
        yield Finding(
            severity="WARN", rule="error_cell", table=table, column=name, file=file, count=count,
            message=message,
        )  # fmt: skip
    for name, count in sorted(tally.unlisted.items()):
        if count:
            cells = "1 cell is" if count == 1 else f"{count} cells are"
            message = f"{name}: {cells} none of the codes in the contract; loaded as it is"
            yield Finding(
                severity="WARN", rule="code_unlisted", table=table, column=name, file=file,
                count=count, message=message,
            )  # fmt: skip


def of_refused(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings on a rejected delivery, which has no quarantine."""
    for finding in findings:
        message = finding.message.replace(f" {_QUARANTINED}: ", " refused: ", 1)
        yield finding.model_copy(update={"message": message})


def gone_columns(table: Table, before: Collection[str], now: Collection[str]) -> Iterator[Finding]:
    """A finding for each optional column that the delivery before had, of tables whose optional
    columns are usually absent: of other tables, every absent one is told anyhow."""
    for column in table.columns if table.quiet_optional else ():
        if not column.required and column.name in before and column.name not in now:
            message = (
                f"optional column {column.header} is missing, which the delivery before had; ask "
                "whether it was left out on purpose"
            )
            yield Finding(
                severity="WARN", rule="column_missing", table=table.name, column=column.name,
                message=message,
            )  # fmt: skip


def of_a_day_to_come(day: date) -> Iterator[Finding]:
    """A finding on a delivery that bears a date in the future."""
    if day > datetime.now(UTC).date() + timedelta(days=1):
        message = (
            f"the delivery is dated {day.isoformat()}, which is to come: it would be the newest "
            "and the cut-off until then; rename its folder"
        )
        yield Finding(severity="WARN", rule="future_date", message=message)


def remedy(dates: Mapping[str, int], refused: int, declared: str | None) -> str:
    """What to do about many refused rows: one format of dates may be the whole reason.

    dates: format -> refused dates written so, of `refused`; declared: the format of the contract.
    """
    fits = next((name for name, n in dates.items() if refused and n == refused), None)
    if fits and not declared:
        return f'declare how dates are written, `csv: {{date_format: "{fits}"}}`'
    return "have the delivery corrected, or raise `reject_above`"


def hidden_names(names: Mapping[str, str]) -> Iterator[Finding]:
    """A finding for each file whose name is not shown as it is."""
    for name, kept in names.items():
        if name != kept:
            message = (
                f"{kept}: its name holds what looks like an identifier of a person, which is "
                "hidden here; have such files named otherwise"
            )
            yield Finding(severity="WARN", rule="file_name_hidden", file=kept, message=message)


def shown(findings: Iterable[Finding], names: Mapping[str, str]) -> Iterator[Finding]:
    """The findings with file names as they may be shown."""
    changed = {name: kept for name, kept in names.items() if name != kept}
    for finding in findings:
        message = finding.message
        for name, kept in changed.items():
            message = message.replace(name, kept)
            message = message.replace(PurePosixPath(name).name, PurePosixPath(kept).name)
        file = changed.get(finding.file or "", finding.file)
        yield finding.model_copy(update={"message": message, "file": file})


def undescribed(name: str, error: Exception) -> UnreadableFileError:
    """What a library says of a value may quote it: only the kind of its complaint is kept."""
    return UnreadableFileError(
        f"{name}: holds something that cannot be read ({type(error).__name__}); have the file "
        "exported again."
    )
