"""Outgoing mail: the queue that all mail goes through, and the SMTP backend."""
