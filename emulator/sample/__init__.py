"""What is there when the emulator starts."""
