"""The admin as a product: its site, its look, and what its sidebar shows to whom."""
