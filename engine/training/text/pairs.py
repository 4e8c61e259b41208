"""Adjectives and nouns that go together more often than not."""

from __future__ import annotations

OWN, OTHERS = 3, 1  # how often a noun has an adjective of its own, and any other

# noun: its own adjectives
_THINGS = """\
book: old new good interesting long short thick|letter: long short old strange sad|
house: old big small white empty beautiful new red|room: small dark warm empty quiet large|
table: wooden round big old long|chair: old wooden comfortable broken empty|
bed: warm soft big cold narrow|lamp: small bright old broken|door: open wooden heavy green|
window: open big broken dirty small|clock: old big broken loud|picture: beautiful old strange|
hat: red black old funny straw|coat: warm long old heavy winter blue|
dress: red blue long pretty new|shirt: white clean blue dirty old|scarf: red warm long soft|
bag: heavy big black empty full|box: small heavy empty wooden big|key: small old rusty wrong right|
bottle: empty green full broken|cup: white broken hot small|plate: white broken big clean|
knife: sharp old long|ring: golden silver small expensive|camera: old new expensive small|
umbrella: black big broken red|phone: new old broken small|mirror: big old broken round|
guitar: old new wooden|piano: old black big|car: fast red old new small big expensive|
bike: old red new fast|boat: small old white wooden|ship: big old white|
train: fast long slow night|bus: yellow full late old|road: long narrow dark straight dusty|
street: narrow busy quiet empty long|bridge: old long stone narrow|tree: tall old big green|
flower: red beautiful small wild|garden: green little beautiful wild|
cake: sweet big chocolate delicious|soup: hot warm thick delicious|bread: fresh warm dark|
story: long short funny sad strange old true|song: sad old beautiful new happy|
film: good bad funny long sad boring|question: good difficult easy strange|
answer: right wrong short good|dream: strange bad beautiful old|idea: good bad new crazy|
mistake: big small bad|job: good new hard boring|present: small big nice wonderful|
party: big small loud|journey: long hard short|ticket: cheap expensive|storm: terrible big strong|
voice: soft loud deep warm|noise: loud strange terrible|stone: heavy flat big|
computer: new old fast slow|jacket: leather warm blue old|basket: full empty big|
blanket: warm soft thick|newspaper: old morning|fire: big warm small|
suitcase: heavy big old brown"""
_PEOPLE = """\
man: old young tall strong kind poor rich quiet strange|
woman: young old kind tall beautiful clever busy|boy: little small young clever lazy hungry|
girl: little young clever small happy|child: little small tired happy good sick|
baby: little new happy sleeping|doctor: good young busy tired|teacher: good young kind strict new|
farmer: old poor busy rich|sailor: old brave young|baker: old friendly kind|
student: good young clever lazy poor new|nurse: kind young tired|driver: good careful tired bad|
waiter: friendly tired slow young|neighbor: old friendly new loud|friend: old good best dear true|
king: old young good rich|queen: old young beautiful|artist: young famous poor|
stranger: tall quiet friendly|policeman: tall friendly young|singer: famous young good|
soldier: young brave tired|lawyer: clever rich young|couple: young old happy|
family: big poor happy young whole|guest: late old welcome"""
_ANIMALS = """\
dog: big black old little friendly hungry brown lazy|cat: black white lazy little gray fat|
bird: little small blue singing|horse: white brown fast old wild|cow: brown fat old|
sheep: white little lost|fox: red clever quick hungry|rabbit: white little quick|
mouse: little gray quick|duck: white little|fish: small big fresh silver|bear: big brown hungry|
wolf: gray hungry wild|owl: old wise white|goat: old white hungry|lion: big hungry old|
elephant: big gray old|swan: white beautiful|eagle: big golden|puppy: little happy sleepy|
kitten: little gray hungry|donkey: old gray slow|snake: long green|
butterfly: yellow blue beautiful"""
_PLACES = """\
park: quiet green big|market: busy old small|street: busy quiet narrow|museum: old famous big|
church: old white little|school: new small old|station: busy old small|
hotel: cheap old big expensive|restaurant: good small expensive italian|
cafe: small quiet little warm|shop: small new little expensive|village: small quiet little fishing|
city: big old beautiful busy|town: small old quiet|island: small green lonely little|
beach: long white empty|forest: dark deep green old|lake: deep blue quiet cold|
river: wide deep cold slow|mountain: high old white|hill: green little steep|
valley: green deep quiet|desert: hot dry endless wide|sea: calm blue deep wide|
field: green yellow wide|meadow: green quiet sunny|harbor: old busy little|
castle: old dark ancient big|lighthouse: old white lonely red tall|windmill: old white little|
tower: high old|waterfall: high beautiful|cottage: little old white|farm: old small big|
bridge: old long stone|library: quiet old big|hospital: big new|airport: big busy|
office: small busy new|skyline: beautiful modern|pyramid: ancient great|bay: quiet blue|
coast: wild rocky|bakery: small old good"""


def _rows(table: str) -> dict[str, str]:
    return dict(row.split(": ") for row in table.replace("\n", "").split("|"))


def _tied(table: dict[str, str]) -> list[str]:
    """Adjective and noun as one entry, its own adjectives OWN : OTHERS against all of the table."""
    everything = sorted({adjective for row in table.values() for adjective in row.split()})
    entries = []
    for noun, row in table.items():
        own = row.split()
        others = [adjective for adjective in everything if adjective not in own]
        repeats = max(1, round(OWN * len(others) / (OTHERS * len(own))))
        entries += [f"{adjective} {noun}" for adjective in own] * repeats
        entries += [f"{adjective} {noun}" for adjective in others]
    return entries


def pair_classes() -> dict[str, list[str]]:
    """``thing_np``, ``person_np``, ``animal_np`` and ``place_np``: adjective and noun."""
    blocks = {"thing": _THINGS, "person": _PEOPLE, "animal": _ANIMALS, "place": _PLACES}
    tables = {name: _rows(block) for name, block in blocks.items()}
    nouns = {f"{name}_n": list(table) for name, table in tables.items()}
    return {f"{name}_np": _tied(table) for name, table in tables.items()} | nouns
