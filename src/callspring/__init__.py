"""Callspring: open-source, self-hosted call tracking and campaign attribution."""

__version__ = "0.1.0"
