"""Decodes untrusted images and audio in separate processes, so that a bad file harms only its own job.

Decoders written in C read the files that visitors send. One of them may crash, loop or request gigabytes; in
the server's process, that would end every visitor's work. Here each file gets a new process:

    server  --control-->  helper  --fork-->  one child for each file, which ends with it

The helper is one small process with the decoders imported and a single thread; it forks in two milliseconds,
which would not be safe in a server with many threads. A child gets two sockets: it answers over one, and over
the other the helper reports how it ended. When the server closes them, or dies, the helper kills the child;
when the server is gone, the helper ends as well.

The limits of a child: address space and data (`Limits.memory_mb`), CPU time, no writing to files, no core
dump, 32 open files, none of the server's environment or open files, a time limit for each answer that the
server enforces, and a size that is checked before anything is read. Answers are JSON and raw bytes with
checked lengths, shapes and numbers; nothing is ever unpickled.

Not guaranteed: a child runs as the same user as the server, without a container or namespace of its own. An
attacker who takes over a decoder, rather than crashing it, can read what that user can read and open
connections. If that matters to you, run the server as a separate user, in a container without secrets. macOS
enforces no memory limit on processes, so only time and size are limited there. Windows cannot fork: files are
decoded in the server's process there.
"""
