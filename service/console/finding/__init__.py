"""Looking up profiles, decisions and evaluations."""
