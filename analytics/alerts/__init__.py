"""Alerts about learners who need help, letters to them, and digests for instructors."""
