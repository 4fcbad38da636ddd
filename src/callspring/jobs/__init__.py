"""Work that is done later, and again until it succeeds: a table in the record, and threads of the back."""
