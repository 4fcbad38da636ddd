"""Making and changing a scenario, step by step."""
