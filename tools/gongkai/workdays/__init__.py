"""Working days: tables of the yearly notices, what the law alone says, and counting periods day by day."""
