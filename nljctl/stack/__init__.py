"""Where the services run: one protocol (`runtime`), and the runtimes behind it."""
