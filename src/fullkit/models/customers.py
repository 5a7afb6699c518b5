"""Who we serve. A customer has contacts and a team that shows in its history; it has no owner (R43)."""

from __future__ import annotations

import unicodedata

from django.db import models


def plain(name: str) -> str:
    """A name as it is compared: case, accents' form, punctuation and spacing folded."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


class CustomerSet(models.QuerySet["Customer"]):
    """Questions about customers."""

    def current(self) -> CustomerSet:
        """Those that were not merged into another."""
        return self.filter(merged_into=None)

    def matching(self, words: str) -> CustomerSet:
        """Those whose name or a contact's name, mail or phone begins with or holds these words."""
        words = words.replace("\0", "")
        found = models.Q(pk=None)
        if plain(words):
            found |= models.Q(plain_name__contains=plain(words)) | models.Q(
                contacts__plain_name__contains=plain(words)
            )
        digits = "".join(c for c in words if c.isdigit())
        if len(digits) >= 4:
            found |= models.Q(contacts__digits__contains=digits)
        if words.strip():
            found |= models.Q(contacts__email__istartswith=words.strip())
        return self.current().filter(found).distinct()


class Customer(models.Model):
    """A firm that buys or may buy."""

    name = models.CharField(max_length=200)
    plain_name = models.CharField(max_length=200, db_index=True)
    place = models.CharField(max_length=120, blank=True, default="")
    incumbent = models.BooleanField(default=False)
    """We are its main supplier of what it buys from us (R9)."""
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateTimeField()

    objects = CustomerSet.as_manager()

    class Meta:
        app_label = "fullkit"

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a customer. Personal data: can be exported and erased."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=120)
    plain_name = models.CharField(max_length=120, db_index=True)
    role = models.CharField(max_length=80, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="", db_index=True)
    phone = models.CharField(max_length=40, blank=True, default="")
    digits = models.CharField(max_length=40, blank=True, default="")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "fullkit"

    def __str__(self) -> str:
        return self.name


class Purchase(models.Model):
    """That a customer bought from a product family: what the rule of inertia looks at (R9). A cache of the log."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="purchases")
    family = models.CharField(max_length=80)
    value = models.DecimalField(max_digits=14, decimal_places=2)
    at = models.DateTimeField()

    class Meta:
        app_label = "fullkit"
        indexes = [models.Index(fields=["customer", "family", "at"], name="purchase_history")]
