"""Pure loaders and reductions; no Streamlit."""
