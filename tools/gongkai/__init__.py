"""Gongkai (公开): publish on time, only after review, and be able to prove both."""

__version__ = "0.1.0"
