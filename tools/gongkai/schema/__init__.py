"""JSON Schemas of items and settings: read, judged fast, explained in plain words. Never fetches anything."""
