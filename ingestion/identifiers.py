"""Column names that look like a direct identifier, or free text that may hold one, in English and
French. What cells hold is looked at by `identifying_values`.

An undeclared column of such a name is not kept: a registry that adds the patients' names to its
export must not put them into raw before somebody reads the warning. A contract that declares the
column decides.
"""

from __future__ import annotations

import re
import unicodedata

_WORD_LIST = """
    name names nom noms prenom prenoms surname surnames lastname firstname forename forenames
    givenname familyname maidenname middlename fullname patientname birthname initials initiales
    nir ssn insee ins nhs mrn ipp nip nda iep niss bsn passport passeport iban
    email mail courriel mel phone telephone tel mobile portable fax
    address addresses adresse adresses street rue postcode zipcode codepostal
    medecin medecins doctor physician praticien investigateur investigator matricule
    commentaire commentaires comment comments remarque remarques remark remarks freetext textelibre
    dob ddn birthdate birthday datenaissance dateofbirth nationalid nationalnumber
"""
_WORDS = frozenset(_WORD_LIST.split())
_PAIRS = (
    {"birth", "date"},
    {"date", "naissance"},
    {"date", "birth"},
    {"naissance"},
    {"social", "security"},
    {"securite", "sociale"},
    {"code", "postal"},
    {"zip", "code"},
    {"national", "id"},
    {"national", "number"},
    {"national", "patient"},
    {"hospital", "id"},
    {"patient", "id"},
    {"patient", "number"},
    {"no", "patient"},
    {"free", "text"},
    {"texte", "libre"},
)


def looks_direct(header: str) -> bool:
    """Whether a header reads like a name, an address, a contact, a number of a person, a birth
    date or a remark in words."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    plain = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z]+", plain)
    if not _WORDS.isdisjoint(words) or "".join(words) in _WORDS:
        return True
    return any(pair <= set(words) for pair in _PAIRS)
