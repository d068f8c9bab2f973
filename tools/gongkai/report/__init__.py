"""Reporters: the same report as text, JSON, or what a forge's CI reads."""
