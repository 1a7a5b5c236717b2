"""Out to other systems: who sends events, when, and over which connections."""
