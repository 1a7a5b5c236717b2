"""The schema, step by step: numbered files, written by hand, applied in order and never changed afterwards."""
