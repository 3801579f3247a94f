"""Running the site, and the admin."""
