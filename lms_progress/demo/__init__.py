"""The demonstration: courses, people, a simulated organisation, and the demo page.

The product knows nothing of it: settings and urls add it, `manage.py seed_demo` and `demo` fill it.
"""
