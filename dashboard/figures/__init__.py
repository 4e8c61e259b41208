"""Records to Plotly figures; neither Streamlit nor the store."""
