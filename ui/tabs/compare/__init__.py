"""The tab that makes one video in several ways."""
