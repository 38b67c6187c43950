"""One delivery on its way in: its tables read and checked file by file, then judged as a whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion import database, file_findings
from ingestion.assignment import assign
from ingestion.checking import Checker, IdentifyingColumnError, Tally
from ingestion.contracts import Contract
from ingestion.contradictions import Contradictions
from ingestion.decimals import DecimalMarkFoundError, DecimalMarks
from ingestion.deliveries import Delivery
from ingestion.errors import UnreadableFileError
from ingestion.identifying_values import shown_names
from ingestion.layout import Layout, known_headers, lay_out
from ingestion.pseudonyms import PseudonymKey
from ingestion.raw_files import TableFiles
from ingestion.readers import NeedsCareError, Reader, ahead, is_text, open_reader
from ingestion.records import DeliveryRecord, FileRecord, Finding
from ingestion.repeats import without_repeats
from ingestion.row_counts import lost_by_reader, require_all_judged, require_all_written
from ingestion.sheets import split_sheet
from ingestion.tables import Table
from ingestion.verdict import empty, verdict

# What readers and pyarrow raise at content that no rule foresaw: the delivery is refused, the
# other sources go on.
_FOREIGN = (ArithmeticError, ValueError, pa.ArrowException)


@dataclass
class _Opened:
    """A file that can be read, with its layout."""

    name: str
    sha256: str
    reader: Reader
    layout: Layout
    marks: DecimalMarks | None  # of text
    careful: bool = False  # read row by row
    reading: bool = False  # is being read


@dataclass
class Intake:
    """Checks one delivery and, when it is given a home and the delivery is good, loads it."""

    delivery: Delivery
    contract: Contract
    key: PseudonymKey
    loaded_at: datetime
    home: Path | None = None
    erased: Collection[str] = ()  # digests of persons who are not to be loaded
    earlier: Mapping[tuple[str, str], str] = field(default_factory=dict)  # `earlier_files`
    before: Mapping[str, Collection[str]] = field(default_factory=dict)  # `columns_before`
    _findings: list[Finding] = field(default_factory=list)
    _files: dict[str, FileRecord] = field(default_factory=dict)
    _written: dict[str, TableFiles] = field(default_factory=dict)
    _shown: dict[str, str] = field(default_factory=dict)  # file names as they may be kept
    _repeated: bool = False
    _tallies: dict[str, Tally] = field(default_factory=dict)  # of the files that were read
    _con: duckdb.DuckDBPyConnection = field(default_factory=database.connect)

    def run(self) -> DeliveryRecord:
        """Check all files, so that all findings are known at once; load all of them or none."""
        with ExitStack() as stack:
            stack.callback(self._con.close)
            stack.callback(self._discard)
            assignment = assign(self.delivery, self.contract)
            self._findings += assignment.findings
            names = [name for name, _, _ in self.delivery.files]
            names += [name for name, _ in self.delivery.refused]
            self._shown = shown_names(names)
            self._findings += file_findings.hidden_names(self._shown)
            for name, sha256, size in self.delivery.files:
                self._files[name] = FileRecord(
                    name=name, table=assignment.table_of[name], sha256=sha256, bytes=size
                )
            for name, files in assignment.tables.items():
                self._take_table(self.contract.tables[name], files)
            self._judge()
            accepted = not any(finding.severity == "ERROR" for finding in self._findings)
            tables = tuple(self._written) if accepted else ()
            for table in tables:
                require_all_written(table, self._written[table].written(), self._files.values())
            for table in tables:
                self._written[table].commit()
                del self._written[table]
            return self._record(accepted, tables)

    def _discard(self) -> None:
        while self._written:
            self._written.popitem()[1].discard()

    def _record(self, accepted: bool, tables: tuple[str, ...]) -> DeliveryRecord:
        files = tuple(
            file.model_copy(update={"name": self._shown[name]})
            for name, file in self._files.items()
        )
        if not accepted:
            # Nothing of a rejected delivery is stored, not even in quarantine.
            files = tuple(f.model_copy(update=_all_refused(f)) for f in files)
            self._findings = list(file_findings.of_refused(self._findings))
        return DeliveryRecord(
            source=self.delivery.source,
            delivery=self.delivery.date,
            sha8=self.delivery.sha8,
            status="accepted" if accepted else "rejected",
            synthetic=self.delivery.synthetic,
            loaded_at=self.loaded_at,
            key_fingerprint=self.key.fingerprint,
            files=files,
            tables=tables,
            findings=tuple(file_findings.shown(self._findings, self._shown)),
        )

    def _take_table(self, table: Table, names: Sequence[str]) -> None:
        """Read the files of a table that were not delivered before."""
        files = [self._files[name] for name in names]
        found, fresh = without_repeats(table, files, self.contract, self.earlier)
        self._findings += found
        self._repeated |= len(fresh) < len(names)
        self._read_table(table, fresh)

    def _read_table(self, table: Table, names: Sequence[str]) -> None:
        opened = [file for name in names if (file := self._open(table, name))]
        here = {name for file in opened for name in file.layout.positions}
        if opened:
            self._findings += file_findings.gone_columns(
                table, self.before.get(table.name, ()), here
            )
        tallies: list[Tally] = []
        contradictions = None
        while opened:
            contradictions = Contradictions.of(table, self.contract)
            writer = self._writer(table, opened)
            told = len(self._findings)
            self._findings += [found for file in opened for found in file.layout.findings]
            try:
                tallies = [self._read_file(table, file, writer, contradictions) for file in opened]
                break
            except (NeedsCareError, IdentifyingColumnError, DecimalMarkFoundError) as reason:
                del self._findings[told:]
                if writer:
                    self._written.pop(table.name).discard()
                self._prepare_again(table, opened, reason)
        for file, tally in zip(opened, tallies, strict=True):
            self._report(table, file, tally)
        self._findings += contradictions.findings() if contradictions else []

    def _prepare_again(self, table: Table, opened: Sequence[_Opened], reason: Exception) -> None:
        """Open the files anew: row by row, without columns that must not be kept, or with the
        decimal mark that was found."""
        for file in opened:
            if isinstance(reason, IdentifyingColumnError):
                for name in reason.kinds.keys() & file.layout.extras:
                    file.layout.drop(name, reason.kinds[name], file.name, table.name)
            if isinstance(reason, NeedsCareError):
                file.careful |= file.reading
            file.reading = False
            file.marks = file.marks.again() if file.marks else None
            file.reader = self._reader(table, file.name, careful=file.careful)

    def _open(self, table: Table, name: str) -> _Opened | None:
        try:
            reader = self._reader(table, name, careful=False)
        except UnreadableFileError as error:
            self._unreadable(table, name, error)
            return None
        except _FOREIGN as error:
            self._unreadable(table, name, file_findings.undescribed(name, error))
            return None
        self._findings += file_findings.of_notes(reader.notes, "INFO", table.name, name)
        layout = lay_out(reader.headers, table, self.contract, self.delivery.date, name)
        if not layout.usable:
            self._findings += layout.findings
            return None
        declared = self.contract.csv.decimal
        # With a declared point no comma can be read, so nothing is unsure.
        marks = (
            DecimalMarks(declared) if is_text(split_sheet(name)[0]) and declared != "." else None
        )
        return _Opened(name, self._files[name].sha256, reader, layout, marks)

    def _unreadable(self, table: Table, name: str, error: UnreadableFileError) -> None:
        self._findings.append(
            Finding(
                severity="ERROR",
                rule="file_unreadable",
                message=str(error),
                file=name,
                table=table.name,
            )
        )

    def _reader(self, table: Table, name: str, *, careful: bool) -> Reader:
        file, sheet = split_sheet(name)
        return open_reader(
            self.delivery.path / file,
            csv_format=self.contract.csv,
            known=known_headers(table, self.contract),
            sheet=sheet or table.name,
            exact_sheet=sheet is not None,
            fhir=self.contract.format == "fhir_questionnaire_response",
            careful=careful,
            fixed=self.contract.places(table.name, self.delivery.date),
        )

    def _writer(self, table: Table, opened: Sequence[_Opened]) -> TableFiles | None:
        if self.home is None:
            return None
        extras = list(dict.fromkeys(extra for file in opened for extra in file.layout.extras))
        writer = TableFiles(self.home, self.delivery, table, extras, self.loaded_at)
        self._written[table.name] = writer
        return writer

    def _read_file(
        self,
        table: Table,
        file: _Opened,
        writer: TableFiles | None,
        contradictions: Contradictions | None,
    ) -> Tally:
        file.reading = True
        year = self.delivery.date.year
        checker = Checker(
            self._con,
            table,
            self.contract,
            file.layout,
            self.key,
            self.erased,
            year=year,
            contradictions=contradictions,
            marks=file.marks,
        )
        try:
            with closing(ahead(file.reader.chunks())) as chunks:
                for chunk in chunks:
                    checker.tally.read += chunk.read
                    self._findings += file_findings.of_notes(
                        chunk.notes, "WARN", table.name, file.name
                    )
                    checked = checker.check(chunk)
                    if writer and len(checked.good):
                        writer.load(checked.good, self._shown[file.name], file.sha256)
                    if writer and len(checked.bad):
                        writer.refuse(checked.bad, self._shown[file.name], file.sha256)
            checker.finish()
            self._refuse_growing(file.name)
            require_all_judged(checker.tally, file.name)
            self._findings += lost_by_reader(file.reader, checker.tally.read, file.name, table.name)
        except UnreadableFileError as error:
            self._unreadable(table, file.name, error)
        except _FOREIGN as error:
            self._unreadable(table, file.name, file_findings.undescribed(file.name, error))
        file.reading = False
        return checker.tally

    def _refuse_growing(self, name: str) -> None:
        """A file that has another size than when it was digested is still being copied."""
        path = self.delivery.path / split_sheet(name)[0]
        if path.is_file() and path.stat().st_size != self._files[name].bytes:
            raise UnreadableFileError(
                f"{name}: its size changed while it was read; it is still being copied: run again "
                "when it is whole."
            )

    def _report(self, table: Table, file: _Opened, tally: Tally) -> None:
        name, headers = file.name, file.reader.headers
        places = file.layout.positions | file.layout.extras
        columns = {column: headers[index].strip() for column, index in places.items()}
        counts = {n: getattr(tally, n) for n in ("read", "loaded", "quarantined", "erased")}
        self._files[name] = self._files[name].model_copy(update=counts | {"columns": columns})
        self._findings += file_findings.of_tally(tally, table.name, name)
        if file.marks:
            self._findings += file.marks.findings(table.name, name)
            if file.marks.sniffed:
                file_findings.add_sniffed(self._findings, file.marks.sniffed, table.name, name)
        self._tallies[name] = tally

    def _judge(self) -> None:
        self._findings += verdict(self.delivery.date, self.contract, self._files, self._tallies)
        wrong = any(finding.severity == "ERROR" for finding in self._findings)
        read = any(file.read for file in self._files.values())
        if not (read or self._repeated or wrong):
            self._findings.append(empty())


def _all_refused(file: FileRecord) -> dict[str, int]:
    return {"loaded": 0, "quarantined": 0, "erased": 0, "refused": file.read}
