"""What two families of analyses need."""
