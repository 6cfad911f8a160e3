"""Many replicates of one scenario: over processes, resumable, and paired for what-if questions."""
