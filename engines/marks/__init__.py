"""Marks in time: options, emotions and turns of the head that change while a portrait speaks."""
