"""The page on which a profile is tried against the draft and the version in force."""
