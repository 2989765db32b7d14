"""What is handed out as a file: CSV, spreadsheets and PDF, with the fonts of the latter."""
