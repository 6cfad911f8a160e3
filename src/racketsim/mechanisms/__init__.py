"""The mechanisms of the city, one a file, in the order of a day: see `racketsim plan`."""
