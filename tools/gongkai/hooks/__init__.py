"""The server's hooks as a door: git's words in, the gate's answer out. Any exception is a refusal."""
