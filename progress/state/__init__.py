"""How far a learner is: the course as the rules see it, the rules applied, the answer."""
