"""What the page `/migration` is made of, as the browser gets it: no build step, nothing from elsewhere."""
