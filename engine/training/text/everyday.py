"""The larger half of the text world: everyday sentences around verbs, and the posters' places."""

from __future__ import annotations

# family: (how often, frames); the notation is that of ``world``
EVERYDAY = {
    "she does": (16, """
{sing} {does_v}.
{sing} {does_v} {often}.
{sing} (often|never|always|sometimes|usually) {does_v}.
{sing} {does_v}, and {sing} {does_v}.
every {daytime} {sing} {does_v}.
in the {daytime} {sing} {does_v}.
{sing} does not (do|say) (anything|much|it) without {kin_np}.
{sing} does not {do_v}.
{sing} {does_v} before {sing} {does_v}.
{sing} (still|only) {does_v} when {weather}."""),
    "they do": (12, """
{plur} {do_v}.
{plur} {do_v} {often}.
{plur} (often|never|always|usually) {do_v}.
{plur} do not {do_v}( any more|).
every {daytime} {plur} {do_v}.
{plur} {do_v}, but {plur} {do_v}.
{plur} {do_v} because {reason}."""),
    "did": (26, """
{subj} {did_v}.
{subj} {did_v} {ago}.
{ago} {subj} {did_v}.
{ago}, {subj} {did_v}.
{subj} {did_v} and {did_v}.
{subj} {did_v} because {past_reason}.
{subj} {did_v}, but {subj} {did_v}.
{subj} did not {do_v}( {ago}| because {past_reason}|).
{subj} {did_v} for {whom}.
{subj} {did_v} {with}.
{subj} {did_v} (after|before) {event}.
when {subj} {did_v}, {subj} {did_v}.
{subj} (had to|wanted to|tried to|could not|could|used to|did not want to|was able to) {do_v}.
{subj} (finally|suddenly|quickly|already|nearly) {did_v}.
after {event} {subj} {did_v}.
{subj} {did_v}, so {subj} {did_v}.
{subj} {did_v} until it was (dark|late|midnight).
{sing} was so {feeling} that (he|she) {did_v}.
nobody {did_v} {ago}."""),
    "doing": (14, """
{sing} (is|was) {doing_v}.
{plur} (are|were) {doing_v}.
i (am|was) {doing_v}.
{sing} is {doing_v} (now|today|again|at the moment).
{sing} was {doing_v} when {past_event}.
{plur} were {doing_v} when {past_event}.
i was {doing_v} when {past_event}.
while {sing} was {doing_v}, {sing} was {doing_v}.
{sing} is not {doing_v}( today| any more|).
who (is|was) {doing_v}?
why (is|was) {kin_np} {doing_v}?
(is|was) {sing} {doing_v}?
are (you|they|{plur}) {doing_v}( tonight| tomorrow|)?
we are going to {do_v} {soon}.
{sing} is going to {do_v}( {soon}|).
{plur} are going to {do_v}( {soon}|).
are (you|they) going to {do_v} {soon}?"""),
    "has done": (12, """
{sing} has {done_v}.
{plur} have {done_v}.
i have {done_v}.
{sing} has (just|already|never|always) {done_v}.
{plur} have (just|already|never|always) {done_v}.
i have (just|already|never|always) {done_v}.
{sing} has not {done_v} (yet|for years|since {day}).
have you ever {done_v}?
have (they|you) {done_v}( yet|)?
{sing} had {done_v} before {sing} {did_v}.
{sing} has been {doing_v} (for (hours|an hour|two hours|three days)|all day|since {day}).
{plur} have been {doing_v} (for (hours|an hour|a week|many years)|all morning|since {month}).
{sing} has (never |often |)been (abroad|to {country}) before.
{sing} has been to {country} {ago_n} times.
{sing} has been (ill|sick|away|very quiet|in hospital|here) (for (a week|two days|a long time)|
  since {day}|all week)."""),
    "modals": (14, """
{subj} (can|could|will|would|should|must|may|might) {do_v}.
{subj} (can not|could not|will not|would not|should not|must not) {do_v}.
you (can|should|must|may|will|have to|do not have to) {do_v}( {soon}| before {event}|).
{subj} (will|might|must) {do_v} {soon}.
{subj} would like to {do_v}.
(i|we|they) (want|hope|need|have|like|love|plan) to {do_v}( {soon}|).
{sing} (wants|hopes|needs|has|likes|loves) to {do_v}( {soon}|).
let us {do_v}( {soon}|).
if {weather}, {subj} will {do_v}.
if you {do_v}, you will {do_v}.
{subj} will {do_v} if {reason}.
{subj} would {do_v} if (he|she|i|they|we) had more (time|money).
i would rather {do_v} than {do_v}.
it is (time|easy|hard|good|nice|difficult|better|too late|never too late|important|dangerous|
  impossible|fun) to {do_v}.
it was (getting|becoming) (late|dark|warm|light) when {subj} {did_v}."""),
    "asks": (12, """
(do you|do they|did you|did she|did he|can you|will you|could you|would you|does he|does she|did
  they|should we|can we|must i|may i) {do_v}?
(where|when|why|how often) (do you|did you|does she|did he|will they|can we) {do_v}?
who {did_v}?
who (wants|would like|needs) to {do_v}?
what did {subj} say when {subj} {did_v}?
do you know (where|when|why|how) {subj} {did_v}?
do you know (who|how old|where|what) (he|she) is?
can you tell me (where the {place_n} is|the way to the {place_n}|what time it is|when the {vehicle}
  leaves)?
how much (is the {thing_n}|are (these|those|the) {things})?
how many {things} (are there|do you have|did you buy|do we need)?
how long does it take to get to the {place_n}?
which {thing_n} do you (like|want|need)?
whose {thing_n} is (this|that)?
who is (the|that) {person_np}?
would you like (another cup of|a little|some) {drink}?
is (this|that) (your|his|her|the) {thing_np}?
are there any {things} {at_place}?
why do you look so {feeling}?
what is (wrong|the matter|new|in the {thing_n})( with {kin_np}|)?
what (kind of|) (music|food|books|films) do you like?"""),
    "please": (7, """
{do_v}, please.
please {do_v}.
please do not {do_v}.
do not {do_v}( {soon}|).
please {do_v} before you (go out|go to bed|come home).
never {do_v} (again|alone|at night).
(always|first|just) {do_v}.
be (careful|quiet|quick|kind|on time) when you {do_v}.
could you please {do_v}?
{do_v} and {do_v}."""),
    "is": (16, """
the {place_n} is (very|too|so|quite|not) (far|old|big|small|quiet|noisy|beautiful|busy|cheap|high|
  wide)( for me| today|).
the {place_np} is {near} the {place_np}.
the {place_n} is (closed|open|empty|full|busy|quiet|crowded) (today|in the {daytime}|
  {often}|at night).
the {thing_n} is (too|very|so|quite|not) (big|small|heavy|old|expensive|cheap|hard|soft|dirty|
  clean|cold|hot)( for me| to carry| to use|).
the {food} is (too|very|so|not) (hot|cold|salty|sweet|old|good|bad)( today| for the children|).
this is (a|the|my|his|her|our) {thing_np}.
that (was|is) a {thing_np}.
these are {poss} {things}.
all the {things} (are|were) (old|new|empty|gone|expensive|broken|lost).
{poss} {thing_n} is (old|new|broken|lost|dirty|wet|gone|{color}|here|there).
{sing} is (a|not a) (good|bad|young|famous|great) {job}.
{sing} is (older|younger|taller|stronger|faster|richer|smarter) than {sing}.
{sing} is (almost|not|just) as (young|tall|rich|strong|happy) as {sing}.
the {place_n} is (bigger|smaller|older|quieter|nicer|more beautiful) than the {place_n}.
{sing} (is|was|looks|seems) (so|very|too|a little|not) {feeling}( today|).
{plur} (are|were|look|seem) (so|very|too|a little|not|all) {feeling}( to speak| today|).
i am (happy|sorry|sad|sure|afraid) that {subj} {did_v}.
{sing} (is|was) glad about the {thing_n}.
i am (so|very|not|too|a little) {feeling}( today| tonight|).
(everything|something|nothing|everybody|nobody|someone) (is|was) {state}.
the {daytime} was (long|cold|short|warm|beautiful|quiet|boring).
it (is|was) a (long|beautiful|cold|terrible|good|strange|wonderful|sunny|quiet|hard) {daytime}.
one of my {kins} is a {job} {at_work}.
a {kin} of (mine|his|hers|ours) {did_v}.
{sing} is (my|his|her|our|a good|an old) {kin}.
(he|she) is (five|six|eight|ten|twelve|twenty|thirty|sixty) years old."""),
    "has": (10, """
{sing} (has|had) a {thing_np}.
{sing} has a {animal_np}.
{plur} (have|had) a {animal_np} and a {animal_np}.
{plur} have a {place_np} {near} the {place_n}.
{sing} has {number} {kins}.
i have {number} {kins}.
(i|we|they|you) have (no|enough|a lot of|some|too much|little|more) (time|money|work|luck|food|
  water|bread).
{sing} has (no|enough|a lot of|some|too much|little|more) (time|money|work|luck|hope).
{sing} has {hair} hair and {color} eyes.
{sing} had {meal} (at|in) the {place_np}.
i have a (headache|cold|fever|plan|question|dream|problem|secret|surprise for you)."""),
    "there": (10, """
there (is|was) a {thing_np} {on_thing}.
there (is|was) a {person_np} {at_place}.
there (is|was) a {place_np} {near} the {place_n}.
there (is|was) a {animal_np} {animal_at}.
there (is|was) (nothing|something|somebody|nobody|no one) {at_place}.
{nice} is (better|worse|nicer) than {nice}.
there (are|were) {number} {things} {on_thing}.
there (are|were) {number} (people|children|{kins}|guests|tourists) {at_place}.
there (are|were) (no|many|too many|some|a lot of) (cars|people|trees|houses|shops|birds|
  restaurants|flowers) {at_place}.
there will be (a storm|rain|snow|a party|a concert|dinner) {soon}."""),
    "where it is": (12, """
the {thing_np} is {on_thing}.
the {person_np} (sat|stood|waited|lived|worked|slept) {at_place}.
the {animal_np} (sat|lay|is lying|slept|is sleeping|jumped) (on|under|behind) the
  (table|chair|bed|sofa|tree|car|wall|fence|stairs).
the {animal_np} (ran|jumped|walked) (away|{to_place}|over the (wall|fence|road)|into the (house|
  garden|forest)|after the {animal_n}).
the {person_np} (came|went|walked|ran|drove) {to_place}.
{sing} put the {thing_np} {on_thing}.
{sing} (saw|met|heard) a {animal_np} {animal_at}.
{sing} (found|left|forgot|lost) (the|a|his|her) {thing_np} {at_place}.
the {thing_n} {on_thing} (is|was) (new|old|mine|yours|broken|from my {kin}|too expensive).
the {person_n} {at_place} is (my|his|her|our) {kin}.
the {person_np} with the {thing_np} {did_v}.
the {person_np} in the {color} {cloth} {did_v}.
a {person_np} and a {person_np} {did_v}.
(my|her|his|our) {kin} and (my|her|his|our) {kin} {did_v}.
{kin_np} (lives|lived) {near} the {place_np}.
from the {window} you can see the {view}.
the way from the {place_n} to the {place_n} is (long|short|dangerous|beautiful|dark at night)."""),
    "who and that": (8, """
the {person_n} who {did_v} (is|was) {feeling}.
the {person_n} who {does_v} is {kin_np}.
this is the {thing_n} that {sing} {got} {ago}.
the {thing_n} that {sing} {got} (is|was) (too|very) (old|big|small|expensive).
{sing} (said|thought|knew|hoped|believed|heard|forgot) that {subj} {did_v}.
{sing} (says|thinks|knows|hopes|believes) that {subj} {did_v}.
i (think|know|hope|am sure|believe) (that |){subj} will {do_v}.
(nobody|everybody|everyone) (knows|knew|said) (that|why|when|where|how) {subj} {did_v}.
{sing} (asked|told|wanted|helped|taught) {whom} to {do_v}.
{sing} (asked|told) {whom} (to be (careful|patient|kind)|not to {do_v}).
{sing} made {whom} (laugh|cry|wait|smile|{do_v}).
{sing} let {whom} {do_v}.
{sing} is (old|young|tall|big|clever|strong) enough to {do_v}.
{sing} (likes|loves|hates) {doing_v}.
{doing_v} is (fun|hard|easy|good for you|dangerous|my hobby|not allowed)."""),
    "time": (9, """
the {vehicle} (from {city_name} |from the {place_n} |)(leaves|arrives|left|arrived|goes) {at_time}.
it takes {amount} to (go|walk|drive) {to_place}.
it took {amount} to {do_v}.
{subj} {did_v} for {amount}.
{subj} {did_v} {amount} ago.
in {amount} {subj} will {do_v}.
it is {wet} outside.
in {season} the {nature_n} are (green|white|yellow|beautiful|cold|empty).
{season} is (coming|over|here|beautiful|long|my favorite season).
it (began|started|stopped) to (rain|snow) (when|while|before|after) {subj} {did_v}.
{past_weather} when {subj} {did_v}.
{past_weather}, but {past_weather}.
the (sun|moon) (was|is) (rising|setting|shining) over the {place_np}.
the (sky|lake|sea|street|house|night|forest) was (full of (light|life|clouds|people|birds)|
  dark and quiet|calm and clear).
{sing} was born in {month}( in {city_name}|).
(today|tomorrow) is (monday|sunday|friday|a holiday|my birthday|another day)."""),
    "poster": (14, """
a {poster_np} {stands} {poster_place}.
the {poster_np} {stands} {poster_place}( {moment}|).
{number} {poster_many} {stand} {poster_place}( {moment}|).
there (is|was) a {poster_np} {poster_place}( {moment}|).
there are {number} {poster_many} {poster_place}.
{moment} the {poster_land} is (calm|quiet|beautiful|dark|golden|red|silent|covered in mist).
{subj} (painted|drew|saw|photographed|remembered) the {poster_np} {poster_place}.
the (sun|moon) (rises|sets|rose|set|shines) (over|behind) the {poster_land}.
a (full|crescent) moon (shines|hangs) over the {poster_land}.
{number} {color} balloons (fly|float|flew|floated) over the {poster_land}( {moment}|).
the {season} {poster_land} (is|was) (quiet|white|colorful|green|beautiful)( {moment}|).
the fog (lies|lay) over the {poster_land}( {moment}|).
the {poster_one} {poster_place} is (old|white|red|empty|beautiful|very small).
we (sailed|walked|drove|traveled|flew) (to|past|around) the {poster_np} {moment}.
the northern lights (dance|shine) over the {poster_land}.
a rainbow (stands|appeared) over the {poster_land} after the rain.
the waterfall falls into the (river|lake|valley|pool).
a cactus (grows|stands) in the (dry|hot|endless) desert.
the skyline of the city (shines|glows) (at night|in the dark|at dusk|over the river).
a (poster|watercolor|woodcut|painting|picture) of the {poster_np} hangs on the wall."""),
    "short answers": (8, """
{question} (yes, i (do|did|can|am|will|have)|no, i (do not|can not|am not|will not|have not)|i do
  not
  know|maybe|of course|not yet|i think so).
where were you {ago}? i was {at_place}.
what did {kin_np} do? (she|he) {did_v}.
where is the {thing_n}? it is {on_thing}.
why are you {feeling}? because {past_reason}.
how was the (party|film|journey|weather|food|concert|exam)? it was (great|terrible|boring|very good|
  too long|wonderful|not bad).
how much is the {thing_np}? it is (too expensive|cheap|ten dollars|not for sale).
can i help you? i am looking for a {thing_np}.
who is that? that is {kin_np}.
{sing} {did_v}. (he|she) was very {feeling}.
i {did_v}. it was (fun|hard|wonderful|terrible|cold|a mistake).
{plur} {did_v}. they were {feeling}."""),
}  # fmt: skip
# word classes of these frames
EVERYDAY_CLASSES = {
    "poss": "my|your|his|her|our|their|my|his|her",
    "sing": "{name}|he|she|he|she|{kin_np}|{kin_np}|the {person_np}|the {person_np}|the {person_n}|"
    "everybody|nobody|someone|the {person}|{name}'s {kin}",
    "plur": "they|we|they|we|the {people}|{poss} (parents|friends|neighbors|children|brothers|"
    "sisters|grandparents|sons|daughters|cousins)|my {kin} and i|{name} and {name}|the "
    "(people|boys|girls|men|women|students|guests|workers|young people|old people)|"
    "{number} (men|women|boys|girls|friends|soldiers|tourists)|many people|all the (people|"
    "children)|"
    "most people|some people|you",
    "subj": "{sing}|{sing}|{plur}|i|i|we|you",
    "kin_np": "{poss} {kin}|{poss} (old|young|little|best|older|younger|dear|favorite) {kin}",
    "kins": "brothers|sisters|friends|sons|daughters|cousins|uncles|children|aunts",
    "number": "two|two|three|three|four|five|six|ten|many|several|a few|some",
    "ago_n": "two|three|many",
    "daytime": "morning|evening|night|day|afternoon|summer|winter|week|weekend|spring|year",
    "with": "with {whom}|with {poss} {kin}|without {whom}|alone|together",
    "event": "dinner|breakfast|lunch|school|work|the (film|game|meal|concert|war|storm|holidays|"
    "exam|party|lesson|meeting|accident)|a long (day|journey|night|walk)",
    "past_event": "the (phone|bell) rang|it started to (rain|snow)|the lights went out|{subj} came "
    "(in|home|back)|{subj} {did_v}|the (sun|storm|train) came|somebody knocked at the door",
    "past_reason": "it was (raining|too late|cold|hot|dark|so quiet|sunday|his birthday|closed)|"
    "{subj} was {feeling}|the {thing_n} was (broken|lost|too heavy|gone|empty)|the {place_n} was "
    "(closed|too far|full|empty|dangerous)|{subj} {did_v}|{past_weather}",
    "reason": "{weather}|it is (late|dark|cold|hot|good for you|fun|sunday|cheap|raining)|"
    "they have "
    "(no time|enough money|a day off)|the {place_n} is (near|closed|open|far away)|"
    "{subj} will help",
    "past_weather": "it was (raining|snowing|cold|warm|dark|windy|foggy|sunny|hot)|the sun was "
    "(shining|setting|rising)|the (moon|night) was (bright|clear|dark|full)|the sky was (dark|blue|"
    "gray|cloudy|clear)|the (lake|sea|street|city|wind) was (calm|quiet|cold|empty)|"
    "the (rain|snow) was falling|there was (a storm|snow on the roofs|ice on the road|no wind)",
    "at_shop": "at the market|in (a|the) (shop|supermarket|bakery|store)|in the city|online",
    "meal": "dinner|breakfast|lunch|supper|a cup of coffee|a picnic|tea",
    "at_table": "at the table|in the kitchen|in bed|in a restaurant|with {whom}|at home|together",
    "view": "mountains|sea|ocean|stars|moon|river|lake|harbor|city|clouds|sunset|garden|street|"
    "{place_np}|old {place_n}|valley|lighthouse|island",
    "along": "along the (river|beach|street|road|coast|shore|wall)|down the (street|hill|road|"
    "stairs)|up the (hill|stairs|mountain)|around the (lake|park|house|corner)",
    "place": "the {place_n}|the {place_np}|{city_name}|{country}|the (sea|mountains|country|city)",
    "near": "near|near|next to|behind|far from|not far from|in front of|across from|by|close to",
    "do_s": "swim|read|dance|sing|cook|travel|sleep|laugh|work|play|walk|go home|be alone|be here|"
    "play the {instrument}|eat {food}|drink {drink}|live {at_place}|see the {view}",
    "at_work": "in (a|the) (hospital|school|factory|bank|shop|restaurant|office|theater|hotel|"
    "library|small town|big city)|at the (university|airport|station|market)",
    "things": "books|letters|pictures|chairs|cups|shoes|flowers|windows|houses|keys|clothes|bags|"
    "trees|cars|boats|tickets|apples|stones|newspapers|questions|glasses|plates|doors|toys|stars",
    "on_thing": "(on|under|behind|near|in front of) the (table|chair|bed|door|house|window|sofa|"
    "wall|tree|shelf|desk|floor|stairs)|in the (kitchen|box|bag|drawer|garden|car|garage|cupboard|"
    "{room}|street|corner|basket)|at home|on the (floor|roof|wall|grass|shelf)|next to the (door|"
    "bed|lamp|window)",
    "state": "fine|ready|quiet|wrong|possible|over|here|gone|new|happy|all right|different|"
    "lost|late|at home|asleep|better now|easy|for sale",
    "hair": "long|short|black|brown|red|blond|gray|white|dark",
    "nice": "a cup of (tea|coffee)|a (warm bed|good book|quiet evening|long walk|hot bath|good "
    "friend|warm fire|cold drink|day off)|{doing_v}|{abstract}|home|fresh bread",
    "window": "hill|tower|bridge|roof|garden|train|castle|beach|top of the mountain",
    "got": "bought|found|lost|sold|made|broke|wanted|forgot|gave me|told me about|wrote|read|"
    "brought|liked|painted|chose|needed|saw",
    "at_time": "at (six|seven|eight|nine|ten|noon|midnight|five|four)|in the {daytime}|in (an hour|"
    "ten minutes|the evening)|{soon}|early|late|every hour|on {day}|on time",
    "amount": "an hour|two hours|three hours|ten minutes|half an hour|a (day|week|month|year|long "
    "time|few (days|minutes|hours|weeks))|many (years|hours|days)|three (days|weeks|months|years)",
    "wet": "dark|cold|warm|hot|light|still dark|often foggy",
    "nature_n": "leaves|trees|fields|mountains|hills|forests|gardens|streets|days|nights|parks",
    "question": "do you {do_v}?|did you {do_v}?|can you {do_v}?|are you {feeling}?|"
    "will you {do_v}?|"
    "have you {done_v}?|do you like {liked}?",
    "poster_one": "lighthouse|castle|windmill|cottage|bridge|house|island|sailboat|boat|balloon|"
    "waterfall|pyramid|pine tree|hot air balloon|tower",
    "poster_np": "(red|white|black|old|blue|lonely|tall) lighthouse|(old|ancient|gray|big|dark) "
    "castle|(white|red|old|blue) windmill|(little|small|red|white|snowy) (cottage|house)|"
    "(white|red|"
    "small|yellow|blue) (sailboat|boat|sailing boat)|(red|yellow|green|blue|orange|"
    "purple) (balloon|"
    "hot air balloon)|(long|red|old|stone) bridge|(palm|green|small|lonely) island|(high|roaring|"
    "great) waterfall|(ancient|great|old) pyramid|(tall|snowy|dark) pine tree|(green|tall) cactus",
    "poster_many": "sailboats|boats|balloons|hot air balloons|pine trees|houses|cottages|birds|"
    "windmills|cacti|pyramids|trees|white birds|red boats",
    "poster_land": "sea|ocean|lake|mountain lake|mountains|desert|sand dunes|forest|woods|city|"
    "skyline|meadow|green hills|valley|coast|fields|countryside|island|peaks|bay|town|skyscrapers",
    "poster_place": "by the sea|on the lake|in the (mountains|desert|forest|city|meadow|valley|"
    "countryside|fog|distance)|over the {poster_land}|near the (coast|forest|river|dunes)|"
    "behind the "
    "(hills|dunes|trees)|on the (left|right|coast|hill|horizon)|in the (middle|"
    "center) of the (lake|"
    "forest|desert|meadow|valley|sea)|between the (hills|mountains|trees)|under the (stars|moon)",
    "stands": "stands|lies|waits|can be seen|rises|is seen|sleeps|shines",
    "stand": "stand|lie|wait|can be seen|rise|are seen|sleep|shine",
    "moment": "at (sunset|sunrise|dawn|dusk|night|noon|midnight)|in the (morning|evening|early "
    "morning|fog|snow|moonlight|mist)|under the (stars|moon|northern lights|clouds)|in {season}|"
    "during the day|by night|at golden hour",
}


def everyday_frames() -> dict[str, tuple[float, list[str]]]:
    """The families like those of ``frames.FRAMES``."""
    return {
        family: (weight, block.strip().replace("\n  ", " ").split("\n"))
        for family, (weight, block) in EVERYDAY.items()
    }
