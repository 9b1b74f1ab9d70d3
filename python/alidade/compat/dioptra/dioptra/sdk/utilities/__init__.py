"""Helpers for plugins."""
