"""When open enrolments will be completed: forecasts, and how well past ones have turned out."""
