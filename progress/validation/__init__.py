"""What input is accepted, without a look at any row: addresses, user names, unknown fields."""
