"""What a learner should do next, and why: from readings, skills and dismissals."""
