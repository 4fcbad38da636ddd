"""Call flows: what happens to a call, evaluated by a pure function."""
