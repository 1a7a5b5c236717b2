"""The environment is read in one place."""

import ast
from pathlib import Path

from tests.architecture.sources import code_files, name_of, tree_of

READER = "service/config.py"


def reads_environment(file: Path) -> bool:
    """Whether the file names `environ` or `getenv` of `os`."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv"})
        for node in ast.walk(tree_of(file))
    )


def test_only_config_reads_the_environment():
    """What the service can be told from outside is all in one file."""
    assert {name_of(file) for file in code_files("service") if reads_environment(file)} == {READER}
