"""In which order a learner goes through a course, and why. A path waives nothing by itself: that
is what was completed (`progress.rules.waiving`)."""
