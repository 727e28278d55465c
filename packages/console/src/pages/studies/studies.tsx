// Studies: the list, the form that starts one, and one of them.
import { Route, Switch } from "wouter";
import { StudyForm } from "./study-form.tsx";
import { StudyList } from "./study-list.tsx";
import { StudyPage } from "./study-page.tsx";

export function Studies() {
  return (
    <Switch>
      <Route path="/studies/new/:dataset?">{({ dataset }) => <StudyForm dataset={dataset} />}</Route>
      <Route path="/studies/:name">{({ name }) => <StudyPage key={name} name={name} />}</Route>
      <Route component={StudyList} />
    </Switch>
  );
}
