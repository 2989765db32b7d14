"""How well each learner knows each skill, computed from answers to quizzes."""
