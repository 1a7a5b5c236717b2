"""Checked rules -> formulas that a solver answers: what no profile can ever meet, and what two rules both let in."""
