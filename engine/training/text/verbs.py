"""Verbs of the text world in their five forms, each with what usually follows it."""

from __future__ import annotations

from engine.training.text.words import split_choices

# base third past ing participle: what may follow, written like an entry of a word class
_FORMS = ("do_v", "does_v", "did_v", "doing_v", "done_v")
_VERBS = """
open opens opened opening opened: the (door|window|box|letter|bottle|gate|shop)|{poss} (book|bag|
  eyes|umbrella|suitcase)
close closes closed closing closed: the (door|window|gate|shop|curtains)|{poss} (book|eyes|bag|
  notebook)
break breaks broke breaking broken: the (window|cup|glass|plate|mirror)|{poss} (arm|leg|phone|
  promise)
wash washes washed washing washed: the (dishes|windows|car|floor|clothes)|{poss} (hands|hair|face|
  shirt)
clean cleans cleaned cleaning cleaned: the {room}|the (house|table|floor|shoes)|{poss} (room|
  teeth|desk)
buy buys bought buying bought: a {thing_np}|some {food}|{poss} (tickets|bread) {at_shop}|
  a present for {whom}|(flowers|a cake) for {whom}|new (shoes|clothes|furniture)
sell sells sold selling sold: {fruit} at the market|{poss} (house|car|old bike)|(newspapers|
  flowers|vegetables|tickets) {at_shop}
pay pays paid paying paid: for the (tickets|meal|coffee|hotel)|the (bill|rent)|
  too much for the {thing}
cook cooks cooked cooking cooked: {cooked}|{meal} for {whom}|something (hot|good|simple)|
  in the kitchen
eat eats ate eating eaten: {food}|some {food}|{meal} {at_table}|too much {food}|an (apple|egg|
  orange)|nothing
drink drinks drank drinking drunk: {drink}|some {drink}|a (cup|glass) of {drink}|too much {drink}
cut cuts cut cutting cut: the (bread|cake|grass|paper|tree)|{poss} (finger|hair)
bring brings brought bringing brought: {whom} a {thing_np}|some {food} home|{poss} (camera|
  umbrella|friends)|the (children|dog) {to_place}
take takes took taking taken: the (bus|train|stairs|wrong road|last train)|a (picture|photo|
  shower|break|long walk)|{poss} (coat|medicine|time)|the (dog|children) {to_place}
carry carries carried carrying carried: a (heavy|big) (bag|box)|the (suitcase|basket|
  water) {to_place}|{poss} (books|child)
put puts put putting put: the {carried} (on|under) the (table|chair|bed|shelf)|
  {poss} {carried} (in|into) the (box|bag|drawer)|on {poss} (coat|shoes|hat)
hold holds held holding held: {poss} (hand|breath|child)|the (door|rope|{carried})
throw throws threw throwing thrown: the ball {to_place}|a (stone|ball) into the (water|lake|
  river)|away the old {thing}
catch catches caught catching caught: a (cold|fish|bus|ball)|the (last train|ball|thief)
find finds found finding found: {poss} {carried}|a {thing_np} {at_place}|the (way|answer|
  right road|key)|a (job|seat|quiet place)
lose loses lost losing lost: {poss} (way|{carried}|job|money|keys)|the (game|{carried})
look looks looked looking looked: at the {view}|for {poss} {carried}|after the (children|baby|
  garden|animals)|out of the window|(tired|happy|at {whom})
see sees saw seeing seen: a {animal} {at_place}|{whom} {at_place}|the {view}|a (film|play|doctor|
  light in the window)|nothing
watch watches watched watching watched: the (birds|rain|game|clouds|children|stars|sunset|sea)|
  a film|television
hear hears heard hearing heard: a (noise|voice|song|knock at the door)|the (news|rain|birds|bell|
  music)
listen listens listened listening listened: to (music|the radio|the rain|{whom}|the teacher|
  the birds)
read reads read reading read: a {readable}|the (newspaper|news|book|letter|story)|{poss} (book|
  letters)|in bed|a story to the children
write writes wrote writing written: a (letter|poem|story|book|song)|{whom} a letter|to {whom}|
  {poss} name|a few words
draw draws drew drawing drawn: a (picture|map|line|{animal}|house)|the {view}
paint paints painted painting painted: the (wall|door|fence|house) {color}|
  a picture of the {view}|{poss} (room|portrait)
learn learns learned learning learned: to (swim|read|dance|sing|cook|drive|ride a bike|
  speak french|play chess)|(english|french|a new word|a poem)|from {poss} mistakes
teach teaches taught teaching taught: {topic}|{topic} at (a|the) school|{whom} to (swim|read|
  drive|cook|dance)|the (children|students) a song
study studies studied studying studied: {topic}|{topic} at the university|for {poss} exam|
  in the library
know knows knew knowing known: {whom}|the (answer|way|truth|city|story|song)|{poss} name|
  nothing about it
forget forgets forgot forgetting forgotten: {poss} {carried}|the (name|number|time|milk)|to (call|
  lock the door|close the window|buy bread)
remember remembers remembered remembering remembered: {poss} (name|childhood|birthday)|the (story|
  song|day)|{whom}
think thinks thought thinking thought: about (it|the future|{whom}|{poss} work|the question)|
  of (home|{whom}|a name)
speak speaks spoke speaking spoken: (english|french|slowly|quietly)|(to|with) {whom}|
  about {poss} (work|family|journey)
talk talks talked talking talked: (to|with|about) {whom}|about the (weather|film|news|past)|
  on the phone|all night
tell tells told telling told: {whom} (a story|the truth|everything|a secret|a joke)|a (story|
  joke)|{whom} about the (journey|accident|film)
ask asks asked asking asked: {whom} (for help|a question|for the way)|a question|for the bill|
  {whom} to (wait|come|help)
answer answers answered answering answered: the (phone|question|letter|door)|{poss} questions
call calls called calling called: {whom}|the (doctor|police|waiter)|{poss} (mother|friends|office)
help helps helped helping helped: {whom}|{whom} (with the work|in the garden|to find the way|
  in the kitchen)
meet meets met meeting met: {whom} {at_place}|{poss} (friends|old teacher|neighbor)|
  a {person_adj} {person}
visit visits visited visiting visited: {whom}|the (museum|castle|zoo|old town)|
  {poss} (grandparents|family|friends) {often}|{city_name}
invite invites invited inviting invited: {whom} (to dinner|to the party|for lunch)|
  all {poss} friends
wait waits waited waiting waited: for (the bus|the train|a taxi|{whom}|an answer|
  the rain to stop)|{at_place}|(outside|a long time|for an hour)
walk walks walked walking walked: {to_place}|{along}|home (alone|together|in the rain|)|
  with {poss} dog|through the (park|forest|snow|old town)
run runs ran running run: {to_place}|{along}|after the (bus|thief|children)|away|very fast|
  out of the house
go goes went going gone: {to_place}|home|to (bed|sleep|work|church|the doctor)|for a walk|
  shopping|fishing|out with {poss} friends|up the hill|swimming
come comes came coming come: home (late|early|again|)|back (from {place}|soon|again|)|from (work|
  school|far away)|in|too late|to {place}
leave leaves left leaving left: (home|the house|the room|the village|work) (early|late|)|
  {poss} {carried} {at_place}|without a word|for {city_name}
arrive arrives arrived arriving arrived: {at_place}|(late|early|at night|in the evening|on time)|
  at the (station|airport|hotel)
return returns returned returning returned: to {place}|the book to the library|home|from {place}
travel travels traveled traveling traveled: to {country}|by (train|car|boat|plane)|
  around the world|through {country}|with {whom}
fly flies flew flying flown: to {city_name}|over the (sea|mountains|clouds)|home
drive drives drove driving driven: {to_place}|a (red|small|big|fast|old) car|a (bus|taxi|truck)|
  too fast|to work|{whom} to the (station|airport|hospital)
ride rides rode riding ridden: a (horse|bike)|{poss} bike {to_place}
stay stays stayed staying stayed: (at home|in bed|here|for dinner|a few days|all day|up late)|
  {at_place}|with {whom}|in a (hotel|small hotel)
live lives lived living lived: {at_place}|in (a (small|big|old) (house|village|town|city)|
  {country}|{city_name}|the country)|(alone|with {whom}|near the {place_n}|on a farm)
move moves moved moving moved: to (the city|the country|another town|a new house|{city_name})|
  the (table|chair|box)
work works worked working worked: {at_place}|in a (office|shop|hospital|bank|factory|school|
  hotel|restaurant)|(hard|all day|at night|too much|in the garden)|as a {job}|for {whom}
rest rests rested resting rested: {at_place}|after {event}|for an hour
sleep sleeps slept sleeping slept: (well|badly|late|all day|for ten hours)|
  in the (garden|car|chair|sun)|on the (floor|sofa)
wake wakes woke waking woken: up (early|late|at six|in the night)|the (baby|children)
get gets got getting got: up (early|late|at six|at seven)|(tired|old|better|lost|married|wet|
  angry|home late)|a (letter|present|new job)|into the car|out of bed|to {place}
become becomes became becoming become: a {job}|(rich|famous|ill|a good friend)
grow grows grew growing grown: {planted}|up (in the city|on a farm|by the sea)|(old|tall|fast)
plant plants planted planting planted: {planted}|a tree|some flowers in the garden
build builds built building built: a (house|bridge|boat|wall|fire|tower)|a house {at_place}
repair repairs repaired repairing repaired: the (roof|car|clock|bike|door)|{poss} (shoes|car|bike)
make makes made making made: a (cake|cup of tea|mistake|plan|list|fire|noise)|(dinner|breakfast|
  lunch|coffee|soup|the bed)|{whom} (laugh|happy|smile|wait|angry)
use uses used using used: a (knife|pen|map|computer|phone)|{poss} (hands|phone|car)
try tries tried trying tried: to (sleep|help|understand|open the door|find {poss} {carried}|
  be on time)|the (soup|cake|wine|door)|again
begin begins began beginning begun: to (rain|cry|laugh|work|sing|understand|snow)|a new (life|job|
  book)|{poss} work
start starts started starting started: to (rain|cry|laugh|run|work|read)|the (car|fire|work)|
  a new (job|school|business)
stop stops stopped stopping stopped: (working|talking|smoking|laughing|crying)|the (car|bus|
  music)|at the (corner|bridge|red light)
finish finishes finished finishing finished: {poss} (work|homework|book|coffee|studies|dinner)|
  the (work|game|letter)
play plays played playing played: the {instrument}|(football|chess|cards|tennis|outside|
  in the snow|in the garden)|with the (ball|children|dog|cat|baby)|a game
sing sings sang singing sung: a (song|lullaby)|(in the shower|in a choir|loudly|softly)
dance dances danced dancing danced: with {whom}|all night|in the (kitchen|street|rain)
laugh laughs laughed laughing laughed: (at the joke|loudly|a lot|with {whom})
cry cries cried crying cried: (all night|a lot|in {poss} room)
smile smiles smiled smiling smiled: (at {whom}|again|in {poss} sleep)
sit sits sat sitting sat: {at_place}|(at|on|under|by|near) the (table|tree|window|fire|door)|
  (down|in the shade|in the sun|next to {whom}|on the floor)
stand stands stood standing stood: {at_place}|(at|by|near) the (door|window|gate|corner)|
  in the (rain|line|middle of the room)|up
fall falls fell falling fallen: (asleep|in love|ill|down|into the water|off the chair|on the ice|
  down the stairs)|in love with {whom}
climb climbs climbed climbing climbed: the (hill|mountain|tree|stairs|wall|tower)|over the fence
swim swims swam swimming swum: in the (lake|sea|river|pool)|across the river|(well|fast|every day)
feed feeds fed feeding fed: the {animals}|the (baby|dog|cat|birds)|{poss} {animals}
wear wears wore wearing worn: a {color} {cloth}|(a|an old) (hat|coat|jacket)|{poss} (new|old|
  best) (shoes|coat|dress|clothes)|glasses
give gives gave giving given: {whom} (a {thing_np}|some {food}|the key|{poss} hand|a present|
  good advice)|a party|up
show shows showed showing shown: {whom} (the way|the city|a picture|{poss} {carried}|the house)
send sends sent sending sent: {whom} a (letter|card|message|present)|the (letter|children) home
keep keeps kept keeping kept: (a secret|quiet|{animals}|bees|{poss} promise|the change)|the (key|
  door open|milk cold)
save saves saved saving saved: (money|{poss} life|some food for {whom})|the (dog|child|world)
spend spends spent spending spent: (the night|the summer|the day|a week) {at_place}|
  too much money|{poss} holidays by the sea|an hour in the bath
turn turns turned turning turned: (left|right|around|off the light|on the light|on the radio)|
  the (page|key|corner)
change changes changed changing changed: {poss} (mind|clothes|job|shoes)|the (world|subject)|
  trains in {city_name}
follow follows followed following followed: {whom}|the (road|river|rules|path|stars)
cross crosses crossed crossing crossed: the (street|river|bridge|road|field|border)
hide hides hid hiding hidden: (under the bed|behind the tree|from the rain|the money|
  in the forest)
need needs needed needing needed: (help|a doctor|more time|some sleep|money|a new {thing}|a rest|
  {whom})
want wants wanted wanting wanted: (some {food}|a new {thing}|more time|to {do_s}|to be {feeling})
like likes liked liking liked: {liked}|{food}|{fruit}|to {do_s}|{whom}
love loves loved loving loved: {liked}|{whom}|to {do_s}|{poss} (work|family|country|garden)
miss misses missed missing missed: {whom}|the (bus|train|plane|sea)|{poss} (home|family|old life)
enjoy enjoys enjoyed enjoying enjoyed: (the music|the sun|{poss} work|the meal|the evening|
  the silence|life)
feel feels felt feeling felt: {feeling}|(better|cold|ill|at home|the wind)
win wins won winning won: the (game|race|prize|match)|a prize|again
dream dreams dreamed dreaming dreamed: of ({whom}|the sea|a better life|{city_name})|about flying
believe believes believed believing believed: (the story|in {abstract}|{whom}|every word)
understand understands understood understanding understood: (the question|the joke|{whom}|
  everything|not a word)
decide decides decided deciding decided: to (stay|leave|wait|go home|learn {topic}|sell the house)
plan plans planned planning planned: a (party|journey|trip|surprise)|to (move|travel|
  build a house)
choose chooses chose choosing chosen: the (red|blue|small|best) one|a (book|name|color)|
  {poss} words
""".strip().replace("\n  ", "")


def verb_classes() -> dict[str, list[str]]:
    """The classes of verb phrases: do_v, does_v, did_v, doing_v and done_v.

    A verb with many objects comes no more often than one with few: they are a class of their own.
    """
    classes: dict[str, list[str]] = {name: [] for name in _FORMS}
    for line in _VERBS.splitlines():
        forms, follows = line.split(": ", 1)
        base = forms.split(" ")[0]
        classes[f"after_{base}"] = split_choices(follows)
        for name, form in zip(_FORMS, forms.split(" "), strict=True):
            classes[name].append(f"{form} {{after_{base}}}")
    return classes
