"""The words of the text world, by what they mean: what may be eaten, who can bake, what barks.

An entry may hold slots of other classes; ``engine.training.text.world`` fills them.
"""

from __future__ import annotations

_WORDS = {
    "name": "anna tom mary peter lucy john emma paul sara david maria sam julia max nina leo "
    "ben kate jack alice henry rose mark helen",
    "person": "girl boy woman man child teacher doctor farmer sailor baker student nurse painter "
    "writer singer neighbor fisherman gardener cook driver musician king queen tourist worker "
    "poet artist scientist pilot captain stranger shepherd guard hunter carpenter",
    "kin": "mother father sister brother grandmother grandfather friend uncle aunt neighbor son "
    "daughter teacher wife husband cousin",
    "people": "children people students friends neighbors girls boys sailors farmers tourists "
    "parents workers teachers fishermen",
    "person_adj": "young old happy kind tired quiet friendly clever little brave lonely busy tall "
    "poor rich famous good strong wise",
    "job": "teacher doctor writer singer painter sailor musician nurse farmer baker cook pilot "
    "poet scientist gardener artist",
    "pet": "dog cat rabbit bird horse",
    "animal": "dog cat bird horse cow sheep fox rabbit mouse duck fish bear wolf owl goat squirrel "
    "frog bee lion tiger elephant monkey deer swan eagle turtle whale dolphin pig chicken",
    "animals": "dogs cats birds horses cows sheep foxes rabbits mice ducks bears wolves owls goats "
    "squirrels frogs bees lions tigers elephants monkeys deer swans eagles turtles whales dolphins "
    "pigs chickens",
    "runner": "dog cat horse fox rabbit mouse deer wolf goat squirrel",
    "sleeper": "dog cat rabbit mouse bear sheep pig lion owl",
    "flyer": "bird eagle owl bee swan duck",
    "swimmer": "fish duck swan frog turtle dolphin whale",
    "animal_adj": "little black white brown hungry sleepy quick old wild young small gray big",
    "town_place": "park market street library museum station church school theater cafe bakery "
    "restaurant hospital bridge castle square hotel harbor garden",
    "land_place": "river lake beach forest hill mountain valley field farm island village desert "
    "ocean coast meadow",
    "place_adj": "old little quiet small beautiful big green lovely famous new ancient peaceful "
    "empty busy",
    "tree": "tree oak pine apple_tree",
    "room": "kitchen bedroom bathroom garden office hall",
    "food": "bread soup cake rice cheese fruit fish salad pie pasta chocolate honey apples eggs "
    "vegetables potatoes meat butter bananas pizza",
    "baked": "bread cake pie pizza cookies",
    "cooked": "soup rice pasta fish eggs vegetables potatoes dinner lunch meat",
    "drink": "tea coffee water milk juice wine",
    "food_adj": "fresh warm sweet simple good hot delicious",
    "fruit": "apples pears bananas grapes lemons oranges cherries",
    "thing": "book letter box chair table lamp window door clock picture hat coat key bag ball "
    "boat car bike house cup ring guitar piano camera umbrella knife bottle shirt dress mirror "
    "phone pen map",
    "carried": "book letter box lamp clock picture hat coat key bag ball cup ring guitar camera "
    "umbrella knife bottle shirt dress mirror phone pen map",
    "readable": "book letter story poem newspaper map",
    "thing_adj": "old new small red blue green white heavy broken beautiful strange wooden little "
    "black expensive",
    "instrument": "piano guitar violin drums flute",
    "vehicle": "train bus car boat bike ship plane",
    "color": "red blue green white yellow black brown gray orange purple pink",
    "cloth": "coat hat dress shirt scarf umbrella jacket",
    "feeling": "happy sad tired hungry proud afraid calm lonely angry excited nervous grateful "
    "thirsty sick bored worried surprised ready busy",
    "abstract": "love friendship hope music time health peace freedom truth kindness family sleep "
    "patience laughter courage happiness wisdom nature",
    "value": "love friendship hope health peace freedom truth kindness happiness",
    "day": "monday tuesday wednesday thursday friday saturday sunday",
    "season": "spring summer autumn winter",
    "month": "january february march april may june july august september october november "
    "december",
    "plural_count": "many two three some four five ten",
    "planted": "flowers trees roses vegetables tomatoes potatoes",
    "topic": "history art music science english math french",
    "country": "france germany italy spain england japan china russia greece egypt india canada "
    "mexico brazil",
    "city_name": "paris berlin rome madrid london tokyo moscow athens cairo",
    "sky": "blue gray clear dark red orange cloudy bright",
    "plain_adj": "good bad nice strange wonderful terrible long short easy hard new old beautiful "
    "funny",
    "sup_place": "beautiful famous peaceful interesting wonderful popular dangerous amazing "
    "expensive magical",
    "sup_person": "interesting famous important powerful popular wonderful amazing beautiful "
    "intelligent",
    "sup_animal": "beautiful dangerous interesting wonderful amazing popular useful intelligent",
    "sup_thing": "beautiful useful expensive important interesting famous popular amazing valuable",
    "sup_idea": "important powerful beautiful wonderful difficult useful precious",
    "est_place": "oldest biggest smallest best quietest strangest warmest coldest",
    "est_person": "oldest happiest kindest best tallest strangest youngest luckiest",
    "est_animal": "oldest biggest smallest fastest happiest quietest strangest best",
    "est_thing": "oldest biggest smallest best strangest cheapest",
    "est_idea": "best strangest greatest",
}
_PHRASES = {
    "who": "{name}|{name}|the {person}|the {person}|the {person_adj} {person}|(my|her|his|our) "
    "{kin}|he|she|he|she",
    "someone": "{name}|the {person}|the {person_adj} {person}|(my|her|his|our) {kin}",
    "whom": "{name}|me|him|her|us|them|(my|her|his) {kin}|the {people}",
    "creature": "the {animal}|the {animal_adj} {animal}",
    "whose": "the|my|her|his|your|our|a|the",
    "at_place": "in the (park|library|museum|church|city|village|garden|forest|valley|desert|"
    "kitchen|theater|cafe|hospital|hotel|field|house)|in the {place_adj} (park|library|museum|"
    "church|city|village|garden|forest|valley|house|castle)|at the (market|station|harbor|bakery|"
    "school|restaurant|beach)|by the (river|lake|sea|window|bridge)|on the (beach|hill|bridge|"
    "mountain|farm|island|street)|near the (river|castle|church|station|forest|lake|school)",
    "animal_at": "in the garden|under the (old |tall |)tree|on the farm|in the forest|near the "
    "(house|barn)|by the river|in the field|in the (green |tall |)grass|behind the house",
    "to_place": "to the {town_place}|to the {town_place}|to the {land_place}|to the {place_adj} "
    "{town_place}|home|to {city_name}",
    "often": "in the (morning|evening|afternoon)|at night|every (day|morning|night|week|summer)|"
    "on sundays|in (winter|summer|spring|autumn)|after (dinner|work|school)|before breakfast|on "
    "weekends",
    "ago": "yesterday|last (night|week|summer|winter|year)|this morning|a long time ago|on {day}|"
    "one day|two days ago|in {month}",
    "soon": "tomorrow|tonight|soon|next (week|month|summer|year)|on {day}|tomorrow morning",
    "did": "read (a|the) {readable}|wrote a (letter|poem|story|book)|baked (a cake|bread|a pie|"
    "cookies) for {whom}|bought a {thing_adj} {carried}|found a {thing_adj} {carried} {at_place}|"
    "lost the {carried} {at_place}|cooked {cooked} for {whom}|played the {instrument}|walked "
    "{to_place}|went {to_place}|waited for {whom} {at_place}|sat {at_place}|sang a song|danced "
    "with {whom}|planted {planted} in the garden|opened the (door|window|box|letter|bottle)|closed "
    "the (door|window|book)|painted a picture of the {land_place}|saw a {animal} {at_place}|met "
    "{whom} {at_place}|told {whom} a story|gave {whom} a {carried}|worked {at_place}|learned to "
    "(swim|read|dance|sing|cook|drive)|drank (some|a cup of) {drink}|ate some {food}|called {whom}|"
    "helped {whom}|forgot the {carried}|repaired the old ({vehicle}|clock|chair)|took a picture of "
    "the {land_place}|missed the (train|bus)|slept well|stayed at home|fell in love with {whom}",
    "does": "reads a {readable}|works {at_place}|walks {to_place}|plays the {instrument}|drinks "
    "{drink}|eats {food}|lives {at_place}|sings a song|cooks {cooked}|paints (the {land_place}|"
    "pictures)|feeds the {animals}|goes {to_place}|sleeps|writes (letters|poems|books)|sits "
    "{at_place}|drives a {color} car|teaches {topic}|studies {topic}|loves (music|the sea|{animals}"
    "|old books)|waits for {whom}|grows {planted}|sells {fruit} at the market|watches the (stars|"
    "birds|children|rain)",
    "do": "read a {readable}|work {at_place}|walk {to_place}|play the {instrument}|drink some "
    "{drink}|eat some {food}|live {at_place}|sing a song|cook {cooked}|feed the {animals}|go "
    "{to_place}|sleep|write a letter|sit {at_place}|learn (to swim|to cook|english|french)|travel "
    "around the world|see the (ocean|mountains|stars|museum)|buy a {thing_adj} {carried}|help "
    "{whom}|dance with {whom}|become a {job}|stay at home|play with the {pet}|take a picture|swim "
    "in the (lake|sea|river)|bake a cake|play (football|chess)|listen to music|speak with {whom}|"
    "plant {planted}",
    "doing": "reading a {readable}|working {at_place}|walking {to_place}|playing the {instrument}|"
    "drinking {drink}|eating {food}|singing a song|cooking {cooked}|feeding the {animals}|going "
    "{to_place}|sleeping|writing a letter|sitting {at_place}|watching the (stars|birds|rain)|"
    "waiting for {whom}|looking for the {carried}|talking with {whom}|painting a picture|"
    "cleaning the {room}|learning to (swim|read|dance|cook)|playing with the {pet}|baking a cake",
    "liked": "music|the sea|this place|old books|the rain|this song|chocolate|winter|summer|the "
    "mountains|{animals}|{fruit}|{drink}|the ocean|your {cloth}|this city|flowers|dancing|"
    "swimming|reading",
    "weather": "it is raining|it is snowing|the sun is shining|the wind is cold|the sky is {sky}|"
    "it is very (hot|cold|windy)|it is (warm|cold|dark)|the fog is thick|the rain is falling|the "
    "snow is falling|the weather is (good|bad|nice|beautiful|terrible)|there is a storm|the moon "
    "is bright|the air is (cold|warm|fresh)",
    "weathered": "it (rained|snowed)|it was raining|it was snowing|the sun was shining|the wind "
    "was cold|the sky was {sky}|it was (hot|cold|dark|warm)|the fog was thick|the weather was "
    "(good|bad|nice|beautiful|terrible)|there was a storm|the moon was bright",
    "cause": "the (train|bus) was late|the food was good|the {pet} was gone|it was (raining|late|"
    "dark|cold)|the music was beautiful|the summer was over|nobody was at home|the letter came|"
    "the night was (dark|long)|the children were singing|(his|her) {carried} was (lost|broken)|"
    "the (day|journey) was long|the (coffee|soup) was cold",
    "waters": "sea|ocean|lake|river",
}


def classes() -> dict[str, list[str]]:
    """Every word class by its name: the entries a slot of that name may be filled with."""
    words = {name: text.replace("apple_tree", "apple tree").split() for name, text in
             _WORDS.items()}  # fmt: skip
    return words | {name: split_choices(text) for name, text in _PHRASES.items()}


def split_choices(text: str) -> list[str]:
    """Split at the bars that stand outside every bracket."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
