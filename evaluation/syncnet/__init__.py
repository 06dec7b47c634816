"""Sync-C, Sync-D and the offset between video and sound, by SyncNet."""
