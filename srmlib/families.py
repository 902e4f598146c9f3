"""The families that a framework sorts its controls into: what tables and charts group them by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from srmlib.schema import Control

NIST_FAMILIES = {
    "AC": "Access Control", "AT": "Awareness and Training", "AU": "Audit and Accountability",
    "CA": "Assessment, Authorization, and Monitoring", "CM": "Configuration Management",
    "CP": "Contingency Planning", "IA": "Identification and Authentication", "IR": "Incident Response",
    "MA": "Maintenance", "MP": "Media Protection", "PE": "Physical and Environmental Protection",
    "PL": "Planning", "PM": "Program Management", "PS": "Personnel Security",
    "PT": "PII Processing and Transparency", "RA": "Risk Assessment",
    "SA": "System and Services Acquisition", "SC": "System and Communications Protection",
    "SI": "System and Information Integrity", "SR": "Supply Chain Risk Management",
}  # fmt: skip
HIPAA_FAMILIES = {
    "164.308": "Administrative safeguards", "164.310": "Physical safeguards",
    "164.312": "Technical safeguards", "164.314": "Organizational requirements",
    "164.316": "Policies, procedures, documentation",
}  # fmt: skip
CSF_FAMILIES = {
    "GV": "Govern", "ID": "Identify", "PR": "Protect", "DE": "Detect", "RS": "Respond", "RC": "Recover",
}  # fmt: skip
# The last article of each chapter; of the chapter on controllers, of each section.
GDPR_FAMILIES = {
    4: "General provisions", 11: "Principles", 23: "Rights of the data subject",
    31: "General obligations", 34: "Security of personal data", 36: "Impact assessment",
    39: "Data protection officer", 43: "Codes and certification", 50: "Transfers",
}  # fmt: skip


NAMES = {
    "nist-800-53-r5": NIST_FAMILIES, "hipaa-security-rule": HIPAA_FAMILIES, "nist-csf-2": CSF_FAMILIES,
}  # fmt: skip
# What a control's id begins with; the names of these frameworks' parts are their publishers'.
SIGNS = {
    "hipaa-security-rule": r"164\.\d+", "pci-dss-4": r"[A-Z]?\d+", "iso-27001-2022": r"A\.\d+",
    "soc-2": r"[A-Z]+\d+", "cis-aws-foundations-3": r"\d+",
}  # fmt: skip
WORDS = {"pci-dss-4": "Requirement ", "cis-aws-foundations-3": "Section "}
ANY_SIGN = r"[A-Za-z&]+|\d+"


class Family(NamedTuple):
    """A part of a framework: the sign that its controls begin with, and its name where it is free."""

    sign: str
    name: str

    def __str__(self) -> str:
        return f"{self.sign} {self.name}".strip()


def find_family(framework: str, control: str) -> Family:
    """The family of a control; in a framework of one's own, what its id begins with."""
    if framework == "gdpr" and (found := re.match(r"Art\. (\d+)", control)):
        return _find_chapter(int(found[1]))
    found = re.match(SIGNS.get(framework, ANY_SIGN), control)
    sign = found[0] if found else control
    name = NAMES.get(framework, {}).get(sign, "")
    return Family(WORDS.get(framework, "") + sign, name)


def group_controls(framework: str, controls: Iterable[Control]) -> dict[Family, list[Control]]:
    """The controls by family, both in the framework's own order."""
    grouped: dict[Family, list[Control]] = {}
    for control in controls:
        grouped.setdefault(find_family(framework, control.control), []).append(control)
    return grouped


def _find_chapter(article: int) -> Family:
    first = 1
    for last, name in GDPR_FAMILIES.items():
        if article <= last:
            return Family(f"Art. {first}–{last}", name)
        first = last + 1
    return Family(f"Art. {first}–", "")
