"""What keeps the site running: locks, broker, outbox, partitions, retention, replica."""
