"""Settings of the site that an admin changes in the back office."""
