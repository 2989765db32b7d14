"""Arabic as CLDR has it: weeks begin on Saturday; beside Latin digits, a point marks decimals."""

FIRST_DAY_OF_WEEK = 6
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
