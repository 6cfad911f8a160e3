"""The engine: keyed draws, thresholded hazards, calendars, and the declared plan of a day."""
