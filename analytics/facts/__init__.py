"""What is computed and stored: rollups, skills and risk scores. Knows no request and no page."""
