"""Live sessions over a connection of messages: the protocol of docs/live-api.md, without a web framework.

A server makes one `LiveHost` and calls `LiveHost.converse` for every connection.
"""

from studio.live.socket.connection import Client, Connection
from studio.live.socket.host import LiveHost
from studio.live.socket.tickets import SessionArguments

__all__ = ["Client", "Connection", "LiveHost", "SessionArguments"]
