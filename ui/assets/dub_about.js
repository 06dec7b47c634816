// A video that this browser cannot play, which can be dubbed nonetheless, has no player.
element.addEventListener("error", (event) => { if (event.target.matches("video")) event.target.remove(); }, true);
