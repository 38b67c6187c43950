"""Deliveries to raw: reading, validating, pseudonymising, quarantining, and registering for dbt.

What belongs here: everything between a registry's files and typed views of what they say. What
does not: what the data mean (dbt), whether they are plausible (expectations), when things run
(orchestration).

The names below are the whole interface; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.contract_files import load_contracts
    from ingestion.contracts import Contract
    from ingestion.deliveries import Delivery, Misplaced, discover, misplaced, under_way
    from ingestion.drafting import draft_contract
    from ingestion.drift import Drift, read_drift, withdrawn
    from ingestion.erasure import Forgotten, UnknownPersonError, forget
    from ingestion.errors import ContractError, DeliveryError, IngestionError, KeyFileError
    from ingestion.home_key import key_lies_in_home, key_of_home
    from ingestion.loading import check_delivery, load_source
    from ingestion.person_marks import changed_persons, write_marks
    from ingestion.pseudonyms import PseudonymKey, add_secret
    from ingestion.records import DeliveryRecord, FileRecord, Finding, findings_table, read_records
    from ingestion.registration import register, register_persons
    from ingestion.rotation import CarriedOver, carry_over, lags_behind
    from ingestion.row_counts import rows_off
    from ingestion.selection import Selection, select

__all__ = [
    "CarriedOver",
    "Contract",
    "ContractError",
    "Delivery",
    "DeliveryError",
    "DeliveryRecord",
    "Drift",
    "FileRecord",
    "Finding",
    "Forgotten",
    "IngestionError",
    "KeyFileError",
    "Misplaced",
    "PseudonymKey",
    "Selection",
    "UnknownPersonError",
    "add_secret",
    "carry_over",
    "changed_persons",
    "check_delivery",
    "discover",
    "draft_contract",
    "findings_table",
    "forget",
    "key_lies_in_home",
    "key_of_home",
    "lags_behind",
    "load_contracts",
    "load_source",
    "misplaced",
    "read_drift",
    "read_records",
    "register",
    "register_persons",
    "rows_off",
    "select",
    "under_way",
    "withdrawn",
    "write_marks",
]

_HOMES = {
    "contract_files": ("load_contracts",),
    "contracts": ("Contract",),
    "deliveries": ("Delivery", "Misplaced", "discover", "misplaced", "under_way"),
    "drafting": ("draft_contract",),
    "drift": ("Drift", "read_drift", "withdrawn"),
    "erasure": ("Forgotten", "UnknownPersonError", "forget"),
    "errors": ("ContractError", "DeliveryError", "IngestionError", "KeyFileError"),
    "home_key": ("key_lies_in_home", "key_of_home"),
    "loading": ("check_delivery", "load_source"),
    "person_marks": ("changed_persons", "write_marks"),
    "pseudonyms": ("PseudonymKey", "add_secret"),
    "records": ("DeliveryRecord", "FileRecord", "Finding", "findings_table", "read_records"),
    "registration": ("register", "register_persons"),
    "rotation": ("CarriedOver", "carry_over", "lags_behind"),
    "row_counts": ("rows_off",),
    "selection": ("Selection", "select"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ingestion.{_MODULE_OF[name]}"), name)
