"""Does nothing: the memory of an idle process."""
from world import measure

measure(lambda size: 0)
