"""The command-line door: words in, words out, an exit code."""
