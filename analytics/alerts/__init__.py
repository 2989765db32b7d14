"""Who needs somebody, and what was done about it: alerts, letters to learners, digests."""
