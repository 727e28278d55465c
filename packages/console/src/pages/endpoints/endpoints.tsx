// Endpoints: the list, the form that deploys, and one of them.
import { Route, Switch } from "wouter";
import { DeployForm } from "./deploy-form.tsx";
import { EndpointList } from "./endpoint-list.tsx";
import { EndpointPage } from "./endpoint-page.tsx";

export function Endpoints() {
  return (
    <Switch>
      <Route path="/endpoints/new/:model?/:version?">
        {({ model, version }) => (
          <DeployForm model={model} version={version === undefined ? undefined : Number(version)} />
        )}
      </Route>
      <Route path="/endpoints/:name">{({ name }) => <EndpointPage key={name} name={name} />}</Route>
      <Route component={EndpointList} />
    </Switch>
  );
}
