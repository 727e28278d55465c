// Runs: the list, the form that starts one, and one of them.
import { Route, Switch } from "wouter";
import { RunList } from "./run-list.tsx";
import { RunPage } from "./run-page.tsx";
import { TrainingForm } from "./training-form.tsx";

export function Runs() {
  return (
    <Switch>
      <Route path="/runs/new/:dataset?">{({ dataset }) => <TrainingForm dataset={dataset} />}</Route>
      <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
      <Route component={RunList} />
    </Switch>
  );
}
