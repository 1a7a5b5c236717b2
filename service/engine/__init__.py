"""What a program decides about one profile: facts, state and an instant in, an outcome out. Pure.

`ENGINE_VERSION` names what an answer depends on beside the ruleset: the engine, Python, and the time zone data.
"""

import platform
from importlib.metadata import version

ENGINE = "1"
"""Raised whenever the same inputs may give another answer."""

ENGINE_VERSION = f"engine {ENGINE}; python {platform.python_version()}; tzdata {version('tzdata')}"
