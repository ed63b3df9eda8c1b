"""Motions and votes as towns record them that nobody wrote a rule for before."""

import pytest

from tests.minutes import extract

MOTIONS_OF_TOWNS = {
    "seat": (
        (
            "Motion By: Commissioner Precinct 4 Ron Marsh\nSecond By: Commissioner Precinct 2 "
            "Cy Long "
            "Motion: To approve the minutes.\n\nAye: Commissioner Precinct 2 Cy Long\n"
            "  Commissioner Precinct 4 Ron Marsh\n"
        ),
        ("Ron Marsh", "Cy Long", "approve the minutes", "passed", 2, None),
    ),
    "at a time": (
        "Mayor Marsh made a motion at 4:00 p.m. to recess. Mr. Long seconded. Carried 4-0.",
        ("Marsh", "Long", "recess", "passed", 4, 0),
    ),
    "made at a time": (
        "A motion was made at 7:05PM by Marsh to recess. Long seconded the motion. All in favor.",
        ("Marsh", "Long", "recess", "passed", None, 0),
    ),
    "asked for its adoption": (
        (
            "Clm Marsh offered the following resolution and asked for its adoption :\n"
            "RESOLVED , that the Board rest .\n2nd Clm Long\nRoll call vote - all voting Yes\n"
        ),
        ("Marsh", "Long", "the Board rest", "passed", None, 0),
    ),
    "above resolution": (
        (
            "RESOLVED, that the hearing is closed.\nCouncilman Marsh offered the "
            "above-resolution, which "
            "was seconded by Councilman Long and was unanimously adopted.\n"
        ),
        ("Marsh", "Long", "the hearing is closed", "passed", None, 0),
    ),
    "resolved below": (
        (
            "RESOLUTION NO. 5 Introduced by Mr. Marsh who moved its adoption, seconded by Mr. "
            "Long:\n"
            "RESOLVED, that the minutes are approved.\nAdopted by the following vote:\n"
            "Ayes: Mr. Marsh, Mr. Long\nNoes: None\n"
        ),
        ("Marsh", "Long", "the minutes are approved", "passed", 2, 0),
    ),
    "quoted": (
        (
            '2009-193 Moved by Councillor Marsh Seconded by Councillor Long "THAT the minutes be '
            'approved." CARRIED UNANIMOUSLY\n'
        ),
        ("Marsh", "Long", "minutes be approved", "passed", None, 0),
    ),
    "result at the margin": (
        "MOVED BY: COUNCILLOR MARSH\nSECONDED: COUNCILLOR LONG\nThat the agenda be approved\n"
        + " " * 66
        + "CARRIED\n",
        ("MARSH", "LONG", "agenda be approved", "passed", None, None),
    ),
    "disposition": (
        (
            "Moved by Al Marsh          Seconded by Cy Long\n\nThat the agenda be adopted.\n\n"
            "Disposition                        Carried\n"
        ),
        ("Al Marsh", "Cy Long", "agenda be adopted", "passed", None, None),
    ),
    "blank lines in a block": (
        (
            "MOTION:\n\nTHAT Council close the meeting.\n\nRESULT:   CARRIED [UNANIMOUS]\n\n"
            "MOVER:   Al Marsh, Councillor\n\nSECONDER:   Cy Long, Councillor\n\n"
            "FOR:   Marsh, Long\n"
        ),
        ("Al Marsh", "Cy Long", "THAT Council close the meeting", "passed", 2, 0),
    ),
    "numbered below": (
        (
            "Moved by Marsh, seconded by Long, that the meeting be closed to consider the "
            "following:\n\n"
            "1. Human Resources Matter\nMotion Carried Unanimously, By All Members Present\n"
        ),
        ("Marsh", "Long", "meeting be closed to consider the following", "passed", None, 0),
    ),
    "carried that": (
        (
            "Trustee Marsh moved, seconded by Trustee Long, and unanimously carried, that the "
            "minutes be "
            "approved."
        ),
        ("Marsh", "Long", "minutes be approved", "passed", None, 0),
    ),
    "withdrawn": (
        "Mr. Marsh MOVED DENIAL of the sign. Mr. Long seconded. Passed Unanimously.",
        ("Marsh", "Long", "DENIAL of the sign", "passed", None, 0),
    ),
    "seconded without by": (
        "Motion to approve by Marsh, seconded Long, approved unanimously.",
        ("Marsh", "Long", "approve", "passed", None, 0),
    ),
    "dashed pair": (
        "M/s Supervisor Marsh - Supervisor Long to approve the budget. AYES: ALL\n",
        ("Marsh", "Long", "approve the budget", "passed", None, 0),
    ),
    "counts in brackets": (
        "Moved by Marsh, seconded by Long, to rest. Aye: (5). Nay: (0). Motion carried.",
        ("Marsh", "Long", "rest", "passed", 5, 0),
    ),
    "ayes alone": (
        "Present: Marsh, Long.\nMOVED\nby Marsh, seconded by Long, to rest.\nAyes - Marsh, Long.\n",
        ("Marsh", "Long", "rest", "passed", 2, None),
    ),
}


