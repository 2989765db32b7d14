"""Demo courses and people: `manage.py seed_demo` and the demo page."""
