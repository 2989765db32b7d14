"""What the product's models and rules are measured with: public data, and simulated learners.

The product never imports it, and what only it needs is in requirements.txt here. It is installed
as an app by `research.settings`, which `manage.py` takes for its commands:

    bin/research evaluate_risk        the risk model, on public data (docs/foresight.md)
    bin/research evaluate_mastery     models of mastery (docs/mastery.md)
    bin/research simulate_paths       adaptive paths against the fixed order (docs/paths.md)
"""
