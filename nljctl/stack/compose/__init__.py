"""Runtime `compose`: the platform's own deployment. State is read through the Docker SDK, and changed through `docker compose`."""
