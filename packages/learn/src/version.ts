/** The version of Massif that model files name; a test holds it to the package's own. */
export const VERSION = "0.1.0";
