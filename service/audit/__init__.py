"""What the log says and how anyone can check it: pure, without a store."""
