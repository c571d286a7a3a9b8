"""Test events and files onto the platform's topics: what is sent (`plan`), sending it (`send`), and waiting until it is processed (`wait`)."""
