// The parameters of a search space as plain JSON. What they may be is checked in check-parameter.ts.

/** One value of a categorical parameter. */
export type Choice = string | number | boolean | null;

/** Parameters by name: what a trial is run with. */
export type Params = Readonly<Record<string, Choice>>;

interface Conditional {
  /** The parameter exists only where every named parameter exists and has one of the listed values. */
  readonly when?: Readonly<Record<string, readonly Choice[]>>;
}

/** A number in [min, max]; with `log` searched on a logarithmic scale, with `step` one of min, min + step, ... */
export interface FloatParameter extends Conditional {
  readonly type: "float";
  readonly min: number;
  readonly max: number;
  readonly log?: boolean;
  readonly step?: number;
}

/** A whole number in [min, max]; with `log` searched on a logarithmic scale. */
export interface IntParameter extends Conditional {
  readonly type: "int";
  readonly min: number;
  readonly max: number;
  readonly log?: boolean;
}

/** One of some values without order. */
export interface CategoricalParameter extends Conditional {
  readonly type: "categorical";
  readonly choices: readonly Choice[];
}

/** The declaration of one parameter to search. */
export type Parameter = FloatParameter | IntParameter | CategoricalParameter;

/** Declarations by name. */
export type SpaceSpec = Readonly<Record<string, Parameter>>;
