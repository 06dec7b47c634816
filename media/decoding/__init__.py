"""Decodes untrusted images and audio in separate processes, so that a bad file harms only its own job.

A file that someone else sends goes through decoders written in C. One of them may crash, loop or ask for
gigabytes; in the server's process that would end every visitor's work. Here each file gets a new process:

    server  --control-->  helper  --fork-->  one child for each file, which ends with it

The helper is one small process with the decoders imported and a single thread; it forks in two milliseconds,
which would not be safe in a server with many threads. A child gets two sockets: over one it answers, over
the other the helper says how it ended. When the server closes them, or dies, the helper kills the child; when
the server is gone, the helper ends as well.

What a child is held to: address space and data (`Limits.memory_mb`), processor time, no writing to files, no
core dump, 32 open files, none of the server's environment or open files, a time limit for each answer that
the server enforces, and a size that is checked before anything is taken. What comes back is JSON and raw
bytes with checked lengths, shapes and numbers; nothing is ever unpickled.

What is not promised: a child runs as the same user as the server and is not in a container or a namespace of
its own. An attacker who takes over a decoder, rather than crashing it, can read what that user can read and
open connections. If that matters to you, run the server as a user of its own, in a container without secrets.
macOS enforces no memory limit on processes, so there only time and size are bounded. Windows cannot fork:
there, files are decoded in the server's process.
"""
