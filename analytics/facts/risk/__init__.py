"""Who is at risk of not completing: training, choosing and scoring with a model."""
