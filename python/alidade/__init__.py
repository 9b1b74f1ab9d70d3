"""Alidade for user code."""

__version__ = "0.1.0"
