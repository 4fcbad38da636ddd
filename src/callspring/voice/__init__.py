"""The voice door: what carriers ask and report. It answers from the snapshot alone and never waits for a database."""
