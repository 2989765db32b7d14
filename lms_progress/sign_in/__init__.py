"""Signing in through an organisation's own provider: OIDC and SAML (docs/signing-in.md)."""
