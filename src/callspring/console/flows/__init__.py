"""The call flow editor: a flow as a picture that people change, try and publish."""
