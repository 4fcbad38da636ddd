"""What programs read: `/api/v1`, with a key. `urls.api` is the whole; `/api/v1/docs` describes it."""
