"""What instructors make: uploaded files, and the pages on which they build their courses."""
