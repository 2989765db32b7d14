"""Foresight: who may not complete, why, and what would help."""
