"""What is remembered: keys, payloads, the store. Knows nothing of diffusion, Streamlit or torch."""
