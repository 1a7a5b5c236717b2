"""What a ruleset says: JSON text in, a program and diagnostics out. Pure.

The stages stand in `pipeline`, in the order in which a text passes them.
"""
