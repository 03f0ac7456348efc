"""Plausible Canadian names, and phone numbers from the range kept for fiction (555-0100 to 555-0199)."""

from random import Random

SURNAMES = (
    "Smith", "Brown", "Tremblay", "Martin", "Roy", "Gagnon", "Lee", "Wilson", "Johnson", "MacDonald", "Taylor",
    "Campbell", "Anderson", "Leblanc", "Côté", "Jones", "Gill", "Singh", "Williams", "Miller", "Bouchard", "Scott",
    "Stewart", "Fortin", "Young", "Chan", "Wong", "Nguyen", "Patel", "Morin", "Thompson", "Reid", "Clarke", "Robertson",
    "Fraser", "McLean", "Grant", "Sharma", "Kaur", "Kim", "Lavoie", "Pelletier", "Murphy", "O’Brien", "Fournier",
)  # fmt: skip
FEMALE = (
    "Olivia", "Emma", "Charlotte", "Amelia", "Sophie", "Chloe", "Hannah", "Emily", "Sarah", "Jessica", "Ashley",
    "Jennifer", "Melissa", "Stephanie", "Nicole", "Amanda", "Lisa", "Michelle", "Karen", "Heather", "Julie", "Isabelle",
    "Geneviève", "Priya", "Simran", "Mei", "Grace", "Victoria", "Natalie", "Rachel", "Megan", "Laura", "Claire", "Zoe",
    "Audrey", "Élise", "Maya", "Nora", "Leah", "Samantha",
)  # fmt: skip
MALE = ("Liam", "Noah", "Ethan", "Lucas", "Daniel", "Michael", "David", "Ryan", "Kevin", "Marc", "Arjun", "Alex")
AREA_CODES = (
    204, 226, 236, 249, 250, 289, 306, 343, 365, 403, 416, 418, 431, 437, 438, 450, 506, 514, 519, 548, 579, 581, 587,
    604, 613, 639, 647, 672, 705, 709, 778, 780, 782, 807, 819, 825, 867, 873, 902, 905,
)  # fmt: skip


def person(rng: Random, gender: str) -> str:
    return f"{rng.choice(FEMALE if gender == 'female' else MALE)} {rng.choice(SURNAMES)}"


def phone(number: int) -> str:
    return f"+1 {AREA_CODES[number // 100]} 555 01{number % 100:02d}"
