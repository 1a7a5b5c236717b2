"""What authors do before a version is published: drafts, examples, proofs, simulation."""
