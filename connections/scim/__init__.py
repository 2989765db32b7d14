"""SCIM 2.0 (RFC 7643, 7644): an identity provider keeps people and departments up to date.

The protocol is scim2-server's; here is what its resources mean: a User is an account, a Group a
department. docs/scim.md is for those who connect a provider.
"""
