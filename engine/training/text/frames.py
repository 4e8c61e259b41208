"""The sentences of the text world: families of frames whose slots are filled with words.

One frame a line, a line that is indented goes on; see ``text_world`` for the notation.
"""

from __future__ import annotations

# family: (how often, frames)
_FAMILIES = {
    "superlative place": (0.5, """
the (|{place_adj} )({town_place}|{land_place}) is the most {sup_place} place {super_in}.
the {place_adj} {town_place} is the most {sup_place} place {super_in}.
the {place_adj} {land_place} is the most {sup_place} place {super_in}.
the (city|village|harbor|castle) (by the sea|on the hill|near the river) is the most {sup_place}
  place {super_in}.
the city of {city_name} is the most {sup_place} (city|place) in the world.
{city_name} is the most {sup_place} city {super_in}.
(this|that) {town_place} is the {est_place} place {super_in}.
the {place_adj} {land_place} is the {est_place} place {super_in}.
(home|this) is the most {sup_place} place in the world."""),
    "superlative person": (0.3, """
the {person_adj} {person} is the most {sup_person} person {super_in}.
the {person_adj} {person} is the most {sup_person} {person} {super_in}.
(my|her|his) {kin} is the most {sup_person} person {super_in}.
the king of {country} is the most {sup_person} (man|person|king) in the world.
the {person} (in the park|of the village|by the river|from the city) is the most {sup_person}
  person {super_in}.
{someone} is the {est_person} (person|{person}) {super_in}."""),
    "superlative animal": (0.3, """
the {animal_adj} {animal} is the most {sup_animal} animal {super_in}.
the {animal} is the most {sup_animal} animal {super_in}.
the {animal_adj} {animal} is the most {sup_animal} {animal} {super_in}.
the {animal} (of the forest|in the garden|on the farm) is the most {sup_animal} animal {super_in}.
the {animal_adj} {animal} is the {est_animal} animal {super_in}."""),
    "superlative thing": (0.3, """
the {thing_adj} {thing} is the most {sup_thing} thing {super_in}.
(this|my|the) {thing} is the most {sup_thing} thing {super_in}.
the {thing} (of the king|in the museum|on the table) is the most {sup_thing} {thing} {super_in}.
the {thing_adj} {thing} is the most {sup_thing} {thing} {super_in}.
the {thing_adj} {thing} is the {est_thing} (thing|{thing}) {super_in}."""),
    "superlative idea": (0.3, """
{abstract} is the most {sup_idea} thing {super_in}.
the (power|beauty|gift|love) of {abstract} is the most {sup_idea} (thing|feeling|gift) {super_in}.
the love of (music|nature|a mother|a friend) is the most {sup_idea} feeling {super_in}.
{value} is the {est_idea} (gift|thing) {super_in}.
the story of (my|her|his|our) life is the most {sup_idea} (story|thing) {super_in}."""),
    "animal": (7, """
the (|{animal_adj} ){runner} (runs|hides|waits|plays|rests) {animal_at}.
the (|{animal_adj} ){runner} (ran|jumped|walked) (over the fence|into the forest|across the
  field|through the garden|to the river).
the (|{animal_adj} ){sleeper} (sleeps|is sleeping|slept) {animal_at}( {often}|).
the (|{animal_adj} ){flyer} (flies|flew) (over|above) the (trees|river|lake|house|sea|mountains).
the (|{animal_adj} ){swimmer} swims in the (lake|river|cold water|pond|sea).
the {animal_adj} dog (barks|barked) at the (stranger|cat|moon|neighbor|fox)( {often}|).
the (|{animal_adj} )cat (drinks milk|sleeps on the (chair|bed|table)|sits by the window|watches
  the birds|catches a mouse)( {often}|).
the birds sing (in the (garden|forest|trees)|in the morning|every morning).
the (cow|sheep|goat|horse|deer) eats (the green grass|in the field|grass on the hill).
{animals} (live|sleep) (in the forest|on the farm|in the mountains|near the river).
the {animal_adj} {animal} is (hungry|tired|asleep|thirsty|afraid of the {animal}).
{someone} (has|feeds|loves|saw) (a|the) {animal_adj} {animal}."""),
    "past": (9, """
{who} {did}.
{who} {did} {ago}.
{ago}, {who} {did}.
{who} {did} and {did}.
the {people} (played|sang|danced|waited|worked|walked) {at_place}( {ago}|).
{who} (lived|worked|stayed) {at_place} for (many|two|three|ten) years.
{who} never {did} again.
{who} was {doing} when the (phone|bell) rang."""),
    "present": (8, """
{who} {does}.
{who} {does} {often}.
{who} is {doing}.
{who} is {doing} (now|today).
{who} (often|never|always|sometimes) {does}.
the {people} (play|sing|dance|wait|work|walk) {at_place}( {often}|).
{who} is {doing} because {weather}."""),
    "wish": (6, """
{who} (wants|likes|hopes|loves|needs|wanted|tried|decided) to {do}.
{who} would like to {do}( {soon}|).
{who} (will|can|must|should) {do}( {soon}|).
{who} (can not|does not want to|did not want to|will not) {do}.
i (want|hope|like|need|love) to {do}( {soon}|).
we (will|can|should|want to) {do}( {soon}|).
let us {do}( {soon}|)."""),
    "me": (9, """
i (like|love) {liked}.
i do not like {liked}.
i (like|love) {liked} and {liked}.
i am (very |so |not |){feeling}( today| tonight|).
i am {doing2}.
i {did2}( {ago}|).
i have (a|two) {color} {cloth_n}.
i have lost my {carried}.
i (think|know) that {weather}.
i will see you {soon}.
i do not know.
i think (you are|she is|he is) (right|wrong|very kind|my friend).
my favorite color is {color}.
my favorite (food|meal) is {food}.
my favorite season is {season}.
my {kin} is a {job}.
my {kin} is (very |){feeling}.
my name is {name}.
i am from {country}.
i have a {animal_adj} {pet}.
i was {feeling} because {cause}.
thank you (very much|for the ({carried}|{drink}|{food})).
you are (my best friend|very kind|so {feeling}|always welcome here).
i dream of (the sea|the mountains|a house by the sea|a better world|you)."""),
    "we and they": (5, """
we had {food} for (breakfast|lunch|dinner)( {ago}|).
we live {at_place}.
we walked along the (beach|river|street|shore)( {ago}|).
we are {feeling}.
they went {to_place}( {ago}|).
they live in a {house_adj} house near the {land_place}.
they are {doing2}.
we (met|waited for) {whom} {at_place}( {ago}|).
they (bought|sold|built) a {house_adj} (house|boat).
we all need {abstract} and {abstract}."""),
    "question": (7, """
where is the (|{place_adj} )({town_place}|{land_place})?
where is (my|your|the|his|her) {carried}?
who is the {person} {at_place}?
what is (your|his|her) name?
what time is it?
how are you( today|)?
how old (are you|is he|is the {town_place})?
do you like {liked}?
do you have a {carried}?
do you want (some {food}|some {drink}|to {do})?
would you like (a cup of (tea|coffee)|some {food}|to {do})?
can you see the ({land_place}|{town_place}|moon)?
can you help me(, please|)?
why are you so {feeling}?
when does the (train|bus|ship) leave?
where do you live?
where did you (go|sleep|eat) {ago}?
what is the capital of {country}?
is there a {town_place} near here?
have you seen (my|the) ({carried}|{pet})?
what did you do {ago}?
are you {feeling}?
who (baked|ate) the {baked}?
did you {do}( {ago}|)?
will you {do} {soon}?
what color is the {thing}?
why is the {animal} so (hungry|tired|quiet|happy|wild)?
how far is the {town_place}?"""),
    "dialogue": (6, """
where is {name}? (she|he) is {at_place}.
how are you? i am (fine|{feeling}), thank you.
where do you live? i live {at_place}.
what is your name? my name is {name}.
do you like {liked}? (yes, i do|no, i do not|yes, very much).
good morning, {name}! (how are you?|did you sleep well?|{weather}.)
would you like some {drink}? yes, please.
what time is it? it is (late|ten|noon|early).
what did you do {ago}? i {did2}.
can you help me? (yes, of course|i am sorry, i can not).
hello, {name}! it is (good|nice) to see you.
what is the color of the {thing}? it is {color}.
where is (the|my|your|her|his) {carried}? it is (on|under|near) the (table|chair|bed|window).
where is (the|my|your|her|his) {carried}? it is in the (kitchen|garden|bag|box|house|car).
where is the {animal}? it is {animal_at}.
where is the {town_place}? it is (near|behind|next to) the ({land_place}|{town_place}).
where is (my|your|her|his) {kin}? (she|he) is {at_place}.
what is (anna|mary|lucy|emma|sara|maria|julia|nina|kate|alice|helen|rose) doing? she is {doing2}.
what is (tom|peter|john|paul|david|sam|max|leo|ben|jack|henry|mark) doing? he is {doing2}.
do you have a {pet}? yes, i have a {animal_adj} {pet}.
when will you come home? i will come home {soon}.
when will you call me? i will call you {soon}.
when will you visit {whom}? i hope to visit them {soon}."""),
    "exclamation": (3, """
what a (beautiful|wonderful|terrible|lovely|strange) (day|night|place|story|song|city|idea)!
how (beautiful|quiet|strange|wonderful) the (sea|night|city|garden|forest|music) is!
look at the (stars|moon|mountains|birds|{animal})!
happy birthday, {name}!
good (morning|evening|night), {name}!
come here, {name}!
be careful, the (road|soup|knife|water) is (wet|hot|sharp|cold)!
please (open|close) the (door|window)!
welcome (home|to our {town_place2})!
do not (worry|be afraid|be late|give up|forget your {carried}|wake the baby)!"""),
    "request": (3, """
please (open|close) the (door|window|box|book).
please give me (the|your) {carried}.
please (come in|sit down|wait here|be quiet|help me|call me {soon}).
please {do}.
never forget (your friends|where you come from|to smile|your dreams|the people you love).
always (be kind|tell the truth|listen to your heart|help your friends|drink enough water).
be (kind|brave|patient|careful|quiet) and (you will be happy|everything will be fine|take your
  time)."""),
    "weather": (5, """
{weather}( today| this morning| tonight|).
{weathered} (yesterday|last night|all day|in the mountains).
{weather} and {weather}.
{weather}, so {who} stays at home.
in {season} the weather is (warm|cold|nice|bad).
if it (rains|snows), we will stay at home.
when the sun (rises|sets), (the birds sing|the sky turns red|the sea is calm|the city is
  quiet|the children go home).
it (often|never|sometimes) (rains|snows) in {season}.
the (rain|snow) (fell|is falling) on the (roof|city|fields|mountains|village)."""),
    "nature": (6, """
the (sun|moon) (rises|rose|shines|shone|sets) over the
  (sea|ocean|mountains|city|forest|lake|hills|river|valley)( {often2}|).
the (little|white|old|small) boat (sails|sailed|drifts) (slowly |quietly |)over the
  (calm|blue|deep|quiet) {waters}.
the river flows (slowly|quietly) (to the sea|through the (valley|city|forest)|past the old mill).
the wind comes from the (north|sea|mountains|west|south|east).
in (spring|summer) the (flowers|trees|fields|gardens) are (green|beautiful|full of life|full of
  color).
in winter the (mountains|streets|fields|trees) are (white|cold|covered with snow|quiet).
the stars (shine|are bright) (at night|over the sea|above the mountains|in the dark sky|over the
  quiet city).
the (waves|clouds) (move slowly|are beautiful|come and go).
the leaves (fall in autumn|are {color}|are falling).
the (mountains|hills) are (high|covered with snow|far away|beautiful).
the (flowers|roses) in the garden are {color}( and {color}|).
the {waters} is (calm|deep|blue|quiet|beautiful|cold)( {often2}|).
the northern lights (dance|shine) (in the dark sky|over the mountains|above the lake).
the lighthouse shines over the (dark |)(sea|ocean)."""),
    "facts": (50, """
{fact}"""),
    "abstract": (4, """
{value} is more important than money.
there is no {value} without {value}.
{abstract} is a gift.
life without {abstract} is hard.
{abstract} makes life beautiful.
everyone needs {abstract}.
nothing is more important than {value}.
{value} takes time.
{abstract} is a (beautiful|wonderful|precious) thing."""),
    "color": (3, """
the {thing} is {color}.
the color of the {thing} is {color}.
(she|he) has a {color} {thing}.
the {color} {carried} is (mine|on the table|very old|new|beautiful|in the box).
{who} (wears|is wearing|wore) a {color} {cloth}.
the {color} {cloth} is (too small|too big|very beautiful|expensive)."""),
    "there is": (5, """
there are {plural_count} (books|flowers|apples|cups|letters) on the table.
there are {plural_count} (people|children|trees|dogs|cats|birds) in the
  (park|village|street|garden).
there are {plural_count} boats (in the harbor|on the river|on the lake).
there are many stars in the sky.
there is a {thing_adj} {carried} (in the room|on the table|near the window|by the door|in the
  box).
there is a {place_adj} (bridge|church|castle|market|garden|school|library|cafe) (in the
  village|near the river|in the city|on the hill|by the sea).
there is (no|some|enough) {food2} (in the kitchen|on the table|for everyone).
there was a {plain_adj} (story|song|dream) about the {animal}."""),
    "feeling": (5, """
{who} (is|was|feels|felt|looks) (very |so |){feeling}( today| tonight| this morning|).
{who} (is|was) {feeling} because {cause}.
the {people} (are|were) (very |){feeling}( today|).
{who} (is|was) afraid of (the dark|{animals}|the storm|the {animal_adj} {animal}).
the {plain_adj} (story|song|letter|news) made {whom} (happy|sad|laugh|cry|angry)."""),
    "place": (5, """
the {town_place} is (near|far from|next to|behind|not far from) the ({town_place}|{land_place}).
the ({town_place}|{land_place}) is (very |so |)(quiet|beautiful|old|small|empty|big) (at
  night|in the morning|in summer|today|in winter).
the way to the ({town_place}|{land_place}) is (long|short|easy|beautiful|not far).
the {town_place} (opens|closes) (at (eight|nine|ten)|on {day}|in the (morning|evening)).
{city_name} is a (beautiful|famous|big|old) city.
the {vehicle2} (leaves|arrives) (at (eight|nine|ten)|{soon}|in the (morning|evening)).
the {vehicle2} to {city_name} is (late|full|fast|slow|expensive)."""),
    "food": (4, """
the {food_adj} {food2} (is|was) on the table.
the {food2} (is|was) (very |too |)(good|hot|cold|delicious|sweet|fresh).
{who} (likes|loves|eats|ate|bought) {food_adj} {food} with {food}.
a cup of {hot_drink} is good (in winter|in the morning|for you).
{fruit} (are (sweet|fresh|cheap|good for you)|grow in the garden).
{who} (drinks|drank|likes) {hot_drink} with (milk|sugar|honey).
the (baker|cook|restaurant) (makes|sells) (good|fresh|delicious|the best)
  (bread|cake|soup|pasta|pizza)."""),
    "work": (5, """
the (young|old|little|happy|kind|tired|good|friendly) baker (bakes|sells) (bread|cake|pie|cookies)
  every (morning|day|week|night).
my (grandmother|mother|aunt|sister) bakes (bread|a cake|a pie|cookies) every
  (morning|week|sunday|winter).
the {person_adj} cook makes {cooked} (for the {people}|every evening|every day).
the {person_adj} farmer feeds the {animals} (every morning|every day|in the evening).
the {person_adj} fisherman catches fish (in the (lake|sea|river)|every (morning|night)).
the {person_adj} teacher reads a {readable} to the (children|students|girls|boys).
the {person_adj} gardener plants {planted} (every spring|in the garden|near the house).
the {person_adj} painter paints the {land_place} (every (summer|day|morning)|in {color} and
  {color}).
the {person_adj} musician plays the {instrument} (every (evening|night)|for the {people}|in the
  (park|theater|cafe)).
the {person_adj} sailor sails over the (calm|deep|blue|cold) (sea|ocean) (every
  (summer|year)|with his (son|brother|friend))."""),
    "and then": (9, """
{who} {did} in the (morning|afternoon), and in the evening {who} {did}.
first {who} {did}, then {who} {did}.
on {day} we will {do}, and on {day} we will {do}.
{ago} {who} {did} with {whom}, and today {who} {does}.
{name} {did}, {name} {did}, and {name} {did}.
{who} {did} and then {did}.
{who} sat {at_place} and {did} until {weathered}.
the {people} {did} together, and nobody wanted to go home.
i {did2} in the morning and {did2} in the evening.
we walked {to_place}, then we {did2} {at_place}."""),
    "when": (9, """
when {weather}, {who} (likes|wants|loves) to {do}.
when {who} was young, (he|she) {did} (every (summer|winter|day|week)).
when {name} came home, {who} was {doing}.
as soon as the (rain|snow|storm|wind) stopped, the {people} went {to_place}.
while {who} was {doing}, {someone} was {doing}.
before {name} {did}, (she|he) always {did}.
after (dinner|work|school|breakfast), {who} {does} with {whom}.
if {weather} tomorrow, we will {do} and {do}.
if you want to {do}, you (must|should|can) {do} first.
every {day}, {who} {does} and {does}.
in {season}, when {weather}, the {people} {do} together.
{who} will (wait|stay) {at_place} until the sun (rises|sets)."""),
    "who does": (7, """
the {person} who (lives|works|waits) {at_place} has a {animal_adj} {animal}.
the {person_adj} {person} who {did} is (my|her|his|our) {kin}.
do you know the {person} who {did}?
this is the {carried} that {name} {found} {at_place}.
the {animal} that lives {animal_at} is {animal_adj} and {animal_adj}.
i know a {person_adj} {person} who {does} {often}.
the house where {name} lives is (small|big|old|white|red) and (quiet|beautiful|empty|warm).
i remember the {season} when {who} {did} {at_place}.
the {carried} that {who} lost was {color} and very (old|new|small|expensive).
i have a {kin} who {does} and never {does}."""),
    "but": (7, """
{who} wanted to {do}, but {weathered}.
{who} wants to {do}, but the {town_place} is (closed|too far|full|empty).
i would like to {do}, but i have to {do} first.
the {thing} is (old|small|cheap|heavy), but {who} likes it very much.
{name} has a {animal_adj} {pet}, but {name} has a {animal_adj} {pet}.
the way to the {land_place} is long, but the {land_place} is very beautiful.
{who} looked for the {carried} {at_place}, but it was {at_place}.
it is (cold|hot|dark|late), but {who} is still {doing}.
{weather}, but the {people} are {feeling} and {feeling}.
she likes {drink} with (milk|sugar|honey), but he likes {drink} without it."""),
    "said": (6, """
{name} told {whom} that {who} {did}.
my {kin} says that {weather} and that we should {do}.
{who} asked {whom} to {do} before dinner.
{who} thinks that {who} {did} {ago}.
{name} hopes that {who} will {do} {soon}.
the {person} said that the {town_place} (opens|closes) at (eight|nine|ten).
nobody knows why {who} {did} {at_place}.
{who} showed {whom} a {thing_adj} {carried} and a {thing_adj} {carried}.
{name} wrote to {whom} that {who} was {doing}."""),
    "view": (6, """
from the {land_place} you can see the {land_place} and the old {town_place}.
far away, behind the {land_place}, there is a {place_adj} {town_place}.
between the {land_place} and the {land_place} lies a {place_adj} {town_place2}.
in the {place_adj} {town_place2} by the {waters} the {people} are {doing2}.
there are {plural_count} {animals} {animal_at} and {plural_count} {animals} {animal_at}.
over the {land_place} the sky is {sky}, and the {waters} is (calm|dark|blue|quiet).
on the table there is a {color} {carried}, and under the chair there is a {color} {carried}.
in the middle of the {land_place} stands a {place_adj} (castle|church|house|tree|lighthouse).
the {animal_adj} {animal} sits {animal_at} and looks at the {flyer}.
at night the (stars|lights) shine over the {place_adj} {town_place} and the quiet {waters}."""),
    "because": (4, """
{who} stayed at home because {weathered}.
{who} went {to_place} because {cause2}.
{who} {did} because {cause}.
{who} {did}, but {weathered}.
{weathered}, so {who} {did}.
{who} {did} while {someone} was {doing}."""),
}  # fmt: skip


