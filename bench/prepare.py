"""Migrate, set up the company, fill it. Prints its keys as JSON."""

from __future__ import annotations

import dataclasses
import json
import os
import sys

import django


def main() -> None:
    """python -m bench.prepare WAITING EACH"""
    os.environ["DJANGO_SETTINGS_MODULE"] = "fullkit.settings"
    django.setup()
    from django.core.management import call_command

    from bench import company

    call_command("migrate", verbosity=0)
    at = company.now()
    keys = company.found(at)
    company.waiting(int(sys.argv[1]), at=at)
    if int(sys.argv[2]):
        company.opportunities(int(sys.argv[2]), at=at)
    print(json.dumps(dataclasses.asdict(keys)))


if __name__ == "__main__":
    main()
