"""Releases: what visitors see is one whole release or another, never a part of one and never nothing."""
