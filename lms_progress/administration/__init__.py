"""The admin's site, theme and sidebar, and the libraries' own pages in it."""
