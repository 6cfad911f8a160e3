"""What a run leaves behind: labelled series, event tables, the headline, figures, the page, stories.

Nothing is imported here, so that the command line and the engine pay only for the parts they use.
"""
