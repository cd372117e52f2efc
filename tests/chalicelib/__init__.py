"""What every operation stands on."""
