"""Which version of a ruleset is in force when: of its activations, the one that was recorded last and has begun.

From its instant on, an activation stands over all that were recorded before it. So what is recorded now and begins at
once, a rollback for instance, also cancels what was scheduled until then.
Source: docs/operations.md, "Versions in force".
"""

from collections.abc import Sequence

from service.audit.rows import ActivationRow


def in_force(activations: Sequence[ActivationRow], at: int) -> ActivationRow | None:
    """The activation that stands at an instant, of a ruleset's activations in their order; a `retire` among them."""
    for one in reversed(activations):
        if one.effective_at <= at:
            return one
    return None


def present(activations: Sequence[ActivationRow], now: int) -> int:
    """The present instant, which is no earlier than what was recorded: the clocks of two machines differ a little."""
    return max(now, activations[-1].recorded_at) if activations else now


def scheduled(activations: Sequence[ActivationRow], now: int) -> list[ActivationRow]:
    """The activations that are to begin later, in the order in which they will; cancelled ones left out."""
    found: list[ActivationRow] = []
    for one in reversed(activations):
        if one.effective_at <= now:
            break
        if not found or one.effective_at < found[0].effective_at:
            found.insert(0, one)
    return found


def spans(activations: Sequence[ActivationRow]) -> list[tuple[ActivationRow, int | None]]:
    """What was, is and will be in force, in the order of time: each activation with the instant at which it ends."""
    found: list[ActivationRow] = []
    for one in activations:
        while found and found[-1].effective_at >= one.effective_at:
            found.pop()
        found.append(one)
    ends = [*(one.effective_at for one in found[1:]), None]
    return list(zip(found, ends, strict=False))
