"""What tests of the store start from."""

from pathlib import Path

import pytest


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The path of a new SQLite database, whatever else the run is on: `database_url` is the one of both kinds."""
    return tmp_path / "test.db"
