"""What is not yet there, and what went wrong after publication: looked for on demand, never part of the gate."""
