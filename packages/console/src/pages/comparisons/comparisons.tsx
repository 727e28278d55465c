// Comparisons: the list, the form that starts one, and one of them.
import { Route, Switch } from "wouter";
import { ComparisonForm } from "./comparison-form.tsx";
import { ComparisonList } from "./comparison-list.tsx";
import { ComparisonPage } from "./comparison-page.tsx";

export function Comparisons() {
  return (
    <Switch>
      <Route path="/comparisons/new/:dataset?">{({ dataset }) => <ComparisonForm dataset={dataset} />}</Route>
      <Route path="/comparisons/:id">{({ id }) => <ComparisonPage key={id} id={id} />}</Route>
      <Route component={ComparisonList} />
    </Switch>
  );
}
