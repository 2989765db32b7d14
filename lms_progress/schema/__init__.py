"""The tables of an empty database, loaded at once instead of migration by migration."""
