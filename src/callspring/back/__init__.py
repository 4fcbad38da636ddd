"""The back process: console, API, ingester and jobs, on Django."""
