"""What is known of each skill of each learner, traced from answers to quizzes."""
