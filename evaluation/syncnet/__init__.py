"""Sync-C, Sync-D and the offset between picture and sound, by SyncNet."""
