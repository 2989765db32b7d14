"""Signs of risk: pure functions of a learner's history up to a day. No Django, no clock."""
