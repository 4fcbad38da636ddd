"""What the HTML of a page says about our script on it. Pure: nothing is fetched and nothing runs."""
