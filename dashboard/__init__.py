"""What is shown: reads the store, submits jobs, never imports torch."""
