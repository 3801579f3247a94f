"""Running the site: its processes, and what operators need to see of them."""
