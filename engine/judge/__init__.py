"""What another model thinks of texts: generative perplexity."""
