"""Every rule of the house, in one table; each is a record with a small function that only looks."""
