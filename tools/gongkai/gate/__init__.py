"""The gate: nothing reaches main that was not reviewed, and everybody can check that (gate.md)."""
