"""The commands of the shell, one file each. Nothing heavy is imported before a command runs."""
