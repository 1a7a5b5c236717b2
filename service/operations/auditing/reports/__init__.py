"""Figures from the log alone: counts now and over time, flows, retention, and what changes came from."""
