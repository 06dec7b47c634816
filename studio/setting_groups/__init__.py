"""The settings of the machine's owner, one file for each group; `studio.settings` puts them together."""
