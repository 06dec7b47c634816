"""What stands between the network and Gradio: middleware around its application, and routes of our own."""
