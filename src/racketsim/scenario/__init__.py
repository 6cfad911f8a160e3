"""What is simulated: the folder of a city, read and checked into plain values, and the basis of every number in it."""
