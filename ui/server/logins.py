"""Checks names and passwords for Gradio, and delays logins after wrong ones."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException

from studio.accounts import LONGEST_NAME, Accounts, clean_name
from studio.login_delays import LoginDelays, network_of

MOST_WAITING = 3
"""Largest number of a visitor's logins that wait for each other."""
MOST_WAITING_ALL = 300
HASHED_AT_ONCE = 2
"""A check takes 32 MB and a tenth of a second of one core."""
BUSY = "Too many logins are waiting. Try again in 10 seconds."


@dataclass
class Attempt:
    """A request that may become a login.

    address: of the visitor. device: the cookie of a browser with an earlier login, or "". new_device: the
    cookie that the browser gets once the password was right.
    """

    address: str = ""
    device: str = ""
    new_device: str = ""


CURRENT: ContextVar[Attempt] = ContextVar("attempt")
"""The request that a password comes with, because Gradio passes on only name and password."""


@dataclass
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Logins:
    """Checks passwords. Belongs to one event loop."""

    def __init__(
        self,
        accounts: Accounts,
        delays: LoginDelays | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.accounts = accounts
        self.delays = delays or LoginDelays()
        self.sleep = sleep
        self._lines: dict[str, _Line] = {}
        self._limiter = CapacityLimiter(HASHED_AT_ONCE)
        # Only those who know the hashes know it, and it is the same after a restart.
        known = "\n".join(f"{name}:{kept}" for name, kept in sorted(accounts.hashes.items()))
        self._key = hashlib.sha256(known.encode()).digest()

    async def check(self, name: str, password: str) -> bool:
        """The check that Gradio calls at each login. Raises HTTPException (429) if too many are waiting."""
        attempt = CURRENT.get(Attempt())
        name = clean_name(name)[:LONGEST_NAME]
        at_home = self._is_at_home(name, attempt.device)
        visitor = attempt.device if at_home else network_of(attempt.address)
        line = self._lines.get(visitor, _Line())
        waiting = sum(each.waiting for each in self._lines.values())
        if line.waiting >= MOST_WAITING or waiting >= MOST_WAITING_ALL:
            raise HTTPException(429, BUSY, {"Retry-After": "10"})
        self._lines[visitor] = line
        line.waiting += 1
        try:
            async with line.lock:
                await self.sleep(self.delays.seconds(name, visitor, at_home=at_home))
                right = await to_thread.run_sync(self.accounts.fits, name, password, limiter=self._limiter)
                if not right:
                    self.delays.failed(name, visitor)
                elif not at_home:
                    attempt.new_device = self._device(name, secrets.token_urlsafe(16))
        finally:
            line.waiting -= 1
            if not line.waiting:
                self._lines.pop(visitor, None)
        return right

    def _device(self, name: str, nonce: str) -> str:
        sign = hmac.new(self._key, f"{nonce}.{name}".encode(), hashlib.sha256).hexdigest()
        return f"{nonce}.{sign}"

    def _is_at_home(self, name: str, device: str) -> bool:
        nonce = device.partition(".")[0]
        return bool(nonce) and hmac.compare_digest(self._device(name, nonce).encode(), device.encode())