@pytest.mark.parametrize("of", MOTIONS_OF_TOWNS)
def test_motions_as_many_towns_record_them(of):
    text, expected = MOTIONS_OF_TOWNS[of]
    (motion,) = extract(text).motions

    vote = motion.vote
    assert vote is not None
    told_of = motion.mover, motion.seconder, motion.text, vote.result, vote.yes, vote.no
    assert told_of == expected


def test_a_motion_that_was_withdrawn_has_not_the_next_ones_second():
    found = extract(
        "Mr. Marsh moved to rest. Mr. Marsh withdrew the motion. Mr. Doe spoke. Mr. Long seconded. "
        "Passed Unanimously."
    ).motions
    assert not any(motion.seconder or motion.vote for motion in found)


def test_ayes_of_fewer_than_most_members_alone_decide_nothing():
    (motion,) = extract(
        "Present: Marsh, Long, Roe, Doe.\nMoved by Marsh, seconded by Long, to rest.\n"
        "Ayes - Marsh, Long.\n"
    ).motions
    assert motion.vote is None


VOTERS = {
    "initials": (
        (
            "Present: L. Watts, P. Allen, J. Marsh.\nMoved by P. Allen to rest. L. Watts, P. "
            "Allen, and "
            "J. Marsh voted yes. All in favor."
        ),
        "Watts+ Allen+ Marsh+",
    ),
    "the chair's line": (
        (
            "Present: Mayor Marsh, Members Long, Roe.\nMr. Long moved to rest. The vote follows:\n"
            "Ayes: Council Members Long and Roe.\nMayor Marsh.\nNays: None.\nThe motion carried."
        ),
        "Long+ Roe+ Marsh+",
    ),
    "counts behind the names": (
        (
            "Moved by Trustee Long, Seconded by Trustee Roe, to rest.\n"
            "YEAS: Trustee Roe, Trustee Doe 2\n"
            "NAYS: None 0\nABSTAIN: Trustee Marsh\nMOTION PASSED\n"
        ),
        "Roe+ Doe+ Marsh~",
    ),
    "in favor": (
        (
            "Present: Long, Roe, Marsh.\nLong moved to rest, Roe seconded. Long and Roe were in "
            "favor, "
            "Marsh abstained. Motion passed."
        ),
        "Long+ Roe+ Marsh~",
    ),
    "given names": (
        (
            "Present: Zon Long, Edee Roe, Pat Marsh.\nEdee moved to rest, Zon seconded. Zon and "
            "Edee were "
            "in favor, Pat abstained. Motion passed."
        ),
        "Long+ Roe+ Marsh~",
    ),
    "marks": (
        (
            "Present: Long, Roe, Doe. Absent: Marsh\nMotion to rest\nProposed By: Long\n"
            "Seconded By: Roe\n\nNAME      MOTION  AYE  NAY  ABSTAIN  ABSENT\n"
            "Long       1st     X\nRoe        2nd     X\nDoe                     X\n"
            "Marsh                                  X\n"
        ),
        "Long+ Roe+ Doe- Marsh0",
    ),
    "marks askew": (
        (
            "Present: Long, Roe, Doe. Absent: Marsh\nMotion to rest\nProposed By: Long\n"
            "Seconded By: Roe\n\nNAME      MOTION  AYE  NAY  ABSTAIN  ABSENT\n"
            "Long       1st     X\nRoe        2nd           X   X\nDoe                     X\n"
        ),
        "",
    ),
}


@pytest.mark.parametrize("of", VOTERS)
def test_who_voted_how_as_many_towns_record_it(of):
    text, expected = VOTERS[of]
    (motion,) = extract(text).motions

    signs = {"yes": "+", "no": "-", "abstain": "~", "absent": "0"}
    casts = motion.vote.casts if motion.vote else []
    assert " ".join(cast.name.split()[-1] + signs[cast.option] for cast in casts) == expected
