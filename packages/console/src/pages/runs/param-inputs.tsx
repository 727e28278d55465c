// Inputs for an estimator's parameters, made from the catalogue: kind, default, what is allowed, and what each does.

import { Checkbox, NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import type { CatalogueEntry } from "@massif/api";

export type ParamValues = Readonly<Record<string, ParamValue>>;
type ParamValue = number | boolean | string | string[] | null;
type Param = CatalogueEntry["params"][string];

interface ParamInputsProps {
  readonly params: CatalogueEntry["params"];
  /** Only those that differ from the defaults. */
  readonly values: ParamValues;
  readonly onChange: (values: ParamValues) => void;
}

export function ParamInputs({ params, values, onChange }: ParamInputsProps) {
  const set = (name: string, value: ParamValue | undefined) => {
    const { [name]: _, ...others } = values;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {Object.entries(params).map(([name, param]) => (
        <ParamInput key={name} name={name} param={param} value={values[name]} onChange={(value) => set(name, value)} />
      ))}
    </SimpleGrid>
  );
}

// Internal

interface ParamInputProps {
  readonly name: string;
  readonly param: Param;
  readonly value: ParamValue | undefined;
  /** Undefined: the default. */
  readonly onChange: (value: ParamValue | undefined) => void;
}

function ParamInput({ name, param, value, onChange }: ParamInputProps) {
  const about = { label: name, description: docOf(param) };
  const standard = param.default === null ? "none" : String(param.default);
  switch (param.type) {
    case "boolean":
      return (
        <Checkbox
          {...about}
          checked={(value ?? param.default) === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...about}
          data={param.choices ?? []}
          value={String(value ?? param.default)}
          onChange={(next) => onChange(next ?? undefined)}
          allowDeselect={false}
        />
      );
    case "int":
    case "float":
      return (
        <NumberInput
          {...about}
          placeholder={standard}
          value={typeof value === "number" ? value : ""}
          allowDecimal={param.type === "float"}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    default:
      return (
        <TextInput
          {...about}
          placeholder={standard}
          value={Array.isArray(value) ? value.join(", ") : String(value ?? "")}
          onChange={(event) => onChange(textValue(event.currentTarget.value, param.type))}
        />
      );
  }
}

function textValue(text: string, type: Param["type"]): ParamValue | undefined {
  if (text === "") return undefined;
  return type === "strings" ? text.split(",").map((part) => part.trim()) : text;
}

/** What it does, and what it may be where the input does not show that by itself. */
function docOf({ doc, type, allowed }: Param): string {
  const plain = doc.replaceAll("`", "");
  return type === "boolean" || type === "choice" ? plain : `${plain.replace(/\.$/, "")}: ${allowed}.`;
}
