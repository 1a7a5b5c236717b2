"""The review of a draft, as values for its page: what it changes, what is found, who would move, and who may do what.

`looking` reads a document once, `changes` says what differs, `impact` what a simulation found, `steps` who may go on.
"""
