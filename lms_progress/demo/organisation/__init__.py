"""A seeded organisation of believable size: simulated learners under the real rules."""
