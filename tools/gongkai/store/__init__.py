"""The outside world: files, git, clock, processes, catalogues. Nobody else touches it."""
