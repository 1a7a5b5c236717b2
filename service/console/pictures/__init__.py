"""Pictures of the console, drawn on the server as SVG: no script, no inline style, readable in light and dark.

Every picture stands beside a table that says the same in words.
"""
