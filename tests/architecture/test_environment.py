"""The environment is read in one place."""

import ast
from pathlib import Path

from tests.architecture.sources import code_files, name_of, tree_of

READER = "service/config.py"


def is_environment(node: ast.AST) -> bool:
    """Whether the node is `os.environ` or `os.getenv`, or imports one of them by name."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(one.name in {"environ", "getenv"} for one in node.names)
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}


def reads_environment(file: Path) -> bool:
    """Whether the file takes anything out of the environment; setting a variable for a child process is no reading."""
    nodes = list(ast.walk(tree_of(file)))
    written = {node.value for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)}
    return any(is_environment(node) and node not in written for node in nodes)


def test_only_config_reads_the_environment():
    """What the service can be told from outside is all in one file."""
    assert {name_of(file) for file in code_files("service") if reads_environment(file)} == {READER}
