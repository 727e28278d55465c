// How files spell "no value".

/** Fields that mean "no value", outer blanks aside, in every column (NaN included: it is missing, not a number). */
export const MISSING_SPELLINGS: readonly string[] = [
  "",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "nan",
  "NAN",
  "NULL",
  "Null",
  "null",
  "None",
  "-",
  "--",
  "?",
];
