"""What is said of a failure: our own sentences as they are, others without their text."""

import errno

import duckdb
import pytest

from orchestration.failures import StepError, explain, sanitised
from orchestration.lock import HomeBusyError


def test_a_sentence_of_ours_passes() -> None:
    with pytest.raises(HomeBusyError, match="in use"), sanitised("loading"):
        raise HomeBusyError("in use")


def test_a_database_error_loses_its_text() -> None:
    with pytest.raises(StepError) as caught, sanitised("loading"):
        duckdb.connect().execute("select cast('Jeanne Martin' as integer)")
    assert "Jeanne" not in str(caught.value)
    assert "ConversionException while loading" in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_says_so(code: int) -> None:
    assert "disk is full" in explain(OSError(code, "x"))


def test_a_missing_file_is_named() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "a/b.csv")
    assert explain(error) == "a/b.csv: No such file or directory."
