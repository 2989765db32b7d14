"""Django's PostgreSQL backend for a database whose tables are distributed with Citus."""
