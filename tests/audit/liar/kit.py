"""Where forgeries are registered: by name, with the code by which each must be found."""

from collections.abc import Callable

from tests.audit.liar.honest import Contents

Forge = Callable[[], Contents]
FORGERIES: dict[str, tuple[str, Forge]] = {}


def forgery(code: str) -> Callable[[Forge], Forge]:
    """Name a forgery by its function, and say the code that must find it."""

    def register(forge: Forge) -> Forge:
        FORGERIES[forge.__name__.replace("_", " ")] = (code, forge)
        return forge

    return register
