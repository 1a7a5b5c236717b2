"""Tagwright: a JSON ruleset becomes a program, a program decides about a profile, and every decision is recorded.

The folders are the stages, in layers that point inwards: `language` (text to program), `engine` (facts to decision),
`audit` (what the log says), `operations` (what the service can do) with `store`, then the doors `api` and `cli`.
"""
