"""A day's work at the demo company's desk, so that every page has something to show: `python -m tests.journeys.busy`.

What a day leaves at a desk: answers, promises by word, exceptions asked for and decided, a rule said to be in the way and a
change of it proposed, decisions sought higher up, problems, a visit, thanks, a report, a reply template, a draft of the
playbook, a file brought in, a key, and a customer's link. Prints the customer's link, one of an invitation, and one of a way back.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")
django.setup()

from django.conf import settings  # noqa: E402

from aboveboard.desk.cases import actions as cases  # noqa: E402
from aboveboard.desk.cases import models as case_models  # noqa: E402
from aboveboard.desk.cases import rules as case_rules  # noqa: E402
from aboveboard.desk.customer_page import actions as customer_page  # noqa: E402
from aboveboard.desk.escalations import actions as escalations  # noqa: E402
from aboveboard.desk.followups import actions as followups  # noqa: E402
from aboveboard.desk.followups import models as followup_models  # noqa: E402
from aboveboard.desk.imports import actions as imports  # noqa: E402
from aboveboard.desk.messages import actions as messages  # noqa: E402
from aboveboard.desk.messages import rules as message_rules  # noqa: E402
from aboveboard.desk.people import actions as people_actions  # noqa: E402
from aboveboard.desk.people import models as people_models  # noqa: E402
from aboveboard.desk.people import queries as people_queries  # noqa: E402
from aboveboard.desk.people import rules as people  # noqa: E402
from aboveboard.desk.playbook import actions as playbook  # noqa: E402
from aboveboard.desk.playbook import queries as playbooks  # noqa: E402
from aboveboard.desk.policies import actions as policies  # noqa: E402
from aboveboard.desk.problems import actions as problems  # noqa: E402
from aboveboard.desk.problems import rules as problem_rules  # noqa: E402
from aboveboard.desk.procedures import actions as procedures  # noqa: E402
from aboveboard.desk.promises import tasks as promises  # noqa: E402
from aboveboard.desk.recognition import actions as recognition  # noqa: E402

NOW = datetime.now(UTC)
FILE = (
    "order,ordered,shipped,store\n1001,2025-03-03 10:00,2025-03-04 09:00,Northgate\n"
    "1002,2025-03-03 11:30,2025-03-06 16:00,Northgate\n"
)


def person(name: str) -> people.Person:
    """Whoever of the demo's people is called so."""
    return people_queries.person(user=people_models.User.objects.get(email=f"{name}@example.org"))


def work_on_cases() -> case_models.Case:
    """A case that was decided and told, one in work with a promise by word, one with another team."""
    fred, lea = person("fred"), person("lea")
    people_actions.add_team(by=person("ada"), name="Returns")
    titles = ("The door of the oven is broken", "Nobody called back", "It was to come on Tuesday")
    one, two, three = (
        cases.open_case(
            by=fred,
            opening=case_rules.Opening(
                title=title,
                words=f"{title}. What now?",
                customer=f"customer-{number}",
                team="Northgate",
                channel="phone",
            ),
            now=NOW,
        )
        for number, title in enumerate(titles)
    )
    for case in (one, two):
        cases.take_step(by=fred, case=case.pk, step="acknowledge", text="", version=None, now=NOW)
        cases.take_step(by=fred, case=case.pk, step="work", text="", version=None, now=NOW)
    cases.assign(by=lea, case=two.pk, to=fred.id, version=None, now=NOW)
    promised = [
        message_rules.promise(kind="call", text="I will call you back within two hours.", due=NOW + timedelta(hours=2), now=NOW)
    ]  # fmt: skip
    messages.send(
        by=fred, matter=cases.matter(two), text="I have asked the depot. I will call you back within two hours.",
        channel="phone", promises=promised, token="busy-1", now=NOW,
    )  # fmt: skip
    messages.note(
        by=fred, matter=cases.matter(two), text="The depot has had no van since Monday.", token="busy-2", now=NOW
    )
    cases.decide(
        by=lea, case=one.pk, decision="You get a new door, fitted on Friday.", reason="It broke on our van.",
        recourse="The ombudsman for household goods.", version=None, now=NOW,
    )  # fmt: skip
    cases.hand_over(by=lea, case=three.pk, team="Returns", why="The door is with them.", version=None, now=NOW)
    return one


