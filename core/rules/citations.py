"""The sentences of the source document that rules and limits cite, word for word."""

from functools import cache

from core.rules.results import Citation

_SENTENCES = {
    "A1": (
        "Every customer administrator on the Cisco Calling Plan can provision and manage Business Text "
        "Messaging centrally in Control Hub."
    ),
    "P1": "A Cisco Calling Plan in the United States or Canada is required.",
    "P2": "Enterprise customers only. Online customers and trial customers cannot use it today.",
    "P3": (
        "Every user must have a primary phone number (TN) assigned by the Cisco Calling Plan in a location in"
        " the US or Canada; otherwise that user cannot use business texting."
    ),
    "P4": "Webex app version 42.12 or later is required.",
    "P5": "The location must be configured with Cisco PSTN.",
    "P6": (
        "The business-texting add-on to the Cisco Calling Plan must be bought, and the brand and the campaign"
        " registered (10DLC registration)."
    ),
    "B1": "End users: reach and be reached by customers by text, an effective channel used worldwide.",
    "B2": "End users: use the business persona and the work number instead of personal information.",
    "B3": "End users: use it from the familiar Webex app.",
    "B4": "Administrators: set it up and manage it in Control Hub.",
    "B5": "Administrators: add this customer channel without additional cost.",
    "B6": "Administrators: the same business compliance and retention as for other channels applies to texts.",
    "B7": "HIPAA compliance for healthcare customers is NOT supported.",
    "O1": (
        "An administrator can enable business texting for the whole organization. This is for customers with "
        "an existing Cisco Calling Plan in the US or Canada."
    ),
    "O2": (
        'Calling → Service settings → Business Text Messaging provisioning → toggle "Enable business text '
        "messaging for all users in the location(s)\". With it, the organization's users can use the feature."
    ),
    "O3": "If a user has a custom setting, the user's setting takes precedence over the organization's setting.",
    "O4": "It can be enabled for particular users of the organization.",
    "U1": "If business texting is available in the user's location, it can be enabled for that user's account.",
    "U2": (
        "With it the user can reach people by text at any time (U2a) and protect personal information such as"
        " the personal name or number behind the business persona (U2b)."
    ),
    "U3": (
        "Users → the user → Calling → Business Text Messaging → toggle, with two choices: *use the "
        "organization's default setting* (U3a) or *override the default setting* (U3b)."
    ),
    "U4": "The user can then send and receive texts from the Webex app.",
    "L1": (
        "Business texting for Webex Calling is fully standards-compliant. By default every customer's "
        "business texts are retained for 400 days."
    ),
    "L2": "At first, the retention period cannot be customized in Control Hub.",
    "L3": "The Events API and eDiscovery are not available today.",
    "L4": "MMS and international texts (incoming and outgoing) are not supported.",
    "L5": "The number of text messages is not unlimited.",
    "L6": (
        "Cisco, its vendors or the destination carrier may block or throttle texting traffic that does not "
        "conform to appropriate use, including but not limited to fraud (L6a), excessive volume or bursts "
        "(L6b), spam (L6c) and illegal or inappropriate content (L6d). The decision to block is at the sole "
        "discretion of Cisco or its vendors (L6e). Details are in the offer description."
    ),
    "L7": "Someone who believes they receive spam from a Webex Calling user can report it with a form.",
}

CITATIONS = {source_id: Citation(source_id=source_id, text=text) for source_id, text in _SENTENCES.items()}
"""By id. `U2a`, `L6b` and the like are parts of a sentence: `cite` answers with the whole of it."""

_BEYOND_THE_SOURCE = {
    "EXTENSION": "Our extension: the source document does not speak of it.",
    "47 CFR 64.1200(a)(10)": (
        "Our extension, in our words: a called party may revoke consent in any reasonable manner, and it must be "
        "honored within ten business days."
    ),
    "47 CFR 64.1200(c)(1)": (
        "Our extension, in our words: no solicitation before 8 a.m. or after 9 p.m. at the called party's location."
    ),
}


@cache
def cite(source_id: str) -> Citation:
    """Give a citation by id; a part, such as `L6b`, keeps its id and has the whole sentence's text.

    Raises KeyError for an id that neither the source document nor an extension has.
    """
    if source_id in _BEYOND_THE_SOURCE:
        return Citation(source_id=source_id, text=_BEYOND_THE_SOURCE[source_id])
    return Citation(source_id=source_id, text=CITATIONS[source_id.rstrip("abcde")].text)
