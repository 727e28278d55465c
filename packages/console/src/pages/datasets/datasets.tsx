// Data sets: the list, and one of them.
import { Route, Switch } from "wouter";
import { DatasetList } from "./dataset-list.tsx";
import { DatasetPage } from "./dataset-page.tsx";

export function Datasets() {
  return (
    <Switch>
      <Route path="/datasets/:name">{({ name }) => <DatasetPage key={name} name={name} />}</Route>
      <Route component={DatasetList} />
    </Switch>
  );
}
