"""What is known of the region, as data with a schema, and the one automaton that finds it in a text.

`Region.load().find(text)` gives mentions of places, people, bodies, wars and terms with offsets into the text. The data
lie in `data/`: places, actors, wars, and the words that compose countries and bodies; an editor adds to them in YAML.
"""

from services.region.entries import Entry, Holding, Mention, Office
from services.region.region import Region

__all__ = ["Entry", "Holding", "Mention", "Office", "Region"]
