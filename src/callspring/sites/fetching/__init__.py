"""Fetching a web page that anybody may have named, without reaching anything that is not on the public internet."""
