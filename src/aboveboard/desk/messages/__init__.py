"""What is written to customers about a matter: composed, checked while it is written, recorded, and what was promised in it."""
