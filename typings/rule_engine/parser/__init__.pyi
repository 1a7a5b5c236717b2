from collections.abc import Mapping
from typing import Any

class Parser: ...

class _DeferredAstNode:
    cls: type
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
