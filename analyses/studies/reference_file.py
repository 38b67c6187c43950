"""A file of reference rates named in a study file: it lies beside it, or in a folder beside it.

Belongs here: finding it, and refusing one that cannot be read before anything is run. Does not
belong here: reading it (analyses.reference_rates). It must lie there so that a changed file makes a
new run, as a changed study does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

FOLDER = "folder"


def _beside_the_study(name: str, info: ValidationInfo) -> str:
    # Loaded here: a study without such a file needs none of it.
    from analyses.errors import AnalysisError
    from analyses.reference_rates import read_rates

    path = Path(name)
    if path.suffix.lower() != ".csv":
        raise ValueError(f"`{name}` is not a .csv file")
    folder = (info.context or {}).get(FOLDER)
    if folder is None:
        return name
    if path.is_absolute() or ".." in path.parts or len(path.parts) > 2:
        raise ValueError(
            f"`{name}` must lie beside the study file, or in a folder beside it: give its name"
        )
    if not (Path(folder) / path).is_file():
        raise ValueError(f"there is no `{name}` beside the study file")
    try:
        read_rates(Path(folder) / path)
    except AnalysisError as problem:
        raise ValueError(str(problem)) from None
    return str(Path(folder) / path)


#: In a study file, a name; in a study that was loaded from one, a path.
ReferenceFile = Annotated[str, AfterValidator(_beside_the_study)]


def context_of(path: Path) -> dict[str, Any]:
    """What validation needs to find the files that a study file names."""
    return {FOLDER: str(Path(path).resolve().parent)}
