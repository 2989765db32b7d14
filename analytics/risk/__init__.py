"""Shows instructors which learners are at risk, and how good the predictions have been."""
