"""What service/language/expressions.py uses of rule-engine, which ships no types."""

from collections.abc import Callable, Mapping
from typing import Any

from . import errors as errors

class DataType:
    BOOLEAN: DataType
    DATETIME: DataType
    FLOAT: DataType
    STRING: DataType
    TIMEDELTA: DataType
    @staticmethod
    def ARRAY(value_type: DataType, /) -> DataType: ...
    @staticmethod
    def OBJECT(name: str, attributes: Mapping[str, DataType], /) -> DataType: ...
    @staticmethod
    def FUNCTION(
        name: str, /, *, return_type: DataType, argument_types: tuple[DataType, ...], minimum_arguments: int
    ) -> DataType: ...

def type_resolver_from_dict(types: Mapping[str, DataType], /) -> Callable[[str], DataType]: ...

class Context:
    def __init__(self, *, type_resolver: Callable[[str], DataType], **options: Any) -> None: ...

class Rule:
    def __init__(self, text: str, *, context: Context) -> None: ...
