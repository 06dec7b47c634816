"""Paints live sessions in processes of their own, which do not wait for Python's lock.

    server  --control-->  painter: one process, which paints several sessions
            --session-->           sound goes out, pictures come back through shared memory

A painter ends with the server: when the control socket closes, also because the server was killed. A painter
that dies ends its sessions, and the next session gets a new one. It reads no files of strangers: portraits
are decoded before they come here, and what it receives comes from the server alone.
"""
