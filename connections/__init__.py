"""What other systems are sent: events, and webhooks that deliver them."""
