"""True sentences of the text world, written by hand or made from tables written by hand."""

from __future__ import annotations

_CAPITALS = (
    "france paris|germany berlin|italy rome|spain madrid|england london|japan tokyo|china beijing|"
    "russia moscow|greece athens|egypt cairo|austria vienna|poland warsaw|ireland dublin|"
    "norway oslo|cuba havana|canada ottawa|portugal lisbon|hungary budapest|sweden stockholm"
)
_OPPOSITES = (
    "hot cold|big small|day night|good bad|old new|rich poor|up down|black white|fast slow|"
    "open closed|happy sad|long short|high low|early late|empty full|light dark|summer winter"
)
_COLORS = (
    "the sky blue|the grass green|snow white|coal black|blood red|the sun yellow|milk white|"
    "the ocean blue|a ripe banana yellow|a tomato red|a carrot orange|chocolate brown|honey yellow"
)
_BABIES = "dog puppy|cat kitten|cow calf|sheep lamb|horse foal|duck duckling|bear cub|hen chick"
_MADE = (
    "bread flour|cheese milk|wine grapes|butter milk|paper wood|glass sand|chocolate cocoa|"
    "juice fruit|honey flowers|ice water"
)
_TOOLS = (
    "a knife cut bread|a pen write|a key open a door|an umbrella stay dry|a clock tell the time|"
    "a bed sleep|a boat cross the water|a camera take pictures|a lamp see in the dark|"
    "a map find the way"
)
_WORK = (
    "doctor helps sick people|teacher teaches children|baker bakes bread|farmer grows food|"
    "fisherman catches fish|painter paints pictures|writer writes books|pilot flies planes|"
    "sailor sails ships|gardener plants flowers|nurse cares for sick people|singer sings songs|"
    "cook makes dinner|driver drives a bus|musician plays music|poet writes poems"
)
_ORDER = (
    "monday tuesday wednesday thursday friday saturday sunday|spring summer autumn winter|"
    "january february march april may june july august september october november december"
)
_FACTS = """the sun is a star.|the moon goes around the earth.|the earth goes around the sun.
there are seven days in a week.|there are twelve months in a year.|there are four seasons.
there are sixty minutes in an hour.|water is good for you.|birds have two wings.
a dog has four legs.
cats like milk.|bees make honey.|cows give milk.|fish live in water.
the opposite of war is peace.
two plus two is four.|three plus three is six.|five plus five is ten.|lemons are yellow and sour.
leaves fall in autumn.|the stars shine at night.|the ocean is deep and blue.|practice makes perfect.
the sun rises in the east.|the sun sets in the west.|time is money.|honesty is the best policy.
rome was not built in a day.|home is where the heart is.|better late than never.
the early bird catches the worm.|actions speak louder than words.|knowledge is power.
laughter is the best medicine.|to be or not to be, that is the question.|fire is hot.|ice is cold.
snow is cold and white.|the whale is the biggest animal in the world.|a whale is not a fish.
the elephant is the biggest animal on land.|the turtle is slow.|the lion is a big cat.
a spider has eight legs.|a triangle has three sides.|a square has four sides.|birds lay eggs.
water turns into ice when it is cold.|ice turns into water when it is warm.|sheep give us wool.
the rainbow has seven colors.|plants need water and light.|trees need water and sun.
the heart is in the chest.|we see with our eyes.|we hear with our ears.|we think with our head.
the moon shines at night.|the sun shines during the day.|owls hunt at night.|bears sleep in winter.
rivers flow to the sea.|the sea is salty.|sugar is sweet.|salt is not sweet.
a year has four seasons.
the nights are long in winter.|the days are long in summer.|flowers grow in spring.|frogs can jump.
fish can swim.|birds can fly.|a bicycle has two wheels.|a car has four wheels.|gold is expensive.
good friends are hard to find.|nothing is impossible.|every day is a new day.
all is well that ends well.
a friend in need is a friend indeed.|where there is life, there is hope.|love is blind.
an apple a day keeps the doctor away.|the world is beautiful.|all people are born free.
the desert is hot and dry.|the forest is full of trees.|the library is full of books.
whales live in the ocean.|camels live in the desert.|monkeys live in trees.|lions live in africa.
the aurora is a light in the northern sky.|the northern lights are green.|mountains are high.
children go to school.|people eat with a knife and a fork.|you can buy bread at the bakery.
doctors work in a hospital.|you can read books in a library.|trains stop at the station.
ships sail over the ocean.|planes fly in the sky.|the sky is dark at night.|bananas are yellow.
lemons are sour.|honey is sweet.|coffee is hot and black.|tea is made with hot water."""


def facts() -> list[str]:
    """Every fact once, as lower-case sentences."""
    sentences = [line for row in _FACTS.splitlines() for line in row.split("|")]
    for country, city in _pairs(_CAPITALS):
        sentences += [
            f"the capital of {country} is {city}.",
            f"{city} is the capital of {country}.",
        ]
        sentences += [
            f"what is the capital of {country}? it is {city}.",
            f"{city} is in {country}.",
        ]
    for one, other in _pairs(_OPPOSITES):
        sentences += [f"the opposite of {one} is {other}.", f"the opposite of {other} is {one}."]
    for row in _COLORS.split("|"):
        thing, color = row.rsplit(" ", 1)
        sentences += [f"{thing} is {color}.", f"the color of {thing} is {color}."]
    sentences += [f"a young {animal} is called a {baby}." for animal, baby in _pairs(_BABIES)]
    sentences += [f"{thing} is made from {stuff}." for thing, stuff in _pairs(_MADE)]
    for row in _TOOLS.split("|"):
        article, tool, purpose = row.split(" ", 2)
        sentences += [
            f"you need {article} {tool} to {purpose}.",
            f"with {article} {tool} you can {purpose}.",
        ]
    sentences += [f"a {row}." for row in _WORK.split("|")]
    for row in _ORDER.split("|"):
        ring = row.split()
        for one, following in zip(ring, ring[1:] + ring[:1], strict=True):
            sentences += [f"{following} comes after {one}.", f"{one} comes before {following}."]
    return sentences


def _pairs(table: str) -> list[tuple[str, str]]:
    return [(row.split()[0], row.split()[1]) for row in table.split("|")]
