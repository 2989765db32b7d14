"""How a figure is asked for and shown: filters, scope, minimum sample, figures, charts, people."""
