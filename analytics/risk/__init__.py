"""Shows instructors who is at risk, and how well that was foreseen."""
