"""The framework of reports: columns, files, saving, printing. Knows no report."""
