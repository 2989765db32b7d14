"""Email addresses, alike however they are typed."""

from django import forms
from django.db import models

from progress.validation.usernames import normalized_address


class AddressFormField(forms.EmailField):
    def to_python(self, value):
        return normalized_address(super().to_python(value))


class AddressField(models.EmailField):
    """Normalised wherever it enters: by a form, the API, an import or a command."""

    def to_python(self, value):
        return normalized_address(value) if isinstance(value, str) else super().to_python(value)

    def get_prep_value(self, value):
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, model_instance, add):
        model_instance.email = self.to_python(model_instance.email)
        return model_instance.email

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": AddressFormField} | kwargs)

    def deconstruct(self):
        # The column is Django's: no migration has to know this class.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
