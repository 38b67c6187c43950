"""Where things are: the data directory, the landing folder, the key, the built-in files.

Only paths and their precedence belong here. Nothing is read from the environment at import:
``Settings.from_environment`` is called once, by the command line or by the Dagster entry point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DBT_PROJECT = CHECKOUT / "dbt_project"
BUILT_IN_CONTRACTS = CHECKOUT / "expectations" / "contracts"
BUILT_IN_STUDIES = CHECKOUT / "analyses" / "studies"
PROFILES = ("internal", "public")
DEFAULT_KEY_FILE = "~/.config/atmp-rwe/pseudonym.key"


#: Files of a home are their owner's alone, unless the environment says otherwise.
DEFAULT_UMASK = 0o077


class SettingsError(Exception):
    """The environment asks for something that does not exist."""


def umask_of(environ: Mapping[str, str]) -> int:
    """The umask of a command: ``ATMP_RWE_UMASK`` in octal (027 lets the group read), else 077.

    Raises ``SettingsError`` for what is not one, or would keep the owner out.
    """
    told = environ.get("ATMP_RWE_UMASK") or f"{DEFAULT_UMASK:o}"
    if not re.fullmatch("0{0,2}[0-7]{1,2}", told):
        raise SettingsError(
            f"ATMP_RWE_UMASK is {told!r}: use octal digits such as 077 (the owner alone) or 027 "
            "(the group reads)."
        )
    return int(told, 8)


@dataclass(frozen=True)
class Settings:
    """Paths of one data directory and the choices of one run."""

    home: Path
    landing: Path
    key_file: Path
    #: Study files named on the command line; None means those of the home.
    chosen_studies: tuple[Path, ...] | None = None
    #: `internal`: exact results and pseudonymised marts; `public`: suppressed results only.
    profile: str = "internal"

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        home: Path | None = None,
        studies: tuple[Path, ...] | None = None,
    ) -> Settings:
        """Settings from ``ATMP_RWE_HOME``, ``_LANDING``, ``_KEY_FILE`` and ``_PROFILE``.

        An explicit ``home`` wins over the variable; the default is ``./data``. Raises
        ``SettingsError`` for a profile that is neither internal nor public.
        """
        root = (home or Path(environ.get("ATMP_RWE_HOME") or "data")).expanduser().resolve()
        landing = Path(environ.get("ATMP_RWE_LANDING") or root / "landing").expanduser().resolve()
        key_file = Path(environ.get("ATMP_RWE_KEY_FILE") or DEFAULT_KEY_FILE).expanduser()
        profile = environ.get("ATMP_RWE_PROFILE") or "internal"
        if profile not in PROFILES:
            raise SettingsError(f"ATMP_RWE_PROFILE is {profile!r}: use internal or public.")
        return cls(root, landing, key_file, studies, profile)

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def building(self) -> Path:
        """dbt's working database while it builds: a fixed path, so that dbt parses only once."""
        return self.warehouse / "building.duckdb"

    @property
    def rebuild_mark(self) -> Path:
        """Stands while the next build must not start from an earlier one."""
        return self.warehouse / "rebuild"

    @property
    def dbt_target(self) -> Path:
        return self.warehouse / "dbt"

    @property
    def results(self) -> Path:
        return self.home / "results"

    @property
    def release(self) -> Path:
        return self.home / "release"

    @property
    def current_release(self) -> Path:
        return self.release / "current"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def exclusions(self) -> Path:
        """The deny list: persons taken out (`atmp-rwe forget`)."""
        return self.home / "exclusions.jsonl"

    @property
    def project_id(self) -> Path:
        """What sets the pseudonyms of this home apart from those of others with the same key."""
        return self.home / "project.id"

    @property
    def contract_folders(self) -> tuple[Path, ...]:
        """Later folders win: a site may replace a built-in contract."""
        return (BUILT_IN_CONTRACTS, self.home / "contracts")

    @property
    def is_demo(self) -> bool:
        """Simulated deliveries bring their truth with them; real ones never do."""
        return (self.home / "truth").is_dir()

    def study_files(self) -> tuple[Path, ...]:
        """The studies of this run: those chosen, else the home's, else (demo) the built-in ones."""
        if self.chosen_studies is not None:
            return self.chosen_studies
        own = tuple(sorted((self.home / "studies").glob("*.y*ml")))
        if own or not self.is_demo:
            return own
        return tuple(sorted(BUILT_IN_STUDIES.glob("*.yml")))
