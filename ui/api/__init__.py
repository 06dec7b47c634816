"""What programs can ask the page for, over HTTP and as tools of a language model (MCP)."""
