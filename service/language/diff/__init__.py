"""Two documents of a ruleset -> what differs, by meaning, in words a business user reads. Pure.

Documents may be unfinished or wrong: they are plain JSON values, compared construct by construct, by key.
"""

from service.language.diff.change import Change, Conflict, can_change_decisions
from service.language.diff.comparison import compare
from service.language.diff.three import merge_three

__all__ = ["Change", "Conflict", "can_change_decisions", "compare", "merge_three"]
