"""Who may do what: rights over people and courses, signed tokens, the lockout of sign-ins."""
