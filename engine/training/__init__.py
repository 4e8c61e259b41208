"""How the built-in models were made, end to end and resumable."""
