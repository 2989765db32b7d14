"""How well forecasts of completion do, on an organisation's own past and on simulated ones."""
