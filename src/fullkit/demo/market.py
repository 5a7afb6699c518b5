"""Who wants what. Every firm, person, address and number here is made up; mail goes to .example, calls to 555-01."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from fullkit.actions import customers
from fullkit.models import Contact, Customer

FIRST = (
    "Alderbrook", "Amberfield", "Birchmoor", "Bluestem", "Brackenhill", "Cinderford", "Copperleaf", "Coldspring",
    "Dovetail", "Elkhollow", "Emberline", "Fernway", "Flintridge", "Foxglove", "Gannetpoint", "Gritstone",
    "Hollowell", "Ironquill", "Juniper Bend", "Kestrelview", "Lanternwick", "Larkspur", "Marrowbone", "Millrace",
    "Mosswater", "Nettlecombe", "Oakhampton", "Otterbrook", "Pebblecrest", "Quillmark", "Ravensgate", "Redwillow",
    "Saltmarsh", "Sagebrook", "Thistledown", "Thornapple", "Umberland", "Vesper", "Wexcombe", "Wrenfield",
)  # fmt: skip
SECOND = (
    "Bottling", "Foundry", "Paper Mill", "Dairy", "Packaging", "Castings", "Brewing", "Ceramics", "Plastics",
    "Coachworks", "Grain", "Textiles", "Timber", "Cold Storage", "Pumps", "Printing", "Extrusions", "Bakeries",
    "Galvanizing", "Quarries", "Canning", "Glassworks", "Conveyors", "Fisheries", "Robotics", "Boilerworks",
)  # fmt: skip
FORM = ("Inc.", "LLC", "Co.", "Works", "Group", "& Sons", "Ltd.")
ABROAD = (
    "Société Fictive des Roulements de l'Estuaire et de la Vallée Réunies", "Łąkowa Huta Szkła S.A.",
    "Müßiggang Förderanlagen GmbH & Co. KG", "Ñandú Envases del Sur S.A. de C.V.", "شركة الواحة الخيالية للتعبئة",
    "מפעלי הכרמל הבדויים", "架空精密工業株式会社", "Þórshöfn Fiskvinnsla ehf.", "Çınaraltı Dokuma A.Ş.",
    "Công ty Bao bì Hư Cấu", "Αφανείς Χυτήρια Α.Ε.", "Вымышленный Завод Насосов",
)  # fmt: skip
PEOPLE = (
    "Ade Balogun", "Aiko Moriyama", "Alejandra Quintanilla Etxeberria", "Amélie Brûlé", "Anders Sjöqvist",
    "Aoife Ní Dhomhnaill", "Bao Nguyễn", "Beatriz Falcão", "Bogdan Ştefănescu", "Carmen Iturralde",
    "Chidi Nwankwo", "Dagmar Kříž", "Delroy Campbell", "Dilnoza Karimova", "Eun-ji Baek", "Farid Rahimi",
    "Fatoumata Diarra", "Gareth Pugh", "Grace Whitfield", "Hana Dvořáková", "Hector Villaseñor", "Ingrid Åkesson",
    "Ismail Yıldız", "Jack Ferris", "Jolanta Wójcik", "Kamala Subramaniam", "Kofi Asante", "Lars Bjørnstad",
    "Leilani Kahananui", "Lucía Ordóñez", "Maeve O'Hanlon", "Mandla Dube", "Maria-Theresia Freifrau von Hohenlinden",
    "Mei-Ling Chao", "Miroslav Hruška", "Nadia Benali", "Ngozi Eze", "Nils Østergaard", "Olena Shevchuk",
    "Paolo Zanetti", "Pat Doyle", "Priya Venkataraman", "Quentin Lefèvre", "Rosa Maldonado", "Ruth Abramson",
    "Sanjay Kulkarni", "Siobhán Kearney", "Tariq Mahmood", "Thandiwe Mokoena", "Tómas Guðmundsson",
    "Venkatanarasimharajuvaripeta Srinivasaraghavan", "Walt Jensen", "Wilhelmina Vandenbroucke", "Xochitl Barrera",
    "Yusuf Aydın", "Zoë Papadakis",
)  # fmt: skip
ABROAD_PEOPLE = (
    "نور الهدى بنت عبد الرحمن", "خالد المنصوري", "יעל בן־דוד", "אברהם שלומוביץ", "森山 愛子", "高橋 健太郎", "王小明",
    "김서연", "Αλέξανδρος Παπαδόπουλος", "Людмила Орешкина", "นภาพร สุขสวัสดิ์", "अनुराधा कुलकर्णी",
)  # fmt: skip
ROLES = ("buyer", "plant manager", "maintenance lead", "owner", "operations manager", "production engineer")
PLACES = (
    "Millbend, IL", "Harrow Creek, WI", "Lowmoor, IN", "Saint Orrin, MO", "Cedar Notch, IA", "Fallow Springs, MI",
    "Port Ansel, OH", "Tamber, MN", "Greywater, KY", "New Lisle, TN",
)  # fmt: skip
STREETS = ("Dock Road", "Foundry Street", "Canal Lane", "Depot Avenue", "Weir Street", "Silo Road")

PROGRAMS = ("Leak survey", "Bearing life program", "Tool crib on consignment", "Belt watch", "Hose day")
SUPPLIERS = (
    "Brayne Supply",
    "Tollgate Industrial",
    "Northing & Pell",
    "Ossuary Bearings",
    "their parent company",
)
WANTS = {
    "seals": ("Seals for the paint line", "Shaft seals, pump room", "Gaskets for the fillers"),
    "bearings": ("Bearings for the dryer", "Price for 40 bearings", "Roller bearings, conveyor 3"),
    "hoses": ("Hoses for the wash-down", "Hydraulic hoses, press shop", "Food-grade hose"),
    "abrasives": ("Abrasives, weld shop", "Flap discs by the month", "Grinding wheels"),
    "fasteners": ("Fasteners by the bin", "Stainless bolts, outdoor frame", "Anchors for the new racks"),
    "safety": ("Gloves for two shifts", "Eye protection, whole site", "Lock-out kits"),
    "belts": ("Belts for the packing hall", "Timing belts, line 2", "Conveyor belt splice"),
    "pumps": ("Dosing pump, water plant", "Transfer pump and spares", "Pump overhaul"),
}
FAMILIES = tuple(WANTS)
_LETTERS = {"ł": "l", "ø": "o", "ß": "ss", "ı": "i", "þ": "th", "đ": "d"}


@dataclass(frozen=True)
class Client:
    """A firm we know, one person there, and what it has from us."""

    customer: Customer
    contact: Contact
    families: tuple[str, ...]
    abroad: bool


class Market:
    """Hands out firms and people, each firm once, in an order that the seed decides."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._firms = self._invent()
        self._abroad = 0
        self.known: list[Client] = []
        """Those who buy from us."""
        self.prospects: list[Client] = []
        """Those who buy from someone else."""

    def _invent(self) -> Iterator[str]:
        names = [f"{a} {b}" for a in FIRST for b in SECOND]
        self.rng.shuffle(names)
        for number, name in enumerate(names):
            if number % 40 == 7 and self._abroad < len(ABROAD):
                yield ABROAD[self._abroad]
                self._abroad += 1
            yield f"{name} {self.rng.choice(FORM)}"
        for number in range(1, 100_000):
            yield f"{self.rng.choice(names)} No. {number}"

    def new_client(self, at: datetime) -> Client:
        """A firm that we did not know, with one person there."""
        rng, name = self.rng, next(self._firms)
        abroad = name in ABROAD
        person = rng.choice(ABROAD_PEOPLE if abroad or rng.random() < 0.03 else PEOPLE)
        customer = customers.register(name=name, place=rng.choice(PLACES), at=at)
        contact = customers.add_contact(
            customer,
            name=person,
            role=rng.choice(ROLES),
            email=f"{_mailbox(person)}@{_mailbox(name)}.example",
            phone=f"+1 {rng.randrange(201, 990)} 555 01{rng.randrange(100):02}",
        )
        return Client(customer, contact, tuple(rng.sample(FAMILIES, rng.randint(1, 3))), abroad)

    def prospect(self, at: datetime) -> Client:
        """Someone to be won: mostly a firm we have never spoken to, at times one we have."""
        if self.prospects and self.rng.random() < 0.66:
            return self.rng.choice(self.prospects)
        found = self.new_client(at)
        self.prospects.append(found)
        return found

    def wish(self, family: str) -> str:
        """What they would write as a subject."""
        return self.rng.choice(WANTS[family])

    def worth(self, least: int = 800, most: int = 40_000) -> Decimal:
        """An order's value: many small ones, a few large."""
        share = self.rng.random() ** 2.2
        return Decimal(round((least + share * (most - least)) / 10) * 10).quantize(Decimal("0.01"))

    def address(self) -> str:
        """Street, place and postal code of a dock that does not exist."""
        rng = self.rng
        return f"{rng.randint(1, 480)} {rng.choice(STREETS)}, {rng.choice(PLACES)} {rng.randrange(100):05}"


def _mailbox(name: str) -> str:
    """Letters a to z of a name, for the made-up mail address."""
    plain = unicodedata.normalize("NFKD", "".join(_LETTERS.get(c, c) for c in name.casefold()))
    return "".join(c for c in plain if "a" <= c <= "z")[:40] or "contact"
