"""What runs are measured by; numpy, no torch."""
