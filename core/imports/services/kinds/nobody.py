"""Words that stand where nobody is known: walk-ins, the house, a cash sale, zeros."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from core.clients.keys import client_key
from core.clients.models import Client
from core.imports.services.context import ImportContext
from core.imports.services.kinds.client_keys import ClientKeys
from core.imports.services.questions import Choice, Question
from core.shared.chain import current_chain

# Choices.
NOBODY, CLIENT = "nobody", "client"
LONGEST_WORD, EXAMPLES = 30, 3
# By the stable name of the question, what a client's key is made of. Behind a word may stand a number, or whether it
# is a man or a woman, as in 散客（女）3; behind one in Latin letters it stands apart, since CASH01 is a code.
_WORDS = {
    "散客": "(?:门店|普通|其他|临时|零星|线下)?散(?:客户?|户)",
    "过客": "过路?客|過路?客",
    "零客": "零客|零[散售](?:顾客|客户?)|临客|臨客|临时(?:顾客|客户?)|流动客|当日客",
    "普通客": "(?:普通|一般)(?:顾客|客户?)",
    "路人": "路人[甲乙丙]?",
    "匿名": "匿名(?:顾客|客户|用户|会员)?|无名氏?|不记名|無名氏?",
    "未登记": "非(?:会员|會員)(?:顾客|客户)?|[无無](?:会员|會員)"
    "|未(?:登记|登記|留|填|知|注册)(?:顾客|客户|姓名|电话)?|游客",
    "现金客": "现金(?:顾客|客户?|散客)",
    "フリー": "フリー(?:客|のお客様)?|ご?新規(?:様|客|のお客様)|一見(?:様|客|さん)?"
    "|ビジター|非会員|会員以外|一般(?:客|のお客様)|不明|未登録",
    "비회원": "비회원|일반 ?(?:고객|손님)|워크인|미등록(?: ?고객)?|비지정|익명|현금 ?고객|지나가는 ?손님",
    "walk-in": "WALK ?INS?(?: (?:CUSTOMER|CLIENT|GUEST))?",
    "guest": "GUESTS?(?: (?:CUSTOMER|CLIENT))?",
    "house": "(?:THE )?HOUSE(?: (?:ACCOUNT|CLIENT|CUSTOMER))?",
    "cash": "CASH(?: (?:CUSTOMER|CLIENT|SALES?))?|COUNTER SALES?|(?:NON|NOT A) ?MEMBER",
    "no name": "NO (?:NAME|CLIENT|CUSTOMER)|N\\. ?N\\.?|UNNAMED|UNREGISTERED",
    "anonymous": "ANONYMOUS|UNKNOWN(?: (?:CUSTOMER|CLIENT))?",
    "laufkunde": "(?:DIVERSE )?LAUFKUND(?:E|EN|IN|SCHAFT)|GAST|GÄSTE|PASSANT(?:EN)?|BAR(?:VERKAUF|KUNDE)"
    "|DIVERSE?(?: KUNDEN?)?|KUND(?:E|IN) OHNE (?:NAMEN?|TERMIN)|ANONYM|UNBEKANNT|OHNE NAMEN?|SPONTANKUND(?:E|IN)",
    "cliente de paso": "CLIENTE (?:DE PASO|OCASIONAL|GENERAL|VARIOS|CONTADO|AVULSO|DI PASSAGGIO|ANÓNIMO)"
    "|CLIENTES VARIOS|MOSTRADOR|PÚBLICO EN GENERAL|CONSUMIDOR FINAL|SIN (?:NOMBRE|CLIENTE)|OSPITE|ANONIMO|ANÓNIMO",
    "client de passage": "(?:CLIENTE? )?(?:DE )?PASSAGE|CLIENTE? (?:ANONYME|DIVERS|COMPTOIR|INCONNUE?)"
    "|SANS (?:NOM|CLIENT)|ANONYME",
    "ลูกค้าทั่วไป": "ลูกค้า(?:ทั่วไป|ขาจร|วอล์คอิน)|ขาจร|วอล์คอิน|ไม่(?:ระบุ|ทราบ)(?:ชื่อ)?|บุคคลทั่วไป",
    "khách lẻ": "KHÁCH (?:LẺ|VÃNG LAI)",
    "гость": "ГОСТЬ|БЕЗ ИМЕНИ|РАЗОВЫЙ(?: КЛИЕНТ)?|АНОНИМ(?:НЫЙ)?(?: КЛИЕНТ)?",
}
_NUMBER = r"[ #]?\(?(?:\d{1,4}|男士?|女士?|先生)?\)?\d{0,4}"
_NUMBER_APART = r"(?:(?: |#| #)\d{1,4})?"
# These stand alone.
_MARKS = {"无": "无|空|没有", "none": "NONE|NULL|NIL|N/A", "0": "0+", "-": r"[-–—_/\\.?*]+"}
_NOT_KNOWN = {*_MARKS, "匿名", "未登记", "フリー", "비회원", "no name", "anonymous", "laufkunde"}
_LOOKS = {
    **{
        name: re.compile(f"(?:{words}){_NUMBER_APART if name.isascii() else _NUMBER}") for name, words in _WORDS.items()
    },
    **{name: re.compile(words) for name, words in _MARKS.items()},
}


# Nearly all clients are none of them: one look tells.
_ANY = re.compile("|".join(f"(?:{look.pattern})" for look in _LOOKS.values()))


def word_for_nobody(key: str) -> str | None:
    """The name of the word that the key of a client's number is, None if it may be somebody."""
    if len(key) > LONGEST_WORD:
        return None
    spaced = " ".join(key.replace("-", " ").split()) or key
    if not (_ANY.fullmatch(key) or (spaced != key and _ANY.fullmatch(spaced))):
        return None
    return next(name for name, look in _LOOKS.items() if look.fullmatch(key) or look.fullmatch(spaced))


