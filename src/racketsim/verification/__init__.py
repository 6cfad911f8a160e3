"""Published models, run through racketsim's own mechanism functions and held against what was published."""
