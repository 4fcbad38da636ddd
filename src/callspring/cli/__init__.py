"""The `callspring` command."""
