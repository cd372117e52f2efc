"""What moto lacks or does differently from AWS, mended while the emulator runs."""
