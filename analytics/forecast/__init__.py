"""Shows planners when learners are expected to complete, and who will be late."""
