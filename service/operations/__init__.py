"""What the service can do: one function for each `operationId`, behind ports that say what it needs of the world."""