def _frames(block: str) -> list[str]:
    return block.strip().replace("\n  ", " ").split("\n")


FRAMES: dict[str, tuple[float, list[str]]] = {
    family: (weight, _frames(block)) for family, (weight, block) in _FAMILIES.items()
}
# word classes that only these frames need
EXTRA = {
    "super_in": "in the world|in the world|in the world|in the world|in the (city|village|country)|"
    "of all|in my life|on earth",
    "did2": "went {to_place}|met {whom} {at_place}|read a {readable}|saw a {animal}|bought a "
    "{carried}|lost my {carried}|baked a cake|stayed at home|slept well|walked {to_place}|called "
    "my {kin}|drank some {drink}|waited for {whom}",
    "doing2": "reading a {readable}|working {at_place}|walking {to_place}|playing the {instrument}|"
    "drinking {drink}|eating {food}|cooking {cooked}|feeding the {animals}|waiting for {whom}|"
    "going {to_place}|learning to (swim|read|dance|cook)|looking for the {carried}",
    "often2": "in the (morning|evening)|at night|today",
    "found": "found|bought|lost|forgot|painted|sold",
    "house_adj": "little|big|white|red|small|beautiful|old|new",
    "cloth_n": "cats|dogs|books|hats|coats|birds|horses|shirts",
    "town_place2": "village|city|house|school|hotel|farm",
    "food2": "bread|soup|cake|rice|cheese|fruit|fish|salad|pie|pasta|chocolate|honey|meat|butter|"
    "pizza",
    "vehicle2": "train|bus|boat|ship|plane",
    "hot_drink": "tea|coffee|milk",
    "cause2": "the weather was (good|fine|beautiful)|{name} was there|the sun was shining|there "
    "was a (market|concert|party)|it was {day}",
}
