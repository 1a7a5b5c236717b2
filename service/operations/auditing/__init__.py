"""What auditors ask of the log: find, explain, replay, prove, erase."""
