"""What an uploaded file is, and whether it can be used, found from its bytes."""