class Nobody:
    """Which clients of a file are none: by a well-known word, or because the user said so."""

    def __init__(self, context: ImportContext) -> None:
        self._questions = context.questions
        self._country = current_chain().country
        answers = context.options.answers
        # By the key of the number, the name that was answered about.
        self._answered = {
            client_key(name, self._country): name
            for topic, _colon, name in (key.partition(":") for key, answer in answers.items() if answer == NOBODY)
            if topic == "client"
        }
        # Rows by name, and what is written there.
        self._rows: Counter[str] = Counter()
        self._written: dict[str, dict[str, None]] = {}
        # Written as codes, WALK_IN: a till has such a client among others.
        self._codes: set[str] = set()

    def name_of(self, key: str) -> str | None:
        """The name of the question by which a client is none."""
        word = word_for_nobody(key)
        if word is not None:
            self._written.setdefault(word, {})
            return None if self._questions.answers.get(f"client:{word}") == CLIENT else word
        if key not in self._answered and "_" in key and word_for_nobody(key.replace("_", " ")):
            self._codes.add(key)
        return self._answered.get(key)

    def is_walk_in(self, name: str) -> bool:
        """A word for those who only come by; one that says that a name is not known may be the name of somebody."""
        word = self.name_of(client_key(name.strip(), self._country)) if name.strip() else None
        return word is not None and word not in _NOT_KNOWN

    def count(self, cells: Sequence[str]) -> None:
        """Of rows that were read as nobody's."""
        for cell, rows in Counter(cells).items():
            name = self.name_of(client_key(cell.strip(), self._country))
            if name is not None:
                self._rows[name] += rows
                written = self._written.setdefault(name, {})
                if len(written) < EXAMPLES:
                    written[cell.strip()] = None

    def ask(self) -> None:
        """Shows what was read as nobody. Of whom the register has under such a word there are visits already: asked."""
        keys = {client_key(text, self._country) for written in self._written.values() for text in written}
        registered = Client.known.filter(ref_key__in=keys).values_list("ref_key", flat=True)
        known = {word_for_nobody(key) for key in registered if key}
        for name, written in self._written.items():
            question = who_is(name, rows=self._rows[name], examples=tuple(written))
            if name not in known:
                reason = _("The word is for sales to people who do not say who they are.")
                question = replace(question, taken=NOBODY, reason=reason)
            self._questions.ask(question)
        for code in sorted(self._codes):
            reason = _("It is written as a code, like the number of a client.")
            self._questions.ask(replace(who_is(code, rows=0), taken=CLIENT, proposed=None, reason=reason))


def who_is(name: str, *, rows: int, examples: tuple[str, ...] = ()) -> Question:
    """Whether a client is a person; the user has to say."""
    text = _("Is “%s” a client, or does it stand where nobody is known?") % name
    choices = (Choice(NOBODY, _("Nobody is known")), Choice(CLIENT, _("A client like any other")))
    effect = _("Rows of nobody count in revenue and visits, and in no rate of clients who come back.")
    return Question(f"client:{name}", text, choices, proposed=NOBODY, rows=rows, examples=examples, effect=effect)


class KeysOfSomebody(ClientKeys):
    """Words for nobody are read as no client."""

    def __init__(self, nobody: Nobody) -> None:
        super().__init__()
        self._nobody = nobody

    def key_of(self, text: str) -> str:
        key = super().key_of(text)
        return "" if self._nobody.name_of(key) is not None else key
