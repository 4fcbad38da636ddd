"""Loading a page for real, in a Chromium that reaches nothing but through our filter."""
