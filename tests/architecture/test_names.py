"""Names say what a file is about."""

from pathlib import Path

from tests.architecture.sources import code_files, name_of

EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "base", "misc", "manager", "managers", "core", "lib"}


def words_in(file: Path) -> set[str]:
    """The words of the file's own name and of the folders that hold it."""
    return {word for part in Path(name_of(file)).with_suffix("").parts for word in part.split("_")}


def test_no_file_or_folder_has_an_empty_name():
    """A file or folder is named for what it holds, never `utils` or `manager`."""
    assert not [name_of(file) for file in code_files() if words_in(file) & EMPTY_WORDS]
