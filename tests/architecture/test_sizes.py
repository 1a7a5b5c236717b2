"""Files and functions stay small enough to be read at one sitting; who is larger is named here, and why."""

import ast

from tests.architecture.sources import Function, code_files, functions, name_of

FILE_LINES = 400
BODY_LINES = 50

# path -> why it may be longer
LONG_FILES: dict[str, str] = {
    "service/audit/verifier.py": "it is carried away alone, and read by whoever trusts nothing else",
}
# path::function -> why it may be longer
LONG_FUNCTIONS: dict[str, str] = {}


def body_lines(function: Function) -> int:
    """The lines from the first statement behind the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_files_are_short():
    """No file is longer than 400 lines but those named above, and each of those needs its exception."""
    long = {name_of(file) for file in code_files() if len(file.read_text(encoding="utf-8").splitlines()) > FILE_LINES}
    assert long == set(LONG_FILES)


def test_functions_are_short():
    """No function's body is longer than 50 lines but those named above, and each of those needs its exception."""
    long = {name for file in code_files() for name, function in functions(file) if body_lines(function) > BODY_LINES}
    assert long == set(LONG_FUNCTIONS)
