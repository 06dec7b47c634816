"""Everything between the network and Gradio: middleware around its application, and our own routes."""
