"""Read-only views with stable names, for whoever analyses the database by SQL."""
