"""The page's API for programs, over HTTP and as tools of a language model (MCP)."""
