"""Every test says which promise it keeps."""

import ast

from tests.architecture.sources import code_files, functions

FEWEST_WORDS = 4
NO_PROMISE = ("test", "tests", "check", "checks", "verify", "verifies", "ensure", "ensures")


def states_a_promise(docstring: str) -> bool:
    """Whether the words are a sentence about the product and not about testing."""
    words = docstring.split()
    return len(words) >= FEWEST_WORDS and words[0].lower() not in NO_PROMISE


def test_every_test_states_a_promise():
    """A test's docstring is a sentence that says what holds for whoever uses the code."""
    tests = [
        (name, node)
        for file in code_files("tests")
        for name, node in functions(file)
        if node.name.startswith("test_") and file.name.startswith("test_")
    ]
    assert not [name for name, node in tests if not states_a_promise(ast.get_docstring(node) or "")]
