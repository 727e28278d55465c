// Checks of learned state: it is data, it is complete, and a damaged one is refused before it can do harm.
import type { Component, FittedState, Tensor } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { type Check, type CheckRuntimes, ensure, hashState, requireError } from "./check.ts";

/** Checks of the state of the component that `make` makes and `fit` fits. */
export function stateChecks(make: () => Component, fit: (runtimes: CheckRuntimes) => Promise<Component>): Check[] {
  return [
    {
      name: "gives a state of tensors and JSON that another instance takes over whole",
      run: async (runtimes) => {
        const state = (await fit(runtimes)).getState();
        const meta = JSON.parse(JSON.stringify(state.meta));
        ensure(JSON.stringify(meta) === JSON.stringify(state.meta), "the meta part is not JSON");
        for (const [name, { shape, data }] of Object.entries(state.tensors)) {
          const size = shape.reduce((product, extent) => product * extent, 1);
          ensure(size === data.length, `tensor "${name}" has shape [${shape}] and ${data.length} elements`);
        }
        const other = make();
        other.setState({ tensors: state.tensors, meta });
        ensure((await hashState(other.getState())) === (await hashState(state)), "the state changed on its way");
      },
    },
    {
      name: "refuses a state that lacks a tensor or has one cut short, with ShapeError",
      run: async (runtimes) => {
        const state = (await fit(runtimes)).getState();
        for (const [what, damaged] of damages(state)) {
          await requireError([ShapeError], () => make().setState(damaged), what);
        }
      },
    },
    {
      name: "refuses a state without one of its values, or does well without it",
      run: async (runtimes) => {
        const state = (await fit(runtimes)).getState();
        for (const name of Object.keys(state.meta)) {
          const { [name]: _, ...others } = state.meta;
          try {
            make().setState({ ...state, meta: others });
          } catch (error) {
            if (!(error instanceof ShapeError))
              throw new Error(`without "${name}": ${String(error)}`, { cause: error });
          }
        }
      },
    },
  ];
}

// Internal

function* damages(state: FittedState): Generator<[string, FittedState]> {
  for (const name of Object.keys(state.tensors)) {
    const { [name]: tensor, ...others } = state.tensors;
    yield [`without tensor "${name}"`, { ...state, tensors: others }];
    if (tensor.data.length > 0) {
      const cut: Tensor = { shape: [tensor.data.length - 1], data: tensor.data.slice(1) };
      yield [`with tensor "${name}" cut short`, { ...state, tensors: { ...others, [name]: cut } }];
    }
  }
}
