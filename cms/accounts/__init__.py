"""People: who may sign in, which roles they hold and what those roles allow."""