def bend_rules() -> None:
    """Exceptions of both ends, a rule in the way, a proposal."""
    fred, olga = person("fred"), person("olga")
    policy = next(iter(playbooks.current(now=NOW).policies))
    case = case_models.Case.objects.order_by("pk")[0]
    for number, amount in enumerate(("5", "900")):
        matter = people.Matter(f"order:busy-{number}", case.customer, case.team, case.channel)
        reason = "She waited for three weeks."
        policies.ask(by=fred, matter=matter, policy=policy, amount=Decimal(amount), reason=reason, now=NOW)
    policies.suggest(by=fred, rule=f"policy:{policy}", text="It takes two days to give ten pounds back.", now=NOW)
    policies.propose(
        by=olga, kind="", about={}, sentence="Let the frontline decide up to fifty.", rule=f"policy:{policy}", now=NOW
    )


def seek_higher_up() -> None:
    """A decision that waits higher up, and one that was made."""
    fred, lea = person("fred"), person("lea")
    policy = next(iter(playbooks.current(now=NOW).policies))
    for number in (1, 2):
        matter = people.Matter(f"order:higher-{number}", f"customer-{number}", "Northgate", "phone")
        made = escalations.escalate(
            by=fred, matter=matter, asks="She wants the whole price back.", tried="I offered a voucher.", policy=policy,
            amount=Decimal(60 * number), now=NOW,
        )  # fmt: skip
    escalations.take(by=lea, escalation=made.pk, now=NOW)


def mend() -> None:
    """A problem by hand with a criterion and a change, and one made of a finding."""
    cora, before = person("cora"), NOW - timedelta(minutes=1)
    by_hand = problems.open_problem(
        by=cora,
        title="Doors break on the van",
        breaks="A door is cracked when it is unpacked.",
        team="Northgate",
        now=before,
    )
    case = case_models.Case.objects.order_by("pk")[0]
    problems.add_matter(by=cora, problem=by_hand.pk, subject=cases.matter(case).subject, now=NOW)
    judged_by = problem_rules.Yardstick("at most", 3, by_hand.target, 8)
    problems.set_criterion(by=cora, problem=by_hand.pk, yardstick=judged_by, now=before)
    problems.make(by=cora, problem=by_hand.pk, what="Doors travel upright.", now=NOW)
    finding = followup_models.Followup.objects.filter(found=True).order_by("-weight")[1]
    problems.open_problem(
        by=cora, title="It comes again and again", breaks="See the finding.", finding=finding.pk, now=NOW
    )


def among_colleagues() -> None:
    """Thanks and a report."""
    fred, lea = person("fred"), person("lea")
    recognition.thank(by=lea, to=fred.id, text="You stayed until the fitter was there.", now=NOW)
    recognition.thank(by=fred, to=lea.id, text="You took the call about the door.", now=NOW)
    recognition.report(by=fred, kind="abuse", concerns=fred.id, text="He shouted for ten minutes.", now=NOW)


def keep_house() -> tuple[str, str]:
    """A template, a draft, a file, a key, a finding with an owner; an invitation and a way back."""
    cora, olga, ada = person("cora"), person("olga"), person("ada")
    messages.save_template(
        by=olga, name="Where it is", text="Your order is at {{ place }}. It comes on {{ day }}.", now=NOW
    )
    held = playbooks.in_force(now=NOW)
    assert held
    playbook.keep_draft(by=cora, text=held.text.replace("organisation:", "# A draft.\norganisation:", 1), now=NOW)
    imports.keep(
        by=cora, name="orders.csv", chunks=[FILE.encode()], timezone="Europe/London",
        folder=Path(settings.FOUND.folder), now=NOW,
    )  # fmt: skip
    people_actions.make_key(by=ada, name="The tills", scopes=["events"], expires_at=None, now=NOW)
    finding = followup_models.Followup.objects.filter(found=True).order_by("-weight")[0]
    followups.own(by=cora, finding=finding.pk, owner=cora.id, now=NOW)
    followups.move(by=cora, finding=finding.pk, to="accepted", says="It is so.", now=NOW)
    invited = people_actions.invite(by=ada, email="ned@example.org", role="frontline", team=None, now=NOW)
    back = people_actions.let_back_in(by=ada, user=person("audrey").id, now=NOW)
    return invited, back


def visit() -> None:
    """A visit that has begun, where the playbook has a procedure for it."""
    fred = person("fred")
    for procedure in list(playbooks.current(now=NOW).procedures)[:1]:
        procedures.begin(
            by=fred, procedure=procedure, matter=people.Matter("", "customer-1", "Northgate", None), now=NOW
        )


if __name__ == "__main__":
    case = work_on_cases()
    bend_rules()
    seek_higher_up()
    mend()
    among_colleagues()
    visit()
    invited, back = keep_house()
    link = customer_page.make(by=person("lea"), case=case.pk, now=NOW)
    promises.advance(now=NOW)
    print(f"/c/{link}/\n/join/{invited}\n/back/{back}")
