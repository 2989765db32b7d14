"""In which order a learner takes a course, and why. A path waives nothing by itself: contents are
waived by what was completed (`progress.rules.waiving`)."""
