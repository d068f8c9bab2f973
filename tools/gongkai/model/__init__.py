"""Frozen data and arithmetic. Needs nothing but the standard library and knows nobody above it."""
