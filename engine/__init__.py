"""What is computed: samplers, models and metrics. Knows the cache, knows nothing of Streamlit."""
