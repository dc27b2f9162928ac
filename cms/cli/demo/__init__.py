"""The demo site: a small invented blog with pictures of its own."""
